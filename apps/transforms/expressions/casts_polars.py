"""Casts on Polars, by the rules of the contract: ISO 8601, nothing trimmed, floats truncate, NaN is no integer.

`lenient` answers null for what does not fit; raising for it is the caller's business, except where Polars'
own strict cast says the same (`is_native`).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from apps.nodes.columns import BOOLEAN, DataType

_DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME: Final = r"^[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?$"
_STAMP: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?$"
_ZONED: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)$"
)
_DURATION: Final = r"^-?P(?:(?:[0-9]+W)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]{1,6})?S)?)?)$"
_NUMBER: Final = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"


def is_native(source: DataType, target: DataType) -> bool:
    """Whether Polars' own cast, strict or not, has the right meaning."""
    if source.name == "null":
        return True
    if source.is_numeric:
        return target.is_numeric or target.is_text
    if source.is_text:
        return target.is_integer or target.is_float or target.name == "binary"
    return source == BOOLEAN and ((target.is_numeric and target.name != "decimal") or target.is_text)


def lenient(value: pl.Expr, source: DataType, target: DataType) -> pl.Expr:
    """The value as `target`, null where it does not fit."""
    if source.to_polars() == target.to_polars():
        return value
    if is_native(source, target):
        return value.cast(target.to_polars(), strict=False)
    if source.is_text:
        return _from_text(value, target)
    if target.is_text:
        return _to_text(value, source)
    match source.name, target.name:
        case _, "boolean":
            return value != 0
        case "boolean", "decimal":
            return value.cast(pl.Int8).cast(target.to_polars(), strict=False)
        case "date", "datetime":
            return _zone(value.cast(pl.Datetime("us")), None, target.zone)
        case "datetime", "date":
            return value.dt.date()
        case "datetime", "time":
            return value.dt.time()
        case "datetime", "datetime":
            return _zone(value, source.zone, target.zone)
        case "list", "list":
            assert source.inner is not None
            assert target.inner is not None
            return value.list.eval(lenient(pl.element(), source.inner, target.inner))
    raise TypeError(f"{source} cannot be cast to {target}")


def _from_text(value: pl.Expr, target: DataType) -> pl.Expr:
    match target.name:
        case "boolean":
            lowered = value.str.to_lowercase()
            return pl.when(lowered == "true").then(True).when(lowered == "false").then(False).otherwise(None)
        case "decimal":
            fits = pl.when(value.str.contains(_NUMBER)).then(value)
            return fits.cast(target.to_polars(), strict=False)
        case "date":
            return _matching(value, _DATE).str.to_date("%Y-%m-%d", strict=False)
        case "time":
            clock = _matching(value, _TIME)
            return _with_seconds(clock, 5).str.to_time("%H:%M:%S%.f", strict=False)
        case "datetime" if target.zone is None:
            stamp = _matching(value, _STAMP).str.replace(" ", "T", literal=True)
            whole = pl.when(stamp.str.len_bytes() == 10).then(stamp + pl.lit("T00:00")).otherwise(stamp)
            return _with_seconds(whole, 16).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
        case "datetime":
            stamp = _matching(value, _ZONED).str.replace(" ", "T", literal=True)
            whole = stamp.str.replace(r"^(.{16})(Z|[+-].*)$", "${1}:00${2}")
            parsed = whole.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", strict=False)
            return parsed.dt.convert_time_zone(target.zone or "UTC")
        case "duration":
            return _duration(value)
    raise TypeError(f"text cannot be cast to {target}")


def _matching(value: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(value.str.contains(pattern)).then(value)


def _with_seconds(value: pl.Expr, length: int) -> pl.Expr:
    return pl.when(value.str.len_bytes() == length).then(value + pl.lit(":00")).otherwise(value)


def _duration(value: pl.Expr) -> pl.Expr:
    fits = pl.when(value.str.contains(_DURATION) & value.str.contains("[0-9]")).then(value)
    total = pl.lit(0, dtype=pl.Int64)
    for pattern, microseconds in (
        (r"([0-9]+)W", 604_800_000_000),
        (r"([0-9]+)D", 86_400_000_000),
        (r"T.*?([0-9]+)H", 3_600_000_000),
        (r"T.*?([0-9]+)M", 60_000_000),
    ):
        total = total + fits.str.extract(pattern).cast(pl.Int64, strict=False).fill_null(0) * microseconds
    seconds = fits.str.extract(r"([0-9]+(?:\.[0-9]+)?)S").cast(pl.Float64, strict=False).fill_null(0.0)
    total = total + (seconds * 1_000_000).round(0).cast(pl.Int64)
    signed = pl.when(fits.str.starts_with("-")).then(-total).otherwise(total)
    return pl.when(fits.is_not_null()).then(signed).cast(pl.Duration("us"))


def _to_text(value: pl.Expr, source: DataType) -> pl.Expr:
    match source.name:
        case "date":
            return value.dt.strftime("%Y-%m-%d")
        case "time":
            return value.dt.strftime("%H:%M:%S%.f")
        case "datetime" if source.zone is None:
            return value.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
        case "datetime":
            return value.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.f") + pl.lit("Z")
        case "duration":
            return value.dt.to_string("iso")
        case "binary":
            return value.map_batches(_decoded, return_dtype=pl.String, is_elementwise=True)
    raise TypeError(f"{source} cannot be cast to text")


def _decoded(values: pl.Series) -> pl.Series:
    """Bytes as UTF-8, null where they are none; Polars' own cast, lenient or not, stops at the first that is none."""
    try:
        return values.cast(pl.String)
    except pl.exceptions.PolarsError:
        return pl.Series(values.name, [_utf8(value) for value in values], dtype=pl.String)


def _utf8(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _zone(value: pl.Expr, source: str | None, target: str | None) -> pl.Expr:
    """Between zones the moment stays; to or from none the reading of the clock does."""
    if source == target:
        return value
    if source is None or target is None:
        return value.dt.replace_time_zone(target, ambiguous="earliest", non_existent="null")
    return value.dt.convert_time_zone(target)
