"""Rows of all iterations of a loop, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
import pyarrow as pa

from apps.executions.core.dataset import Dataset
from apps.executions.core.store import RunStore
from apps.nodes.columns import Schema


def together(parts: Sequence[Dataset], planned: Schema | None, source: RunStore, target: RunStore) -> Dataset:
    """The rows of the parts, in their order, as one dataset of the target. Columns are those that were
    planned; where only the data knows them, those of all parts, null where one lacks them."""
    if planned is None or planned.dynamic:
        frames = [source.scan(each) for each in parts] or [pl.LazyFrame()]
        return target.write_frame(pl.concat(frames, how="diagonal_relaxed"))
    # What was read may have other types by now than what was planned; all iterations read the same.
    schema = parts[0].schema if parts else planned
    return target.write_batches(_batches(parts, schema, source), schema)


def _batches(parts: Sequence[Dataset], schema: Schema, source: RunStore) -> Iterator[pa.RecordBatch]:
    for each in parts:
        yield from source.scan(each).select(schema.names).collect().to_arrow().to_batches()
