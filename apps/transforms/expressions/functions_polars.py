"""What each function of the table is on Polars. `low.constant` reads arguments that are written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from math import pi
from typing import Final

import polars as pl

from apps.nodes.columns import INT64, DataType
from apps.transforms.expressions import casts_polars
from apps.transforms.expressions.lower_polars import Lowering, bounds
from apps.transforms.expressions.tree import Apply

Lower = Callable[[Lowering, Apply, Sequence[pl.Expr]], pl.Expr]
_UNITS: Final = {
    "microsecond": "us", "millisecond": "ms", "second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w",
    "month": "mo", "quarter": "q", "year": "y",
}  # fmt: skip
_MICROSECONDS: Final = {
    "microsecond": 1, "millisecond": 1_000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000,
    "day": 86_400_000_000, "week": 604_800_000_000,
}  # fmt: skip


def _kind(node: Apply, index: int = 0) -> DataType:
    kind = node.arguments[index].type
    assert kind is not None
    return kind


def _result(node: Apply) -> DataType:
    assert node.type is not None
    return node.type


def _unit(low: Lowering, node: Apply, index: int) -> str:
    return str(low.constant(node.arguments[index])).lower().removesuffix("s")


# numbers ---------------------------------------------------------------------------------------------------


def _float_function(apply: Callable[[pl.Expr], pl.Expr]) -> Lower:
    return lambda _low, _node, x: apply(x[0].cast(pl.Float64))


def _rounding(apply: Callable[[pl.Expr], pl.Expr]) -> Lower:
    """Whole numbers stay; decimals keep their type."""

    def lower(_low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
        kind = _kind(node)
        if kind.is_integer:
            return x[0]
        return apply(x[0]).cast(kind.to_polars()) if kind.name == "decimal" else apply(x[0])

    return lower


def _abs(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    if not _kind(node).is_integer:
        return x[0].abs()
    least, greatest = bounds(node.arguments[0])
    if least > -(2**63) and greatest < 2**63:
        return x[0].cast(pl.Int64).abs()
    return low.fitted(x[0].cast(pl.Int128).abs(), INT64, "overflow", node)


def _round(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    digits, kind = int(low.constant(node.arguments[1]) or 0), _kind(node)
    if kind.is_integer:
        if digits >= 0:
            return x[0]
        unit = 10 ** min(-digits, 20)
        wide = x[0].cast(pl.Int128)
        rounded = (wide.abs() + unit // 2) // unit * unit * wide.sign()
        return low.fitted(rounded, kind, "overflow", node)
    if digits >= 0:
        rounded = x[0].round(digits, mode="half_away_from_zero")
    elif kind.name == "decimal":
        unit = 10 ** min(-digits, 37)
        whole = x[0].round(0, mode="half_away_from_zero").cast(pl.Int128)
        rounded = ((whole.abs() + unit // 2) // unit * unit) * whole.sign()
        return low.fitted(rounded, kind, "overflow", node)
    else:
        unit_float = 10.0**-digits
        rounded = (x[0] / unit_float).round(0, mode="half_away_from_zero") * unit_float
    return rounded.cast(kind.to_polars()) if kind.name == "decimal" else rounded


def _log(_low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    value, base = x[0].cast(pl.Float64), x[1].cast(pl.Float64)
    written = getattr(node.arguments[1], "value", None)
    if written is not None and float(written) == 10.0:
        return value.log10()
    if written is not None and float(written) == 2.0:
        return value.log(2)
    return value.log() / base.log()


def _greatest(_low: Lowering, _node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(lambda best, each: pl.when(best.is_null() | (each > best)).then(each).otherwise(best), x)


def _least(_low: Lowering, _node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(lambda best, each: pl.when(best.is_null() | (each < best)).then(each).otherwise(best), x)


def _clip(_low: Lowering, _node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    value, low, high = x
    return pl.when(value < low).then(low).when(value > high).then(high).otherwise(value)


# text ------------------------------------------------------------------------------------------------------


def _substring(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    start = x[1].cast(pl.Int64)
    return _sliced(low, node, x, pl.when(start > 0).then(start - 1).otherwise(start))


def _sliced(_low: Lowering, node: Apply, x: Sequence[pl.Expr], offset: pl.Expr) -> pl.Expr:
    if _kind(node, 2).name == "null":
        return pl.when(offset.is_not_null()).then(x[0].str.slice(offset))
    length = x[2].cast(pl.Int64)
    sliced = x[0].str.slice(offset, length.clip(0))
    return pl.when(offset.is_not_null() & length.is_not_null()).then(sliced)


def _strip(method: Callable[[pl.Expr, pl.Expr | None], pl.Expr]) -> Lower:
    def lower(_low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
        return method(x[0], None if _kind(node, 1).name == "null" else x[1])

    return lower


def _contains_pattern(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    literal = bool(low.constant(node.arguments[2]))
    return x[0].str.contains(str(low.constant(node.arguments[1])), literal=literal)


def _strpos(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    part = str(low.constant(node.arguments[1]))
    if not part:
        return pl.when(x[0].is_not_null()).then(pl.lit(1, dtype=pl.Int64))
    before = x[0].str.split(part).list.first().str.len_chars().cast(pl.Int64)
    return pl.when(x[0].str.contains(part, literal=True)).then(before + 1).when(x[0].is_not_null()).then(
        pl.lit(0, dtype=pl.Int64)
    )  # fmt: skip


def _pad(at_start: bool) -> Lower:
    def lower(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
        length = max(0, int(low.constant(node.arguments[1])))
        fill = str(low.constant(node.arguments[2]))
        cut = x[0].str.slice(0, length)
        if not fill:
            return cut
        missing = (pl.lit(length, dtype=pl.Int64) - x[0].str.len_chars().cast(pl.Int64)).clip(0)
        padding = pl.lit((fill * length)[:length]).str.slice(0, missing)
        return pl.concat_str([padding, cut] if at_start else [cut, padding])

    return lower


def _repeat(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    times = max(0, int(low.constant(node.arguments[1])))
    return x[0].repeat_by(pl.lit(times)).list.join("", ignore_nulls=False)


def _split_part(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    place = int(low.constant(node.arguments[2]))
    if place == 0:
        return pl.lit(None, dtype=pl.String)
    return x[0].str.split(x[1]).list.get(place - 1 if place > 0 else place, null_on_oob=True)


# dates -----------------------------------------------------------------------------------------------------


def _part(read: Callable[[pl.Expr], pl.Expr]) -> Lower:
    return lambda _low, _node, x: read(x[0]).cast(pl.Int64)


def _stamp(value: pl.Expr, kind: DataType) -> pl.Expr:
    return value.cast(pl.Datetime("us")) if kind.name == "date" else value


def _microseconds(value: pl.Expr, kind: DataType) -> pl.Expr:
    return _stamp(value, kind).dt.timestamp("us")


def _to_date(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    kind = _kind(node)
    if not kind.is_text:
        return x[0].dt.date() if kind.name == "datetime" else x[0].cast(pl.Date)
    layout = str(low.constant(node.arguments[1]))
    if layout == "%Y-%m-%d":
        result = casts_polars.lenient(x[0], kind, DataType("date"))
    else:
        result = x[0].str.to_date(layout, strict=False)
    return low.failing_where(x[0].is_not_null() & result.is_null(), x[0], result, "cast_failed", node)


def _to_datetime(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    result = x[0].str.to_datetime(str(low.constant(node.arguments[1])), time_unit="us", strict=False)
    return low.failing_where(x[0].is_not_null() & result.is_null(), x[0], result, "cast_failed", node)


def _truncate(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    unit = _unit(low, node, 0)
    if _kind(node, 1).name == "date" and unit in ("microsecond", "millisecond", "second", "minute", "hour"):
        return x[1]
    return x[1].dt.truncate(f"1{_UNITS[unit]}")


def _moved(value: pl.Expr, count: pl.Expr, unit: str) -> pl.Expr:
    return value.dt.offset_by(pl.concat_str([count.cast(pl.Int64).cast(pl.String), pl.lit(_UNITS[unit])]))


def _difference(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    unit = _unit(low, node, 0)
    start, end = _stamp(x[1], _kind(node, 1)), _stamp(x[2], _kind(node, 2))
    per_year = {"year": 1, "quarter": 4, "month": 12}.get(unit)
    if per_year is None:
        step = f"1{_UNITS[unit]}"
        passed = end.dt.truncate(step).dt.timestamp("us") - start.dt.truncate(step).dt.timestamp("us")
        return passed // _MICROSECONDS[unit]

    def count(value: pl.Expr) -> pl.Expr:
        part = {"year": pl.lit(0, dtype=pl.Int64), "quarter": value.dt.quarter(), "month": value.dt.month()}[unit]
        return value.dt.year().cast(pl.Int64) * per_year + part.cast(pl.Int64)

    return count(end) - count(start)


def _make_date(_low: Lowering, _node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    parts = [part.cast(pl.Int64).cast(pl.String).str.zfill(width) for part, width in zip(x, (4, 2, 2), strict=True)]
    return casts_polars.lenient(pl.concat_str(parts, separator="-"), DataType("string"), DataType("date"))


def _at_time_zone(_low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    kind = _kind(node)
    return casts_polars.lenient(_stamp(x[0], kind), DataType("datetime", zone=kind.zone), _result(node))


def _duration(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    return (x[0].cast(pl.Int64) * _MICROSECONDS[_unit(low, node, 1)]).cast(pl.Duration("us"))


# conditions, lists, JSON -----------------------------------------------------------------------------------


def _null_if(_low: Lowering, _node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    return pl.when((x[0] == x[1]).fill_null(False)).then(None).otherwise(x[0])


def _fill_nan(_low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    return pl.when(x[0].is_nan()).then(x[1]).otherwise(x[0]) if _kind(node).is_float else x[0]


def _element_at(_low: Lowering, _node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    place = x[1].cast(pl.Int64)
    index = pl.when(place > 0).then(place - 1).when(place < 0).then(place)
    return pl.when(index.is_not_null()).then(x[0].list.get(index.fill_null(0), null_on_oob=True))


def _list_get(_low: Lowering, _node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    index = x[1].cast(pl.Int64)
    return pl.when(index.is_not_null()).then(x[0].list.get(index.fill_null(0), null_on_oob=True))


def _list_sum(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    kind = _result(node)
    there = x[0].list.drop_nulls().list.len() > 0
    if kind.is_integer:
        total = x[0].list.eval(pl.element().cast(pl.Int128).sum()).list.first()
        return low.fitted(pl.when(there).then(total), kind, "overflow", node)
    return pl.when(there).then(x[0].list.eval(pl.element().sum()).list.first()).cast(kind.to_polars())


def _list_fold(fold: Callable[[pl.Expr], pl.Expr], for_floats: Callable[[pl.Expr], pl.Expr]) -> Lower:
    def lower(_low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
        chosen = for_floats if _result(node).is_float else fold
        return x[0].list.eval(chosen(pl.element())).list.first()

    return lower


def _list_mean(_low: Lowering, _node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    return x[0].list.eval(pl.element().cast(pl.Float64).mean()).list.first()


def _list_join(low: Lowering, node: Apply, x: Sequence[pl.Expr]) -> pl.Expr:
    kind = _kind(node)
    assert kind.inner is not None
    texts = casts_polars.lenient(x[0], kind, DataType("list", inner=DataType("string")))
    return texts.list.join(str(low.constant(node.arguments[1])), ignore_nulls=True)


LOWERINGS: Final[Mapping[str, Lower]] = {
    "abs": _abs,
    "ceil": _rounding(lambda x: x.ceil()),
    "floor": _rounding(lambda x: x.floor()),
    "trunc": _rounding(lambda x: pl.when(x < 0).then(x.ceil()).otherwise(x.floor())),
    "sign": lambda _low, node, x: x[0].sign().cast(_result(node).to_polars()),
    "round": _round,
    "sqrt": _float_function(lambda x: x.sqrt()),
    "cbrt": _float_function(lambda x: x.cbrt()),
    "exp": _float_function(lambda x: x.exp()),
    "ln": _float_function(lambda x: x.log()),
    "log10": _float_function(lambda x: x.log10()),
    "log2": _float_function(lambda x: x.log(2)),
    "log": _log,
    "power": lambda _low, _node, x: x[0].cast(pl.Float64).pow(x[1].cast(pl.Float64)),
    "greatest": _greatest,
    "least": _least,
    "clip": _clip,
    "sin": _float_function(lambda x: x.sin()),
    "cos": _float_function(lambda x: x.cos()),
    "tan": _float_function(lambda x: x.tan()),
    "asin": _float_function(lambda x: x.arcsin()),
    "acos": _float_function(lambda x: x.arccos()),
    "atan": _float_function(lambda x: x.arctan()),
    "atan2": lambda _low, _node, x: pl.arctan2(x[0].cast(pl.Float64), x[1].cast(pl.Float64)),
    "radians": _float_function(lambda x: x.radians()),
    "degrees": _float_function(lambda x: x.degrees()),
    "pi": lambda _low, _node, _x: pl.lit(pi),
    "is_nan": _float_function(lambda x: x.is_nan()),
    "is_finite": _float_function(lambda x: x.is_finite()),
    "is_infinite": _float_function(lambda x: x.is_infinite()),
    "bit_count": lambda _low, _node, x: x[0].bitwise_count_ones().cast(pl.Int64),
    "upper": lambda _low, _node, x: x[0].str.to_uppercase(),
    "lower": lambda _low, _node, x: x[0].str.to_lowercase(),
    "initcap": lambda _low, _node, x: x[0].str.to_titlecase(),
    "reverse": lambda _low, _node, x: x[0].str.reverse(),
    "trim": _strip(lambda text, characters: text.str.strip_chars(characters)),
    "ltrim": _strip(lambda text, characters: text.str.strip_chars_start(characters)),
    "rtrim": _strip(lambda text, characters: text.str.strip_chars_end(characters)),
    "length": lambda _low, _node, x: x[0].str.len_chars().cast(pl.Int64),
    "octet_length": lambda _low, _node, x: x[0].str.len_bytes().cast(pl.Int64),
    "concat": lambda _low, _node, x: pl.concat_str(x, ignore_nulls=True),
    "concat_ws": lambda low, node, x: pl.concat_str(
        x[1:], separator=str(low.constant(node.arguments[0])), ignore_nulls=True
    ),
    "substr": _substring,
    "slice_text": lambda low, node, x: _sliced(low, node, x, x[1].cast(pl.Int64)),
    "left": lambda _low, _node, x: x[0].str.head(x[1]),
    "right": lambda _low, _node, x: x[0].str.tail(x[1]),
    "replace": lambda low, node, x: x[0].str.replace_all(
        str(low.constant(node.arguments[1])), str(low.constant(node.arguments[2])), literal=True
    ),
    "regexp_replace": lambda low, node, x: x[0].str.replace_all(
        str(low.constant(node.arguments[1])), str(low.constant(node.arguments[2]))
    ),
    "regexp_matches": lambda low, node, x: x[0].str.contains(str(low.constant(node.arguments[1]))),
    "regexp_extract": lambda low, node, x: x[0].str.extract(
        str(low.constant(node.arguments[1])), int(low.constant(node.arguments[2]))
    ),
    "extract_text": lambda low, node, x: x[0].str.extract(
        str(low.constant(node.arguments[1])), int(low.constant(node.arguments[2]))
    ),
    "contains": lambda _low, _node, x: x[0].str.contains(x[1], literal=True),
    "contains_pattern": _contains_pattern,
    "starts_with": lambda _low, _node, x: x[0].str.starts_with(x[1]),
    "ends_with": lambda _low, _node, x: x[0].str.ends_with(x[1]),
    "strpos": _strpos,
    "lpad": _pad(True),
    "rpad": _pad(False),
    "zfill": lambda low, node, x: x[0].str.zfill(int(low.constant(node.arguments[1]))),
    "repeat": _repeat,
    "split": lambda _low, _node, x: x[0].str.split(x[1]),
    "split_part": _split_part,
    "year": _part(lambda x: x.dt.year()),
    "quarter": _part(lambda x: x.dt.quarter()),
    "month": _part(lambda x: x.dt.month()),
    "week": _part(lambda x: x.dt.week()),
    "day": _part(lambda x: x.dt.day()),
    "weekday": _part(lambda x: x.dt.weekday()),
    "ordinal_day": _part(lambda x: x.dt.ordinal_day()),
    "iso_year": _part(lambda x: x.dt.iso_year()),
    "hour": _part(lambda x: x.dt.hour()),
    "minute": _part(lambda x: x.dt.minute()),
    "second": _part(lambda x: x.dt.second()),
    "millisecond": _part(lambda x: x.dt.millisecond()),
    "microsecond": _part(lambda x: x.dt.microsecond()),
    "epoch": lambda _low, node, x: _microseconds(x[0], _kind(node)) // 1_000_000,
    "to_date": _to_date,
    "to_datetime": _to_datetime,
    "strftime": lambda low, node, x: x[0].dt.strftime(str(low.constant(node.arguments[1]))),
    "date_trunc": _truncate,
    "date_add": lambda low, node, x: _moved(x[0], x[1], _unit(low, node, 2)),
    "add_months": lambda _low, _node, x: _moved(x[0], x[1], "month"),
    "date_diff": _difference,
    "last_day": lambda _low, _node, x: x[0].dt.month_end().dt.date(),
    "make_date": _make_date,
    "total_seconds": lambda _low, _node, x: x[0].dt.total_seconds(),
    "total_days": lambda _low, _node, x: x[0].dt.total_days(),
    "at_time_zone": _at_time_zone,
    "time_of_day": lambda _low, node, x: x[0].dt.time() if _kind(node).name == "datetime" else x[0],
    "to_duration": _duration,
    "is_null": lambda _low, _node, x: x[0].is_null(),
    "is_not_null": lambda _low, _node, x: x[0].is_not_null(),
    "coalesce": lambda _low, _node, x: pl.coalesce(x),
    "nullif": _null_if,
    "fill_nan": _fill_nan,
    "list_length": lambda _low, _node, x: x[0].list.len().cast(pl.Int64),
    "list_contains": lambda _low, _node, x: x[0].list.contains(x[1]),
    "element_at": _element_at,
    "list_get": _list_get,
    "list_first": lambda _low, _node, x: x[0].list.get(0, null_on_oob=True),
    "list_last": lambda _low, _node, x: x[0].list.get(-1, null_on_oob=True),
    "list_sum": _list_sum,
    "list_mean": _list_mean,
    "list_min": _list_fold(lambda each: each.min(), lambda each: each.min()),
    "list_max": _list_fold(lambda each: each.max(), lambda each: each.nan_max()),
    "list_sort": lambda _low, _node, x: x[0].list.sort(nulls_last=True),
    "list_unique": lambda _low, _node, x: x[0].list.unique(maintain_order=True),
    "list_reverse": lambda _low, _node, x: x[0].list.reverse(),
    "list_join": _list_join,
    "json_extract": lambda low, node, x: x[0].str.json_path_match(str(low.constant(node.arguments[1]))),
}
