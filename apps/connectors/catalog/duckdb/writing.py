"""Writing to DuckDB: one transaction, rows from an Arrow stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from apps.connectors.catalog.duckdb import reading
from apps.connectors.catalog.duckdb.column_types import created
from apps.connectors.sdk.batches import arrow_schema
from apps.connectors.sdk.capabilities import WriteMode
from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.requests import WriteRequest, WriteResult
from apps.connectors.sdk.sql import ROW, Staged, TableName, create_table, names, quote
from apps.connectors.sdk.writes import (
    KEYED,
    Counted,
    cast_batches,
    check_request,
    check_target,
    numbered,
    numbered_schema,
)
from apps.nodes.columns import INT64, Schema

if TYPE_CHECKING:
    from apps.connectors.catalog.duckdb import Duckdb

_STAGING = "uzo_staging"
_INCOMING = "uzo_incoming"


def write(connector: Duckdb, connection: Any, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> WriteResult:
    check_request(request, connector.capabilities, connector.label)
    counted = Counted(batches)
    connection.execute("BEGIN TRANSACTION")
    try:
        fresh = _prepare(connection, request)
        affected = _load(connection, counted, request)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return WriteResult(counted.rows, affected, fresh)


def _prepare(connection: Any, request: WriteRequest) -> bool:
    """Make the table if it is not there; true if it was made."""
    try:
        found: Schema | None = reading.table(connection, request.table).schema
    except ConnectorError as error:
        if error.code != "unknown_table":
            raise
        found = None
    if found is not None:
        check_target(request, found)
        return False
    if request.mode in (WriteMode.UPDATE, WriteMode.DELETE):
        raise failure("unknown_table", f"there is no table {request.table!r}")
    kinds = {column.name: created(column.type) for column in request.schema}
    keys = request.keys if request.mode is WriteMode.UPSERT else ()
    connection.execute(create_table(TableName.parse(request.table).sql, kinds, keys))
    return True


def _load(connection: Any, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> int:
    target = TableName.parse(request.table).sql
    columns = list(request.schema.names)
    if request.mode is WriteMode.REPLACE:
        connection.execute(f"DELETE FROM {target}")
    if request.mode not in KEYED:
        return _insert(connection, target, columns, _reader(batches, request.schema))
    kinds = {column.name: created(column.type) for column in request.schema} | {ROW: created(INT64)}
    connection.execute(create_table(quote(_STAGING), kinds, temporary=True))
    _insert(connection, quote(_STAGING), [*columns, ROW], _reader(batches, request.schema, rows=True))
    moves = Staged(target, quote(_STAGING), {name: quote(name) for name in columns}, request.keys)
    missing = connection.execute(moves.null_keys()).fetchone()[0]
    if missing:
        raise failure("null_key", f"{missing} rows have no value in a key column")
    affected = sum(connection.execute(statement).fetchone()[0] for statement in _statements(moves, request))
    connection.execute(f"DROP TABLE {quote(_STAGING)}")
    return int(affected)


def _reader(batches: Iterable[pa.RecordBatch], schema: Schema, *, rows: bool = False) -> pa.RecordBatchReader:
    types = arrow_schema(schema)
    stream = cast_batches(batches, types)
    if rows:
        return pa.RecordBatchReader.from_batches(numbered_schema(types), numbered(stream))
    return pa.RecordBatchReader.from_batches(types, stream)


def _insert(connection: Any, target: str, columns: list[str], reader: pa.RecordBatchReader) -> int:
    connection.register(_INCOMING, reader)
    try:
        sql = f"INSERT INTO {target} ({names(columns)}) SELECT {names(columns)} FROM {quote(_INCOMING)}"
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.unregister(_INCOMING)


def _statements(moves: Staged, request: WriteRequest) -> list[str]:
    if request.mode is WriteMode.DELETE:
        return [moves.delete()]
    change = [moves.update()] if set(moves.values) > set(request.keys) else []
    return change if request.mode is WriteMode.UPDATE else [*change, moves.insert_missing()]
