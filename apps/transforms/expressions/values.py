"""Python values and their column types: parameters, upstream scalars, constants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl

from apps.nodes.columns import (
    BINARY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    FLOAT64,
    INT64,
    NULL,
    STRING,
    TIME,
    UINT64,
    DataType,
)
from apps.transforms.expressions.type_rules import common_type

_SIMPLE: Final[Mapping[type, DataType]] = {
    bool: BOOLEAN, float: FLOAT64, str: STRING, bytes: BINARY, time: TIME, date: DATE, timedelta: DURATION,
    type(None): NULL,
}  # fmt: skip


def type_of(value: Any) -> DataType:
    """The column type of a Python value. Raises ValueError for what no column holds."""
    if (simple := _SIMPLE.get(type(value))) is not None:
        return simple
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return INT64
        return UINT64 if 0 <= value < 2**64 else DataType("decimal", precision=38, scale=0)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return DataType("decimal", precision=38, scale=max(0, -exponent) if isinstance(exponent, int) else 0)
    if isinstance(value, datetime):
        return DATETIME if value.tzinfo is None else DataType("datetime", zone="UTC")
    if isinstance(value, list | tuple):
        return DataType("list", inner=_element_type(value))
    raise ValueError(f"a value of type {type(value).__name__} fits in no column")


def types_of(values: Mapping[str, Any]) -> dict[str, DataType]:
    """The column type of each value by name; those that no column holds are left out."""
    types: dict[str, DataType] = {}
    for name, value in values.items():
        try:
            types[name] = type_of(value)
        except ValueError:
            continue
    return types


def literal(value: Any, kind: DataType) -> pl.Expr:
    """A constant of that type, as the engine's expression."""
    if value is None:
        return pl.lit(None, dtype=kind.to_polars())
    if kind.is_float:
        value = float(value)
    elif kind.name == "decimal":
        value = value if isinstance(value, Decimal) else Decimal(str(value))
    if kind.name == "list":
        return pl.lit(pl.Series([value], dtype=kind.to_polars())).first()
    return pl.lit(value, dtype=kind.to_polars())


def _element_type(values: list[Any] | tuple[Any, ...]) -> DataType:
    inner = NULL
    for value in values:
        meeting = common_type(inner, type_of(value))
        if meeting is None:
            raise ValueError("a list has elements of one type")
        inner = meeting
    return STRING if inner == NULL else inner
