"""Rows from one PostgreSQL to another as they are: binary COPY, or INSERT … SELECT within one database.

The source runs the SELECT in a read-only transaction of its own and account, the target takes the rows in one
transaction as `writing` does: same modes, same locks, same mark. Casts in the SELECT give each column the
type that the target's column has, so that nothing is decoded on the way.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from apps.connectors.catalog.postgresql import raw_rows, reading, writing
from apps.connectors.catalog.postgresql.column_types import SourceType, arrives_as, created, staged
from apps.connectors.catalog.postgresql.connection import (
    classified,
    export_snapshot,
    import_snapshot,
    limit,
    read_only,
)
from apps.connectors.catalog.postgresql.discovery import Relation
from apps.connectors.catalog.postgresql.markers import Marks
from apps.connectors.catalog.postgresql.offering import place
from apps.connectors.sdk.batches import BatchStream
from apps.connectors.sdk.capabilities import WriteMode
from apps.connectors.sdk.errors import ConnectorError
from apps.connectors.sdk.moving import (
    FirstRows,
    SourceFailedError,
    Statement,
    UnrepeatableError,
)
from apps.connectors.sdk.requests import ReadRequest, WriteRequest, WriteResult
from apps.connectors.sdk.sql import ROW, create_table, quote
from apps.connectors.sdk.writes import KEYED, check_request
from apps.nodes.columns import DataType
from apps.transforms.sql.relation import SqlColumn
from apps.transforms.sql.text import NotInSql, sql_type

if TYPE_CHECKING:
    from apps.connectors.catalog.postgresql import PostgreSQL

_FIRST: Final = "uzo_first"


# What a source gives ----------------------------------------------------------------------------------------


def pull(
    connector: PostgreSQL, statement: Statement, *, most: int | None = None, snapshot: str | None = None
) -> BatchStream:
    """The rows as a read gives them; the first of them, as a snapshot of another connection shows them."""
    schema = statement.relation.schema
    sql = _chosen(statement, _readable(statement)) + ("" if most is None else f" LIMIT {most:d}")
    select = reading.Select(sql, schema, statement.origin.settings, snapshot=snapshot)
    return BatchStream(schema, reading.batches(connector, select, ReadRequest()), close=connector.close)


def _readable(statement: Statement) -> dict[str, str]:
    """The columns as the driver reads them without loss."""
    values = {}
    for column in statement.relation.columns:
        plain = f"t.{quote(column.name)}"
        value = plain if column.read is None else column.read(plain)
        values[column.name] = f"({value})::{_read_as(column)}"
    return values


def _read_as(column: SqlColumn) -> str:
    """Decimals are read as text."""
    return "text" if column.type.name == "decimal" else sql_type(column.type)


# What a target takes ----------------------------------------------------------------------------------------


def take(connector: PostgreSQL, statement: Statement, request: WriteRequest, first: FirstRows) -> WriteResult:
    """Raises NotInSql where a cast would not be the one of `writing`, ConnectorError as a write does,
    SourceFailedError for the other side, UnrepeatableError."""
    check_request(request, connector.capabilities, connector.label)
    with classified(connector.scrub), connector.connect() as catalog, catalog.cursor() as asking:
        goal = writing.aim(asking, request)
        here = _is_here(connector, asking, statement, request, goal)
        if not (here or statement.repeatable):
            raise UnrepeatableError
        marks = writing.marks_of(catalog, goal, request)
        catalog.rollback()
        with _writer(connector, rows_come_as_arrow=here and not statement.repeatable) as (connection, cursor):
            limit(cursor, request.timeout)
            if here and statement.repeatable:
                _hold_still(cursor, goal, request)
            done = _claim(marks, cursor)
            if done is not None:
                return WriteResult(done[0], done[1], repeated=True, exactly_once=True)
            writing.make(cursor, goal, request)
            rows, affected = _load(_Load(connector, cursor, asking, statement, request, first, here), goal)
            if marks is not None:
                marks.settle(cursor, rows=rows, affected=affected)
            connection.commit()
    return WriteResult(rows, affected, goal.fresh, exactly_once=marks is not None)


def _claim(marks: Marks | None, cursor: Any) -> tuple[int, int] | None:
    """As `Marks.claim`; raises UnrepeatableError where another transaction has committed the mark meanwhile, and
    this one sees things as they were before."""
    import psycopg

    try:
        return None if marks is None else marks.claim(cursor)
    except psycopg.errors.SerializationFailure as error:
        raise UnrepeatableError from error


@contextmanager
def _writer(connector: PostgreSQL, *, rows_come_as_arrow: bool) -> Iterator[tuple[Any, Any]]:
    """A connection and its cursor, in a transaction: ADBC's for who reads rows there, else psycopg's, which
    copies raw bytes."""
    import psycopg

    if rows_come_as_arrow:
        with (
            connector.adbc(autocommit=False) as connection,
            connection.cursor() as cursor,
            connector.running(cursor),
        ):
            yield connection, cursor
    else:
        with connector.connect() as connection:
            yield connection, psycopg.RawCursor(connection)


@dataclass(frozen=True, slots=True)
class _Load:
    """One load: the target's cursor, one to ask the catalog, the statement whose rows come. `here`: they come
    from the target's own database."""

    connector: PostgreSQL
    cursor: Any
    asking: Any
    statement: Statement
    request: WriteRequest
    first: FirstRows
    here: bool


def _load(load: _Load, goal: writing.Goal) -> tuple[int, int]:
    """Rows taken, rows changed."""
    target, request, cursor = goal.relation, load.request, load.cursor
    columns = load.statement.relation.columns
    if request.mode in KEYED:
        return _merge(load, goal)
    writing.clear(cursor, target, request, fresh=goal.fresh)
    names = ", ".join(quote(each.name) for each in columns)
    into = f"{target.table.sql} ({names})"
    if not load.here:
        rows = _copy(load, _chosen(load.statement, _casts(columns, target)), into)
    elif load.statement.repeatable:
        rows = _insert_looked_at(load, _casts([replace(each, check=None) for each in columns], target), into)
    else:
        rows = _insert(load, _casts(columns, target), into)
    return rows, rows


def _casts(columns: Iterable[SqlColumn], target: Relation) -> dict[str, str]:
    known = {item.column.name: item for item in target.columns}
    return {each.name: _cast(each, known[each.name].source, known[each.name].sql_type) for each in columns}


def _hold_still(cursor: Any, goal: writing.Goal, request: WriteRequest) -> None:
    """At the beginning of a transaction: all its statements see the same, which another connection may see too.
    Where rows are replaced no one else writes from here on, or deleting what they wrote would fail."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    if request.mode is WriteMode.REPLACE and not goal.fresh:
        cursor.execute(f"LOCK TABLE {goal.relation.table.sql} IN SHARE ROW EXCLUSIVE MODE")


# Within one database ----------------------------------------------------------------------------------------


def _insert_looked_at(load: _Load, casts: dict[str, str], into: str) -> int:
    """INSERT … SELECT of rows that other connections look at meanwhile, as the same snapshot shows them; how many
    rows. They keep the first, and fail for values that UZO could not read: checked in the statement itself these
    cost a tenth of its time, beside it a core that would be idle."""
    cursor, source = load.cursor, load.statement.source
    cursor.execute("SELECT pg_export_snapshot()")
    [snapshot] = cursor.fetchone()
    with ThreadPoolExecutor(1, "postgresql-look") as beside:
        looking = beside.submit(_look, load.statement, load.first, str(snapshot))
        try:
            cursor.execute(f"INSERT INTO {into} OVERRIDING SYSTEM VALUE {_chosen(load.statement, casts)}".encode())
        except BaseException:
            source.cancel()
            raise
        looking.result()
    return max(int(cursor.rowcount), 0)


def _look(statement: Statement, first: FirstRows, snapshot: str) -> None:
    """Keep the first rows, and check all of them. Raises SourceFailedError."""
    source, relation = statement.source, statement.relation
    checked = [f"count({each.checked(f't.{quote(each.name)}')})" for each in relation.columns if each.check]
    try:
        with pull(source, statement, most=first.most, snapshot=snapshot) as stream:
            first.read(relation.schema, stream)
        if not checked:
            return
        with (
            classified(source.scrub),
            source.adbc() as connection,
            connection.cursor() as cursor,
            source.running(cursor),
        ):
            read_only(connection, seconds=None)
            import_snapshot(cursor, snapshot)
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            cursor.execute(f"SELECT {', '.join(checked)} FROM ({relation.statement}) AS t")
            cursor.fetchall()
    except ConnectorError as error:
        raise SourceFailedError(error) from error


def _insert(load: _Load, casts: dict[str, str], into: str) -> int:
    """INSERT … SELECT of rows that asking once more might give otherwise; how many. The first of them go into a
    temporary table by the same statement, which works the result out once for both."""
    statement, cursor = load.statement, load.cursor
    kinds = {each.name: _read_as(each) for each in statement.relation.columns}
    cursor.execute(create_table(quote(_FIRST), kinds, temporary=True) + " ON COMMIT DROP")
    first = f"{_chosen(statement, _readable(statement), 'result')} LIMIT {load.first.most:d}"
    # Whoever writes by COPY may give values to identity columns; so may we.
    cursor.execute(
        f"WITH result AS MATERIALIZED ({statement.relation.statement}), "
        f"first AS (INSERT INTO {quote(_FIRST)} {first}) "
        f"INSERT INTO {into} OVERRIDING SYSTEM VALUE {_chosen(statement, casts, 'result')}"
    )
    rows = max(int(cursor.rowcount), 0)
    cursor.execute(f"SELECT pg_table_size('{_FIRST}')")
    [size] = cursor.fetchone()
    most = min(load.first.most, load.first.most * load.first.most_bytes // max(size, 1))
    cursor.execute(f"SELECT * FROM {quote(_FIRST)} LIMIT {most:d}")  # not less of it: the driver must come to the end
    schema = statement.relation.schema
    load.first.read(schema, list(reading.batches_of(cursor, schema, ReadRequest())))
    return rows


def _merge(load: _Load, goal: writing.Goal) -> tuple[int, int]:
    """Through a temporary table, numbered as the rows come: of two with the same key the later one counts."""
    target, cursor = goal.relation, load.cursor
    known = {item.column.name: item for item in target.columns}
    columns = load.statement.relation.columns
    kinds = {each.name: _own_type(each) for each in columns}
    cursor.execute(create_table(quote(writing.STAGING), kinds, temporary=True) + " ON COMMIT DROP")
    cursor.execute(f"ALTER TABLE {quote(writing.STAGING)} ADD {quote(ROW)} bigint GENERATED ALWAYS AS IDENTITY")
    names = ", ".join(quote(each.name) for each in columns)
    chosen = _chosen(load.statement, {each.name: _plain(each) for each in columns})
    rows = _copy(load, chosen, f"{quote(writing.STAGING)} ({names})")
    values = {each.name: f"{quote(each.name)}::{known[each.name].sql_type}" for each in columns}
    affected = writing.merge(cursor, load.asking, values, target, load.request, fresh=goal.fresh)
    return rows, affected


def _is_here(
    connector: PostgreSQL, asking: Any, statement: Statement, request: WriteRequest, goal: writing.Goal
) -> bool:
    """Whether INSERT … SELECT means the same: one account in one database, and rows of an ordinary table that
    emptying the target cannot change. A query might call functions that write, which only a
    read-only transaction refuses."""
    origin = statement.origin
    if request.mode in KEYED or origin.table is None or origin.place != place(connector):
        return False
    if request.mode is not WriteMode.REPLACE or goal.fresh:
        return True
    asking.execute(
        "SELECT relkind = 'r' AND NOT (relhastriggers OR relhassubclass OR relispartition OR relhasrules) "
        "FROM pg_catalog.pg_class WHERE oid = %s",
        [goal.relation.oid],
    )
    found = asking.fetchone()
    return goal.relation.oid != origin.table and found is not None and bool(found[0])


# Casts ------------------------------------------------------------------------------------------------------


def _chosen(statement: Statement, casts: dict[str, str], origin: str | None = None) -> str:
    """The SELECT, or what `origin` names, with each column cast."""
    listed = ", ".join(f"{cast} AS {quote(name)}" for name, cast in casts.items())
    return f"SELECT {listed} FROM {origin or f'({statement.relation.statement})'} AS t"


def _cast(column: SqlColumn, target: SourceType, sql: str) -> str:
    """The column as the type of the target's column, by the cast that a write of its rows makes: straight
    into what COPY can write, else by SQL from the type in which rows are staged."""
    plain = column.checked(f"t.{quote(column.name)}")
    if column.own is not None and column.own == target.name and target.element is None and target.kind == "b":
        return plain
    kind = column.type
    value = plain if column.read is None else column.read(plain)
    straight = arrives_as(kind, target)
    if straight is None:
        _require_staged(kind)
        return f"({value})::{sql}"
    if kind.is_integer and straight.is_float and kind.name not in _EXACT_IN[straight.name]:
        raise NotInSql(f"{kind} as {straight}, which is exact or fails")
    if target.name in ("varchar", "text", "numeric"):
        # What is too long fails in the target: a cast to its length would cut.
        return f"({value})::{target.name}"
    return f"({value})::{sql_type(straight)}"


_EXACT_IN: Final = {"float32": ("int16",), "float64": ("int16", "int32")}


def _require_staged(kind: DataType) -> None:
    if staged(kind) != kind and kind.name != "json":
        raise NotInSql(f"{kind}, which is staged as another type")


def _own_type(column: SqlColumn) -> str:
    _require_staged(column.type)
    return created(staged(column.type))


def _plain(column: SqlColumn) -> str:
    plain = column.checked(f"t.{quote(column.name)}")
    value = plain if column.read is None else column.read(plain)
    return f"({value})::{_own_type(column).partition('(')[0]}"


# Raw rows ---------------------------------------------------------------------------------------------------


def _copy(load: _Load, chosen: str, into: str) -> int:
    """Copy the rows of a SELECT of the source into a table of the target; how many."""
    taking, giving = f"COPY {into} FROM STDIN (FORMAT binary)", f"COPY ({chosen}) TO STDOUT (FORMAT binary)"
    with (
        _source(load.statement, load.first) as connection,
        classified(load.connector.scrub),
        load.cursor.copy(taking.encode()) as sink,
    ):
        load.first.passed = 0
        with closing(_given(load.statement.source, connection, giving)) as pieces:
            for piece in pieces:
                sink.write(piece.data)
                load.first.passed += piece.rows
    return max(int(load.cursor.rowcount), 0)


def _given(source: PostgreSQL, connection: Any, copy: str) -> Generator[raw_rows.Piece, None, None]:
    """Raises SourceFailedError."""
    try:
        yield from raw_rows.copied(source, connection, copy)
    except ConnectorError as error:
        raise SourceFailedError(error) from error


@contextmanager
def _source(statement: Statement, first: FirstRows) -> Iterator[Any]:
    """The source's connection, read-only. The first rows have been read by another one, as the snapshot that this
    one holds shows them."""
    with ExitStack() as open_until:
        try:
            connection = open_until.enter_context(statement.source.connect())
            with classified(statement.source.scrub):
                read_only(connection, seconds=None)
                with connection.cursor() as cursor:
                    snapshot = export_snapshot(cursor)
            with pull(statement.source, statement, most=first.most, snapshot=snapshot) as stream:
                first.read(statement.relation.schema, stream)
        except ConnectorError as error:
            raise SourceFailedError(error) from error
        yield connection
