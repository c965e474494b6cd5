"""Rows of Python values (from JSON, from SQLite) as typed columns: types are found from all values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from apps.nodes.columns import BINARY, BOOLEAN, FLOAT64, INT64, JSON, STRING, Column, DataType, Schema

_BIG: Final = DataType("decimal", precision=38, scale=0)
_INT64: Final = range(-(2**63), 2**63)
_DIGITS: Final = 10**38


def kind_of(value: Any) -> DataType | None:
    """The type of one value; None for null."""
    match value:
        case None:
            return None
        case bool():
            return BOOLEAN
        case int():
            if value in _INT64:
                return INT64
            return _BIG if -_DIGITS < value < _DIGITS else STRING
        case float():
            return FLOAT64
        case bytes():
            return BINARY
        case dict() | list():
            return JSON
        case _:
            return STRING


def unified(left: DataType | None, right: DataType | None) -> DataType | None:
    """The type that holds both: numbers widen, everything else meets in text."""
    if left is None or right is None or left == right:
        return left or right
    pair = {left, right}
    if pair <= {INT64, _BIG}:
        return _BIG
    if pair <= {INT64, _BIG, FLOAT64}:
        return FLOAT64
    return STRING


class RowTypes:
    """Collects the columns of rows as they pass, in the order in which they were first seen."""

    def __init__(self) -> None:
        self._kinds: dict[str, DataType | None] = {}

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            for name, value in row.items():
                self._kinds[name] = unified(self._kinds.get(name), kind_of(value))

    @property
    def schema(self) -> Schema:
        """A column that was never seen with a value is text."""
        return Schema.of(Column(name, kind or STRING) for name, kind in self._kinds.items())


def frame_of(rows: Sequence[Mapping[str, Any]], schema: Schema) -> pl.DataFrame:
    """The rows with exactly these columns; a missing key is null."""
    return pl.DataFrame(
        [
            pl.Series(column.name, [shaped(row.get(column.name), column.type) for row in rows], column.type.to_polars())
            for column in schema
        ]
    )


def shaped(value: Any, kind: DataType) -> Any:
    """A value as its column holds it."""
    if value is None:
        return None
    if kind == JSON:
        return json.dumps(value, ensure_ascii=False)
    if kind == FLOAT64:
        return float(value)
    if kind == STRING and not isinstance(value, str):
        if isinstance(value, bytes):
            return value.decode(errors="replace")
        return json.dumps(value, ensure_ascii=False)
    return value
