"""SQLite's declared types and ours, and the values of both."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import polars as pl

from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.rows import kind_of, shaped, unified
from apps.nodes.columns import (
    BINARY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    FLOAT64,
    INT64,
    JSON,
    STRING,
    TIME,
    DataType,
)

ZONED: Final = DataType("datetime", zone="UTC")
_SIZED: Final = re.compile(r"^(DECIMAL|DECIMALTEXT|NUMERIC)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)$")
_NAMED: Final = {
    "BOOLEAN": BOOLEAN,
    "BOOL": BOOLEAN,
    "DATE": DATE,
    "DATETIME": DATETIME,
    "TIMESTAMP": DATETIME,
    "TIMESTAMP WITH TIME ZONE": ZONED,
    "TIMESTAMPTZ": ZONED,
    "TIME": TIME,
    "DURATION": DURATION,
    "JSON": JSON,
    "JSONB": JSON,
    "BLOB": BINARY,
}
_EXACT_DIGITS: Final = 15


def declared(text: str) -> DataType | None:
    """The type that a declaration means; None where only the values can tell."""
    name = text.strip().upper()
    sized = _SIZED.match(name)
    if sized:
        precision, scale = int(sized[2]), int(sized[3] or 0)
        if 1 <= precision <= 38 and scale <= precision:
            return DataType("decimal", precision=precision, scale=scale)
        return None
    if name in _NAMED:
        return _NAMED[name]
    if "INT" in name:
        return INT64
    if any(part in name for part in ("CHAR", "CLOB", "TEXT", "UUID")):
        return STRING
    if any(part in name for part in ("REAL", "FLOA", "DOUB")):
        return FLOAT64
    return None


def created(kind: DataType) -> str:
    """The declaration of a column that we make. Decimals of more digits than a float holds are kept as
    text: SQLite would round them."""
    if kind.name == "decimal":
        exact = (kind.precision or 38) <= _EXACT_DIGITS
        return f"{'DECIMAL' if exact else 'DECIMALTEXT'}({kind.precision},{kind.scale})"
    if kind.name == "uint64":
        return "DECIMALTEXT(20,0)"
    if kind.is_integer:
        return "INTEGER"
    if kind.is_float:
        return "REAL"
    if kind.name == "datetime":
        return "TIMESTAMP WITH TIME ZONE" if kind.zone else "TIMESTAMP"
    names = {"string": "TEXT", "null": "TEXT", "binary": "BLOB", "list": "JSON"}
    return names.get(kind.name, kind.name.upper())


def guessed(values: Sequence[Any]) -> DataType:
    """The type of a column without a declaration, from the values seen first."""
    found: DataType | None = None
    for value in values:
        found = unified(found, kind_of(value))
    return found or STRING


def _decimal(value: Any) -> decimal.Decimal:
    return decimal.Decimal(str(value))


def _stamp(value: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(value)
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _zoned(value: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(value)
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _whole(value: Any) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ValueError(value)


def _number(value: Any) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise ValueError(value)


def _flag(value: Any) -> bool:
    if value in (0, 1):
        return bool(value)
    known = {"true": True, "false": False, "t": True, "f": False}
    return known[str(value).lower()]


_TO_ARROW: Final[dict[str, Callable[[Any], Any]]] = {
    "int64": _whole,
    "float64": _number,
    "boolean": _flag,
    "decimal": _decimal,
    "date": lambda value: dt.date.fromisoformat(value[:10]) if len(value) == 10 else _stamp(value).date(),
    "time": dt.time.fromisoformat,
    "duration": lambda value: dt.timedelta(microseconds=_whole(value)),
    "binary": lambda value: value if isinstance(value, bytes) else str(value).encode(),
    "json": lambda value: value if isinstance(value, str) else json.dumps(shaped(value, STRING)),
    "string": lambda value: shaped(value, STRING),
}


def series(name: str, values: Sequence[Any], kind: DataType) -> pl.Series:
    """Values as a column. Raises `value_out_of_range`: SQLite lets any value into any column."""
    if kind.name == "datetime":
        read: Callable[[Any], Any] = _zoned if kind.zone else _stamp
    else:
        read = _TO_ARROW[kind.name]
    done = []
    for value in values:
        try:
            done.append(None if value is None else read(value))
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise failure(
                "value_out_of_range",
                f"column {name!r} holds {str(value)[:80]!r}, which is no {kind}",
                remedy="Read it by a query with CAST(column AS TEXT).",
            ) from error
    try:
        return pl.Series(name, done, dtype=kind.to_polars(), strict=True)
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        raise failure("value_out_of_range", f"column {name!r} holds a value that does not fit {kind}") from error


def stored(frame: pl.DataFrame, kinds: dict[str, DataType]) -> pl.DataFrame:
    """Columns as SQLite keeps them: dates and decimals as text, booleans as numbers, lists as JSON."""
    from apps.connectors.sdk.frames import as_json

    changes = []
    for name, kind in kinds.items():
        cell = pl.col(name)
        match kind.name:
            case "decimal" | "uint64" | "date":
                changes.append(cell.cast(pl.String))
            case "boolean":
                changes.append(cell.cast(pl.Int8))
            case "duration":
                changes.append(cell.dt.total_microseconds())
            case "time":
                changes.append(cell.dt.to_string("%H:%M:%S%.6f"))
            case "datetime":
                text = cell.dt.convert_time_zone("UTC") if kind.zone else cell
                changes.append(text.dt.to_string("%Y-%m-%d %H:%M:%S%.6f" + ("+00:00" if kind.zone else "")))
            case "list":
                changes.append(as_json(name, kind.to_polars()))
            case "float32" | "float64":
                _refuse_nan(frame[name])
    return frame.with_columns(changes)


def _refuse_nan(column: pl.Series) -> None:
    if column.is_nan().any():
        raise failure(
            "value_out_of_range", f"column {column.name!r} holds NaN, which SQLite would turn into null",
            remedy="Replace NaN before writing.",
        )  # fmt: skip
