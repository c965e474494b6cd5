"""Writing: one transaction, rows by binary COPY.

Replace deletes the old rows and copies the new ones in the same transaction, under a lock that other
writers respect and readers do not meet: by MVCC readers see all old rows or all new ones. That keeps the
table itself (grants, indexes, views, foreign keys), which a swap of two tables loses, and needs one pass,
where TRUNCATE would lock readers out and show an empty table to older snapshots.

Rows go straight into the target where COPY can write its types; otherwise, and for update, upsert and
delete, into a temporary table first, from which SQL casts and moves them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from apps.connectors.catalog.postgresql import discovery, encoding, markers
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

STAGING = "uzo_staging"


def write(connector: PostgreSQL, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> WriteResult:
    check_request(request, connector.capabilities, connector.label)
    counted = Counted(batches)
    with classified(connector.scrub), connector.connect() as catalog, catalog.cursor() as asking:
        goal = aim(asking, request)
        marks = marks_of(catalog, goal, request)
        catalog.rollback()
        sent = _sent(goal.relation, request)
        with _writer(connector, catalog, sent.types) as (connection, cursor):
            limit(cursor, request.timeout)
            done = marks.claim(cursor) if marks is not None else None
            if done is not None:
                return WriteResult(done[0], done[1], repeated=True, exactly_once=True)
            make(cursor, goal, request)
            affected = _load(cursor, asking, counted, sent, goal, request)
            if marks is not None:
                marks.settle(cursor, rows=counted.rows, affected=affected)
            connection.commit()
    return WriteResult(counted.rows, affected, goal.fresh, exactly_once=marks is not None)


@contextmanager
def _writer(connector: PostgreSQL, catalog: Any, types: pa.Schema) -> Iterator[tuple[Any, Any]]:
    """A connection and its cursor, in a transaction: the catalog's where we can encode the rows, else ADBC's."""
    import psycopg

    if encoding.encodable(types):
        yield catalog, psycopg.RawCursor(catalog)
    else:
        with (
            connector.adbc(autocommit=False) as connection,
            connection.cursor() as cursor,
            connector.running(cursor),
        ):
            yield connection, cursor


@dataclass(frozen=True, slots=True)
class Goal:
    """The table to write to; `fresh`: it is not there yet."""

    relation: Relation
    fresh: bool


def aim(asking: Any, request: WriteRequest) -> Goal:
    """Find the target, or plan it where the mode brings rows in. Raises `unknown_table`, `unknown_column`."""
    table = TableName.parse(request.table)
    found = discovery.relation(asking, table)
    if found is not None:
        columns = tuple(item.column for item in found.columns if not item.generated)
        check_target(request, Schema(columns))
        return Goal(found, fresh=False)
    if request.mode in (WriteMode.UPDATE, WriteMode.DELETE):
        raise failure("unknown_table", f"there is no table {request.table!r}")
    if table.schema is None:
        asking.execute("SELECT current_schema()")
        table = TableName(asking.fetchone()[0], table.name)
    return Goal(_planned(table, request), fresh=True)


def marks_of(catalog: Any, goal: Goal, request: WriteRequest) -> markers.Marks | None:
    """Where the write leaves its mark; None for one that nobody tries again, or where it may not."""
    if request.idempotency_key is None:
        return None
    return markers.prepare(catalog, goal.relation.schema, request.idempotency_key)


def make(cursor: Any, goal: Goal, request: WriteRequest) -> None:
    """Create the target, in the write's transaction, if it is not there."""
    if goal.fresh:
        kinds = {column.name: created(column.type) for column in request.schema}
        keys = request.keys if request.mode is WriteMode.UPSERT else ()
        cursor.execute(create_table(goal.relation.table.sql, kinds, keys))


def _planned(table: TableName, request: WriteRequest) -> Relation:
    """What we have just created, as discovery would tell it once it is committed."""
    from apps.connectors.catalog.postgresql.column_types import source_of

    columns = tuple(
        discovery.ColumnOf(column, source_of(column.type), created(column.type)) for column in request.schema
    )
    return Relation(table.schema or "public", table.name, columns, request.keys, 0, 0)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What is sent: the columns with the types in which they go, straight into the target or, `staged`, first
    into a temporary table."""

    schema: Schema
    staged: bool

    @property
    def types(self) -> pa.Schema:
        types = arrow_schema(self.schema)
        return numbered_schema(types) if self.staged else types


def _sent(target: Relation, request: WriteRequest) -> _Sent:
    known = {item.column.name: item for item in target.columns}
    direct = {column.name: arrives_as(column.type, known[column.name].source) for column in request.schema}
    if request.mode not in KEYED and all(direct.values()):
        return _Sent(Schema(tuple(Column(key, kind) for key, kind in direct.items() if kind is not None)), staged=False)
    return _Sent(Schema(tuple(Column(column.name, staged(column.type)) for column in request.schema)), staged=True)


def _load(  # noqa: PLR0917
    cursor: Any, asking: Any, batches: Iterable[pa.RecordBatch], sent: _Sent, goal: Goal, request: WriteRequest
) -> int:
    target = goal.relation
    clear(cursor, target, request, fresh=goal.fresh)
    arriving = cast_batches(batches, arrow_schema(sent.schema))
    if not sent.staged:
        return _put(cursor, target.table, sent.types, arriving)
    kinds = {column.name: created(column.type) for column in sent.schema} | {ROW: created(INT64)}
    cursor.execute(create_table(quote(STAGING), kinds, temporary=True) + " ON COMMIT DROP")
    _put(cursor, TableName(None, STAGING), sent.types, numbered(arriving), temporary=True)
    known = {item.column.name: item for item in target.columns}
    values = {column.name: f"{quote(column.name)}::{known[column.name].sql_type}" for column in sent.schema}
    return merge(cursor, asking, values, target, request, fresh=goal.fresh)


def clear(cursor: Any, target: Relation, request: WriteRequest, *, fresh: bool) -> None:
    """Take away the rows that a replace replaces, once no one else writes there."""
    if request.mode is WriteMode.REPLACE and not fresh:
        cursor.execute(f"LOCK TABLE {target.table.sql} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"DELETE FROM {target.table.sql}")


def _put(
    cursor: Any, table: TableName, types: pa.Schema, batches: Iterable[pa.RecordBatch], *, temporary: bool = False
) -> int:
    """Batches of just these types into a table; how many rows."""
    if not hasattr(cursor, "adbc_ingest"):
        return encoding.copy(cursor, table.sql, types, batches)
    with _own_errors(batches) as arriving:
        reader = pa.RecordBatchReader.from_batches(types, arriving)
        into: dict[str, Any] = {"temporary": True} if temporary else {"db_schema_name": table.schema}
        return max(int(cursor.adbc_ingest(table.name, reader, mode="append", **into)), 0)


@contextmanager
def _own_errors(batches: Iterable[pa.RecordBatch]) -> Iterator[Iterator[pa.RecordBatch]]:
    """What goes wrong while the driver pulls batches, as it was raised: the driver would make mere text of it."""
    raised: list[Exception] = []

    def pulled() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except Exception as error:
            raised.append(error)
            raise

    try:
        yield pulled()
    except Exception as error:
        if raised:
            raise raised[0] from error
        raise


def merge(
    cursor: Any, asking: Any, values: Mapping[str, str], target: Relation, request: WriteRequest, *, fresh: bool
) -> int:
    """Move the rows of the staging table into the target; `values` is the SQL of each column."""
    moves = Staged(target.table.sql, quote(STAGING), values, request.keys if request.mode in KEYED else ())
    if request.mode in KEYED:
        cursor.execute(moves.null_keys())
        missing = cursor.fetchone()[0]
        if missing:
            raise failure("null_key", f"{missing} rows have no value in a key column")
        cursor.execute(f"ANALYZE {quote(STAGING)}")
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
