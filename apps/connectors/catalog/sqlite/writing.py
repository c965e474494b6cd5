"""Writing to SQLite: one transaction; readers see the state before or after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from apps.connectors.catalog.sqlite import reading
from apps.connectors.catalog.sqlite.values import created, stored
from apps.connectors.sdk.batches import to_frame
from apps.connectors.sdk.capabilities import WriteMode
from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.requests import WriteRequest, WriteResult
from apps.connectors.sdk.sql import ROW, Staged, create_table, names, quote
from apps.connectors.sdk.writes import KEYED, Counted, check_request, check_target
from apps.nodes.columns import Schema

if TYPE_CHECKING:
    from apps.connectors.catalog.sqlite import Sqlite

_STAGING = "uzo_staging"


def write(
    connector: Sqlite, connection: sqlite3.Connection, batches: Iterable[pa.RecordBatch], request: WriteRequest
) -> WriteResult:
    check_request(request, connector.capabilities, connector.label)
    counted = Counted(batches)
    connection.execute("BEGIN IMMEDIATE")
    try:
        fresh = _prepare(connection, request)
        affected = _load(connection, counted, request)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return WriteResult(counted.rows, affected, fresh)


def _prepare(connection: sqlite3.Connection, request: WriteRequest) -> bool:
    """Make the table if it is not there; true if it was made."""
    target = reading._parse(request.table)
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
    connection.execute(create_table(target.sql, kinds, keys))
    return True


def _load(connection: sqlite3.Connection, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> int:
    target = reading._parse(request.table).sql
    columns = list(request.schema.names)
    if request.mode is WriteMode.REPLACE:
        connection.execute(f"DELETE FROM {target}")
    if request.mode not in KEYED:
        return _insert(connection, target, columns, batches, request)
    kinds = {column.name: created(column.type) for column in request.schema} | {ROW: "INTEGER PRIMARY KEY"}
    connection.execute(create_table(quote(_STAGING), kinds, temporary=True))
    _insert(connection, f"temp.{quote(_STAGING)}", columns, batches, request)
    moves = Staged(target, quote(_STAGING), {name: quote(name) for name in columns}, request.keys)
    missing = connection.execute(moves.null_keys()).fetchone()[0]
    if missing:
        raise failure("null_key", f"{missing} rows have no value in a key column")
    affected = sum(connection.execute(statement).rowcount for statement in _statements(moves, request))
    connection.execute(f"DROP TABLE temp.{quote(_STAGING)}")
    return affected


def _insert(
    connection: sqlite3.Connection,
    target: str,
    columns: list[str],
    batches: Iterable[pa.RecordBatch],
    request: WriteRequest,
) -> int:
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {target} ({names(columns)}) VALUES ({marks})"
    kinds = {column.name: column.type for column in request.schema}
    rows = 0
    for batch in batches:
        frame = stored(to_frame(batch, request.schema), kinds)
        connection.executemany(sql, frame.iter_rows())
        rows += frame.height
    return rows


def _statements(moves: Staged, request: WriteRequest) -> list[str]:
    if request.mode is WriteMode.DELETE:
        return [moves.delete()]
    change = [moves.update()] if set(moves.values) > set(request.keys) else []
    return change if request.mode is WriteMode.UPDATE else [*change, moves.insert_missing()]
