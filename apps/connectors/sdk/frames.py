"""Frames as sources give them, brought to the types that travel along an edge."""

from __future__ import annotations

import polars as pl

from apps.connectors.sdk.errors import failure
from apps.nodes.columns import JSON, Column, DataType, Schema


def normalised(frame: pl.LazyFrame) -> tuple[pl.LazyFrame, Schema]:
    """Structs become JSON text, categories text, time stamps microseconds; answers the schema too.

    Raises `value_out_of_range` for columns that cannot travel (Python objects).
    """
    columns: list[Column] = []
    changes: list[pl.Expr] = []
    for name, dtype in frame.collect_schema().items():
        try:
            kind = DataType.from_polars(dtype)
        except ValueError as error:
            raise failure("value_out_of_range", f"column {name!r}: {error}") from error
        columns.append(Column(name, kind))
        if kind == JSON:
            changes.append(as_json(name, dtype))
        elif kind.to_polars() != dtype:
            changes.append(pl.col(name).cast(kind.to_polars()))
    return (frame.with_columns(changes) if changes else frame), Schema(tuple(columns))


def as_json(name: str, dtype: pl.DataType) -> pl.Expr:
    """A nested column as JSON text; null stays null."""
    cell = pl.col(name)
    if isinstance(dtype, pl.Struct):
        text = cell.struct.json_encode()
    else:
        # Only structs are written as JSON by Polars: wrap the list in one, and take the wrapping off the text.
        wrapped = pl.struct(cell.alias("v")).struct.json_encode()
        text = wrapped.str.slice(5, wrapped.str.len_chars() - 6)
    return pl.when(cell.is_not_null()).then(text).alias(name)


def selected(schema: Schema, columns: tuple[str, ...] | None) -> Schema:
    """The wanted columns, in the source's order; raises `unknown_column` for one that is not there."""
    if columns is None:
        return schema
    require_columns(schema, columns)
    return Schema(tuple(column for column in schema if column.name in columns))


def require_columns(schema: Schema, columns: tuple[str, ...]) -> None:
    """Raise `unknown_column` unless all are there."""
    known = set(schema.names)
    missing = [name for name in columns if name not in known]
    if missing:
        raise failure("unknown_column", f"there is no column {missing[0]!r}; there are: {', '.join(schema.names[:50])}")
