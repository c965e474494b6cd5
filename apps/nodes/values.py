"""Rows for JSON, to the letter of the contract ("Values in JSON").

Decimals, and integers beyond ±2^53, are strings; NaN and infinities are the strings `NaN`,
`Infinity`, `-Infinity`; moments are ISO 8601 without a zone, or in UTC with `Z` where they have one,
with a fraction of a second only if it is not zero; binary is base64.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from apps.nodes.columns import Schema

_EXACT = 2**53
Encoder = Callable[[Any], Any]


def encode_rows(frame: pl.DataFrame, schema: Schema | None = None) -> tuple[list[dict[str, str]], list[list[Any]]]:
    """`columns` `[{name, type}]` and `rows` of a frame, ready for JSON.

    `schema` names types that Arrow does not know (json); without it they are read off the frame.
    """
    known = schema if schema is not None else Schema.from_polars(frame.schema)
    types = {column.name: column.type for column in known}
    columns = [
        {"name": name, "type": str(types[name]) if name in types else _type_name(dtype)}
        for name, dtype in frame.schema.items()
    ]
    encoded = [_column(frame.get_column(name)) for name in frame.columns]
    if not encoded:
        return columns, [[] for _ in range(frame.height)]
    return columns, [list(row) for row in zip(*encoded, strict=True)]


def _type_name(dtype: pl.DataType) -> str:
    return str(Schema.from_polars({"": dtype}).columns[0].type)


def _column(series: pl.Series) -> list[Any]:
    encoder = _encoder(series.dtype)
    values = series.to_list()
    if encoder is None:
        return values
    return [None if value is None else encoder(value) for value in values]


_SMALL = (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.Boolean, pl.String, pl.Null)


def _encoder(dtype: pl.DataType) -> Encoder | None:
    """How values of a type are encoded; None where they are fit for JSON as they are."""
    if isinstance(dtype, pl.List | pl.Array):
        inner = _encoder(pl.List(dtype.inner).inner)  # type: ignore[arg-type]
        return None if inner is None else (lambda items: [None if item is None else inner(item) for item in items])
    if dtype.is_integer():
        return None if isinstance(dtype, _SMALL) else _integer
    if isinstance(dtype, _SMALL):
        return None
    return encode_value


def _integer(value: int) -> int | str:
    return value if -_EXACT <= value <= _EXACT else str(value)


def encode_value(value: Any) -> Any:
    """One value, whatever its type."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return _integer(value)
        case float():
            return value if math.isfinite(value) else _not_finite(value)
        case Decimal():
            return format(value, "f")
        case datetime():
            return _moment(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return duration(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case dict():
            return {str(key): encode_value(item) for key, item in value.items()}
        case _:
            return [encode_value(item) for item in value]


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def duration(value: timedelta) -> str:
    """ISO 8601: `P1DT2H3M4.5S`; nothing at all is `PT0S`."""
    microseconds = abs(value) // timedelta(microseconds=1)
    sign = "-" if value < timedelta(0) else ""
    seconds, fraction = divmod(microseconds, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    second = f"{seconds}.{fraction:06d}".rstrip("0") if fraction else str(seconds)
    clock = "".join(
        [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{second}S" if second != "0" else ""]
    )
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text or 'T0S'}"
