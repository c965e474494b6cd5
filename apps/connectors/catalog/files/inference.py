"""Types of text columns: what every value agrees on, found chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import polars as pl

from apps.nodes.columns import BOOLEAN, DATE, DATETIME, FLOAT64, INT64, STRING, Column, DataType, Schema

ZONED: Final = DataType("datetime", zone="UTC")
_INTEGER: Final = r"^-?(0|[1-9][0-9]{0,18})$"
_NUMBER: Final = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$|^NaN$|^-?inf$"
_DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_STAMP: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"


def _stamp(text: pl.Expr) -> pl.Expr:
    text = text.str.replace("T", " ", literal=True)
    seconds = text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    return pl.coalesce(seconds, text.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False))


def _zoned(text: pl.Expr) -> pl.Expr:
    text = text.str.replace("T", " ", literal=True).str.replace(r"Z$", "+00:00")
    # Minutes alone get seconds, so that one pattern reads all.
    text = text.str.replace(r"^(.{16})([+-])", "${1}:00${2}")
    return text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)


def _matching(pattern: str, convert: Callable[[pl.Expr], pl.Expr]) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: pl.when(text.str.contains(pattern)).then(convert(text))


_READERS: Final[Mapping[DataType, Callable[[pl.Expr], pl.Expr]]] = {
    INT64: _matching(_INTEGER, lambda text: text.cast(pl.Int64, strict=False)),
    FLOAT64: _matching(_NUMBER, lambda text: text.cast(pl.Float64, strict=False)),
    BOOLEAN: _matching(r"^(?i:true|false)$", lambda text: text.str.to_lowercase() == "true"),
    DATE: _matching(_DATE, lambda text: text.str.to_date("%Y-%m-%d", strict=False)),
    DATETIME: _matching(_STAMP + "$", _stamp),
    ZONED: _matching(_STAMP + r"(Z|[+-][0-9]{2}:?[0-9]{2})$", _zoned),
    STRING: lambda text: text,
}
"""From the narrowest. Numbers with leading zeros stay text: they are codes, not quantities."""


def convert(name: str, kind: DataType) -> pl.Expr:
    """The text column read as that type; null where a value is not of it."""
    return _READERS[kind](pl.col(name)).alias(name)


class Inference:
    """Narrows the types of columns down while chunks of text pass."""

    def __init__(self, names: Iterable[str]) -> None:
        self._open: dict[str, list[DataType]] = {name: list(_READERS) for name in names}
        self._seen: set[str] = set()

    def add(self, chunk: pl.DataFrame) -> None:
        """`chunk` has the columns as text."""
        for name, kinds in self._open.items():
            column = chunk.select(name).drop_nulls()
            if column.is_empty():
                continue
            self._seen.add(name)
            head = column.head(1)
            kinds[:] = [
                kind for kind in kinds if kind == STRING or (_fits(head, name, kind) and _fits(column, name, kind))
            ]

    @property
    def schema(self) -> Schema:
        """A column that was never seen with a value is text."""
        return Schema.of(Column(name, kinds[0] if name in self._seen else STRING) for name, kinds in self._open.items())


def _fits(column: pl.DataFrame, name: str, kind: DataType) -> bool:
    return bool(column.select(convert(name, kind).is_not_null().all()).item())
