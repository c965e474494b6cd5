"""SQL as text: quoted names, constants that cannot end, types by name."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from apps.nodes.columns import DataType


class NotInSql(Exception):
    """This part of a chain is not known to mean the same in SQL; the message says which."""


_TYPES: Final = {
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "float32": "real",
    "float64": "double precision",
    "string": "text",
    "json": "text",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "binary": "bytea",
    "decimal": "numeric",
}


def sql_type(kind: DataType) -> str:
    """The type that an expression of this type has in SQL; a decimal's digits are not part of it."""
    if kind.name == "datetime":
        return "timestamptz" if kind.zone else "timestamp"
    name = _TYPES.get(kind.name)
    if name is None:
        raise NotInSql(f"{kind} has no counterpart")
    return name


def quoted(name: str) -> str:
    """A name, whatever is in it."""
    if not name or "\x00" in name or len(name.encode()) > 63:  # PostgreSQL cuts longer ones, and two could be one
        raise NotInSql(f"{name[:60]!r} cannot be a name")
    return '"' + name.replace('"', '""') + '"'


def constant(value: Any, kind: DataType) -> str:
    """A constant of that type. Text is quoted so that nothing in it can end it, whatever the settings of the
    session say of backslashes."""
    target = sql_type(kind)
    if value is None:
        return f"NULL::{target}"
    return f"{_quoted_text(_written(value, kind))}::{target}"


def _written(value: Any, kind: DataType) -> str:
    if kind.name == "boolean" and isinstance(value, bool):
        return "true" if value else "false"
    if kind.is_integer and isinstance(value, int):
        return str(value)
    if kind.is_float and isinstance(value, int | float | Decimal):
        return _float(float(value))
    if kind.name == "decimal" and isinstance(value, int | Decimal):
        if not Decimal(value).is_finite():
            raise NotInSql(f"{value} is no decimal")
        return format(Decimal(value), "f")
    if kind.is_text and isinstance(value, str):
        return value
    if kind.name == "datetime" and isinstance(value, datetime) and (value.tzinfo is None) == (kind.zone is None):
        return value.isoformat(" ")
    if kind.name == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if kind.name == "time" and isinstance(value, time) and value.tzinfo is None:
        return value.isoformat()
    raise NotInSql(f"a constant of type {type(value).__name__} as {kind}")


def _float(number: float) -> str:
    if math.isfinite(number):
        return repr(number)
    return "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")


def _quoted_text(text: str) -> str:
    if "\x00" in text:
        raise NotInSql("text with a NUL")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotInSql("text that is not Unicode") from None
    doubled = text.replace("'", "''")
    return "E'" + doubled.replace("\\", "\\\\") + "'" if "\\" in text else f"'{doubled}'"
