"""Checks that every type makes before it writes, and rows made ready for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from apps.connectors.sdk.capabilities import Capabilities, WriteMode
from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.requests import WriteRequest
from apps.connectors.sdk.sql import ROW
from apps.nodes.columns import Schema

KEYED = frozenset({WriteMode.UPDATE, WriteMode.UPSERT, WriteMode.DELETE})


def check_request(request: WriteRequest, capabilities: Capabilities, label: str) -> None:
    """Raises `unsupported` (mode), `missing_keys`, `unknown_column` (a key that is no column)."""
    if request.mode not in capabilities.write_modes:
        raise failure("unsupported", f"{label} cannot write with the mode {request.mode}")
    if request.mode not in KEYED:
        return
    if not request.keys:
        raise failure("missing_keys", f"the mode {request.mode} needs keys")
    for key in request.keys:
        if request.schema.get(key) is None:
            raise failure("unknown_column", f"the key {key!r} is not a column of the rows")
    if request.mode is WriteMode.UPDATE and set(request.schema.names) <= set(request.keys):
        raise failure("missing_keys", "there is no column to update beside the keys", remedy="Give more columns.")


def check_target(request: WriteRequest, target: Schema) -> None:
    """Raises `unknown_column` for a column that the target table does not have."""
    known = set(target.names)
    for name in request.schema.names:
        if name not in known:
            raise failure(
                "unknown_column",
                f"the table {request.table!r} has no column {name!r}",
                remedy="Rename or drop the column, or add it to the table.",
            )


def cast_batches(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Batches with exactly these types. Raises `value_out_of_range` for a value that does not fit."""
    for batch in batches:
        columns = []
        for field in schema:
            try:
                columns.append(batch.column(field.name).cast(field.type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise failure(
                    "value_out_of_range", f"column {field.name!r} does not fit {field.type}: {error}"
                ) from error
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


class Counted:
    """Counts the rows that pass."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self.rows = 0
        self._batches = batches

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch


def numbered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches with a column that numbers the rows, for staging tables."""
    start = 0
    for batch in batches:
        numbers = pa.array(np.arange(start, start + batch.num_rows, dtype=np.int64))
        start += batch.num_rows
        yield batch.append_column(ROW, numbers)


def numbered_schema(schema: pa.Schema) -> pa.Schema:
    return schema.append(pa.field(ROW, pa.int64()))


def require_single_names(schema: Schema) -> None:
    """Raises `duplicate_column` when two columns of a query share a name."""
    seen: set[str] = set()
    for name in schema.names:
        if name in seen:
            raise failure("duplicate_column", f"the query gives two columns named {name!r}")
        seen.add(name)
