"""Writing: one transaction, rows by binary COPY.

Replace deletes the old rows and copies the new ones in the same transaction, under a lock that other
writers respect and readers do not meet: by MVCC readers see all old rows or all new ones. That keeps the
table itself (grants, indexes, views, foreign keys), which a swap of two tables loses, and needs one pass,
where TRUNCATE would lock readers out and show an empty table to older snapshots.

Rows go straight into the target where COPY can write its types; otherwise, and for update, upsert and
delete, into a temporary table first, from which SQL casts and moves them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from apps.connectors.catalog.postgresql import discovery
from apps.connectors.catalog.postgresql.column_types import arrives_as, created, staged
from apps.connectors.catalog.postgresql.connection import classified, limit
from apps.connectors.catalog.postgresql.discovery import Relation
from apps.connectors.sdk.batches import arrow_schema
from apps.connectors.sdk.capabilities import WriteMode
from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.requests import WriteRequest, WriteResult
from apps.connectors.sdk.sql import ROW, Staged, TableName, create_table, quote
from apps.connectors.sdk.writes import (
    KEYED,
    Counted,
    cast_batches,
    check_request,
    check_target,
    numbered,
    numbered_schema,
)
from apps.nodes.columns import INT64, Column, Schema

if TYPE_CHECKING:
    from apps.connectors.catalog.postgresql import PostgreSQL

_STAGING = "uzo_staging"


def write(connector: PostgreSQL, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> WriteResult:
    check_request(request, connector.capabilities, connector.label)
    table = TableName.parse(request.table)
    counted = Counted(batches)
    with classified(connector.scrub), connector.connect() as catalog, connector.adbc(autocommit=False) as connection:
        with connection.cursor() as cursor, connector.running(cursor), catalog.cursor() as asking:
            limit(cursor, request.timeout)
            target, fresh = _target(cursor, asking, table, request)
            catalog.rollback()
            affected = _load(cursor, asking, counted, target, request, fresh=fresh)
        connection.commit()
    return WriteResult(counted.rows, affected, fresh)


def _target(cursor: Any, asking: Any, table: TableName, request: WriteRequest) -> tuple[Relation, bool]:
    """The table to write to, made (in our transaction) if it is not there and the mode brings rows in."""
    found = discovery.relation(asking, table)
    if found is not None:
        columns = tuple(item.column for item in found.columns if not item.generated)
        check_target(request, Schema(columns))
        return found, False
    if request.mode in (WriteMode.UPDATE, WriteMode.DELETE):
        raise failure("unknown_table", f"there is no table {request.table!r}")
    if table.schema is None:
        cursor.execute("SELECT current_schema()")
        table = TableName(cursor.fetchone()[0], table.name)
    kinds = {column.name: created(column.type) for column in request.schema}
    cursor.execute(create_table(table.sql, kinds, request.keys if request.mode is WriteMode.UPSERT else ()))
    return _planned(table, request), True


def _planned(table: TableName, request: WriteRequest) -> Relation:
    """What we have just created, as discovery would tell it once it is committed."""
    from apps.connectors.catalog.postgresql.column_types import source_of

    columns = tuple(
        discovery.ColumnOf(column, source_of(column.type), created(column.type)) for column in request.schema
    )
    return Relation(table.schema or "public", table.name, columns, request.keys, 0, 0)


def _load(
    cursor: Any, asking: Any, batches: Iterable[pa.RecordBatch], target: Relation, request: WriteRequest, *, fresh: bool
) -> int:
    name = target.table
    known = {item.column.name: item for item in target.columns}
    if request.mode is WriteMode.REPLACE and not fresh:
        cursor.execute(f"LOCK TABLE {name.sql} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"DELETE FROM {name.sql}")
    direct = {column.name: arrives_as(column.type, known[column.name].source) for column in request.schema}
    if request.mode not in KEYED and all(direct.values()):
        sent = Schema(tuple(Column(key, kind) for key, kind in direct.items() if kind is not None))
        return _ingest(cursor, batches, sent, name)
    return _through_staging(cursor, asking, batches, target, request, fresh=fresh)


def _ingest(cursor: Any, batches: Iterable[pa.RecordBatch], sent: Schema, target: TableName) -> int:
    types = arrow_schema(sent)
    reader = pa.RecordBatchReader.from_batches(types, cast_batches(batches, types))
    return max(int(cursor.adbc_ingest(target.name, reader, mode="append", db_schema_name=target.schema)), 0)


def _stage(cursor: Any, batches: Iterable[pa.RecordBatch], sent: Schema) -> None:
    """All rows into a temporary table, numbered."""
    kinds = {column.name: created(column.type) for column in sent} | {ROW: created(INT64)}
    cursor.execute(create_table(quote(_STAGING), kinds, temporary=True) + " ON COMMIT DROP")
    types = arrow_schema(sent)
    stream = numbered(cast_batches(batches, types))
    reader = pa.RecordBatchReader.from_batches(numbered_schema(types), stream)
    cursor.adbc_ingest(_STAGING, reader, mode="append", temporary=True)


def _through_staging(
    cursor: Any, asking: Any, batches: Iterable[pa.RecordBatch], target: Relation, request: WriteRequest, *, fresh: bool
) -> int:
    known = {item.column.name: item for item in target.columns}
    sent = Schema(tuple(Column(column.name, staged(column.type)) for column in request.schema))
    _stage(cursor, batches, sent)
    values = {column.name: f"{quote(column.name)}::{known[column.name].sql_type}" for column in sent}
    moves = Staged(
        target.table.sql,
        quote(_STAGING),
        values,
        request.keys if request.mode in KEYED else (),
    )
    if request.mode in KEYED:
        cursor.execute(moves.null_keys())
        missing = cursor.fetchone()[0]
        if missing:
            raise failure("null_key", f"{missing} rows have no value in a key column")
        cursor.execute(f"ANALYZE {quote(_STAGING)}")
    return sum(
        _run(cursor, statement) for statement in _statements(cursor, asking, moves, target, request, fresh=fresh)
    )


def _statements(
    cursor: Any, asking: Any, moves: Staged, target: Relation, request: WriteRequest, *, fresh: bool
) -> list[str]:
    match request.mode:
        case WriteMode.UPDATE:
            return [moves.update()]
        case WriteMode.DELETE:
            return [moves.delete()]
        case WriteMode.UPSERT if fresh or discovery.unique_on(asking, target, request.keys):
            return [moves.insert_or_update()]
        case WriteMode.UPSERT:
            # Without a unique index nothing arbitrates between two writers: they take turns.
            cursor.execute(f"LOCK TABLE {moves.target} IN SHARE ROW EXCLUSIVE MODE")
            change = [moves.update()] if set(moves.values) > set(request.keys) else []
            return [*change, moves.insert_missing()]
        case _:
            return [moves.insert()]


def _run(cursor: Any, statement: str) -> int:
    cursor.execute(statement)
    return max(int(cursor.rowcount), 0)
