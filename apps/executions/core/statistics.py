"""What a column holds, in figures: for people who look at a sample."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from apps.nodes.columns import DataType, Schema
from apps.nodes.values import encode_value

MOST_TOP: Final = 20
MOST_BINS: Final = 16
_LONGEST: Final = 200
"""Longer texts are no values that one would choose from a list."""


def statistics_of(frame: pl.DataFrame, schema: Schema) -> list[dict[str, Any]]:
    """For each column `{name, type, nulls, distinct, min, max, mean, top, histogram}`, values as in rows.

    Null does not count among `distinct` and `top` (`[{value, count}]`, the most frequent first, at most 20).
    `min` and `max` are of what has an order, `mean` of numbers; NaN and infinities are left out of the three and
    of `histogram`: `{low, high, counts}` in parts of equal width, whole numbers of a small range one by one.
    What has no meaning for a type is null.
    """
    return [_column(frame.get_column(column.name), column.name, column.type) for column in schema]


def _column(series: pl.Series, name: str, type_: DataType) -> dict[str, Any]:
    there = series.drop_nulls()
    body: dict[str, Any] = {"name": name, "type": str(type_), "nulls": series.null_count()}
    if type_.name in ("list", "null"):
        return {**body, "distinct": None, "min": None, "max": None, "mean": None, "top": [], "histogram": None}
    ordered = there.filter(there.is_finite()) if type_.is_float else there
    ranged = ordered if type_.is_numeric or type_.is_temporal else ordered.clear()
    return {
        **body,
        "distinct": there.n_unique(),
        "min": encode_value(ranged.min()),
        "max": encode_value(ranged.max()),
        "mean": encode_value(ranged.cast(pl.Float64).mean()) if type_.is_numeric else None,
        "top": _top(there, type_),
        "histogram": _histogram(ranged, type_),
    }


def _top(there: pl.Series, type_: DataType) -> list[dict[str, Any]]:
    if type_.name == "binary":
        return []
    shown = there.filter(there.str.len_chars() <= _LONGEST) if type_.is_text else there
    counted = shown.alias("value").value_counts(name="count").sort(["count", "value"], descending=[True, False])
    return [{"value": encode_value(value), "count": count} for value, count in counted.head(MOST_TOP).iter_rows()]


def _histogram(ranged: pl.Series, type_: DataType) -> dict[str, Any] | None:
    if ranged.is_empty():
        return None
    numbers = ranged.to_physical() if type_.is_temporal else ranged
    low, high = numbers.min(), numbers.max()
    width = float(high) - float(low)  # type: ignore[arg-type]
    if width == 0:
        return None
    if type_.is_integer and width < MOST_BINS:
        bins, step = round(width) + 1, 1.0
    else:
        bins, step = MOST_BINS, width / MOST_BINS
    places = ((numbers.cast(pl.Float64) - float(low)) / step).floor().clip(0, bins - 1).cast(pl.UInt8)  # type: ignore[arg-type]
    found = dict(places.alias("place").value_counts(name="count").iter_rows())
    return {
        "low": encode_value(ranged.min()),
        "high": encode_value(ranged.max()),
        "counts": [found.get(place, 0) for place in range(bins)],
    }
