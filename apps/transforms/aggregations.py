"""Functions that sum up many rows: which there are, the type they answer, what they are on Polars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from apps.nodes.columns import BOOLEAN, FLOAT64, INT64, UINT64, DataType
from apps.transforms.base import Scope
from apps.transforms.expressions.suggestions import did_you_mean
from apps.transforms.expressions.type_rules import decimal, width

FUNCTIONS: Final = (
    "sum", "count", "mean", "min", "max", "std", "var", "median", "quantile", "n_unique", "first", "last", "any", "all",
)  # fmt: skip
_MEASURES: Final = ("mean", "std", "var", "median", "quantile")
NEVER_NULL: Final = ("count", "n_unique", "any", "all")
_SAFE_DIGITS: Final = 28


def check_function(function: str, kind: DataType | None, scope: Scope, field: str) -> bool:
    """Whether the function is there and takes columns of that type; notes a problem otherwise."""
    if function not in FUNCTIONS:
        scope.problem(
            "unknown_function", f"there is no aggregation {function[:60]!r}{did_you_mean(function, FUNCTIONS)}", field
        )
        return False
    if kind is None or kind.name == "null":
        return True
    wanted = None
    if (function in _MEASURES and not kind.is_numeric) or (
        function == "sum" and not (kind.is_numeric or kind.name == "duration")
    ):
        wanted = "numbers"
    elif function in ("any", "all") and kind != BOOLEAN:
        wanted = "true or false"
    elif function in ("min", "max", "n_unique") and kind.name == "list":
        wanted = "single values, not lists"
    if wanted is not None:
        scope.problem("type_mismatch", f"{function} takes {wanted}, this column is {kind}", field)
    return wanted is None


def result_type(function: str, kind: DataType) -> DataType:
    """The type of the aggregation of a column of that type."""
    if function in ("count", "n_unique"):
        return INT64
    if function in ("any", "all"):
        return BOOLEAN
    if function in _MEASURES:
        return FLOAT64
    if function == "sum":
        return sum_type(kind)
    return kind


def sum_type(kind: DataType) -> DataType:
    if kind.name == "null":
        return INT64
    if kind.is_integer:
        return UINT64 if kind == UINT64 else INT64
    return decimal(kind.scale or 0) if kind.name == "decimal" else kind


def lower_polars(function: str, value: pl.Expr, kind: DataType, quantile: float | None = None) -> pl.Expr:
    """The aggregation of `value`, a column or expression of type `kind`. `overflow` fails when collected."""
    if kind.name == "null":
        value = value.cast(pl.Boolean if function in ("any", "all") else pl.Int64)
        kind = BOOLEAN if function in ("any", "all") else INT64
    if function in _MEASURES:
        return _MEASURE[function](value.cast(pl.Float64), quantile)
    match function:
        case "sum":
            return pl.when(value.count() > 0).then(_sum(value, kind))
        case "count":
            return value.count().cast(pl.Int64)
        case "n_unique":
            return value.drop_nulls().n_unique().cast(pl.Int64)
        case "max":
            return value.nan_max() if kind.is_float else value.max()
        case "any":
            return value.any(ignore_nulls=True)
        case "all":
            return value.all(ignore_nulls=True)
    return {"min": value.min(), "first": value.first(), "last": value.last()}[function]


def rows() -> pl.Expr:
    """How many rows there are."""
    return pl.len().cast(pl.Int64)


def _sum(value: pl.Expr, kind: DataType) -> pl.Expr:
    if kind.is_integer:
        if width(kind) <= 32:  # 2^32 rows of them still fit
            return value.cast(pl.Int64).sum()
        return value.cast(pl.Int128).sum().cast(sum_type(kind).to_polars(), strict=True)
    if kind.name != "decimal":
        return value.sum()
    total = value.cast(sum_type(kind).to_polars()).sum()
    if (kind.precision or 38) <= _SAFE_DIGITS:
        return total
    too_great = value.cast(pl.Float64).sum().abs() >= 10.0 ** (38 - (kind.scale or 0))
    alarm = pl.when(too_great).then(pl.lit("uzo:overflow")).cast(pl.Int8, strict=True)
    return pl.when(alarm.is_null()).then(total)


_MEASURE: Final[dict[str, Callable[[pl.Expr, float | None], pl.Expr]]] = {
    "mean": lambda value, _: value.mean(),
    "std": lambda value, _: value.std(ddof=1),
    "var": lambda value, _: value.var(ddof=1),
    "median": lambda value, _: value.median(),
    "quantile": lambda value, q: value.quantile(0.5 if q is None else q, "linear"),
}
