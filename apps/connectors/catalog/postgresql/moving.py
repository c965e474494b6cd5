"""Rows from one PostgreSQL to another as they are: binary COPY, or INSERT … SELECT within one database.

The source runs the SELECT in a read-only transaction of its own and account, the target takes the rows in one
transaction as `writing` does: same modes, same locks, same mark. Casts in the SELECT give each column the
type that the target's column has, so that nothing is decoded on the way.
"""

from __future__ import annotations

import json
import select as polling
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

from apps.connectors.catalog.postgresql import discovery, reading, writing
from apps.connectors.catalog.postgresql.column_types import DIRECT, SourceType, arrives_as, created, staged
from apps.connectors.catalog.postgresql.connection import answer, classified, classify, limit, read_only
from apps.connectors.catalog.postgresql.discovery import Relation as Target
from apps.connectors.sdk.batches import BatchStream
from apps.connectors.sdk.capabilities import WriteMode
from apps.connectors.sdk.errors import ConnectorError
from apps.connectors.sdk.moving import Estimate, Origin, SourceFailedError, Statement
from apps.connectors.sdk.requests import ReadRequest, WriteRequest, WriteResult
from apps.connectors.sdk.sql import ROW, TableName, create_table, quote
from apps.connectors.sdk.writes import KEYED, check_request
from apps.nodes.columns import Column, DataType
from apps.transforms.sql.relation import SqlColumn
from apps.transforms.sql.text import NotInSql, sql_type

if TYPE_CHECKING:
    from apps.connectors.catalog.postgresql import PostgreSQL

_CHUNK: Final = 64 * 1024
_WAIT_SECONDS: Final = 0.5
_UNREAD: Final = frozenset({"bpchar", "interval", "oid"})
"""Types whose values are not quite themselves once UZO has read them: padding, months of 30 days."""
_DATED: Final = frozenset({"date", "timestamp", "timestamptz"})
_FACTS: Final = """
    SELECT current_setting('server_encoding'),
           (SELECT c.relkind = 'r' AND NOT (c.relrowsecurity OR c.relhassubclass OR c.relispartition)
            FROM pg_catalog.pg_class c WHERE c.oid = %s)
"""


# What a source offers ---------------------------------------------------------------------------------------


def origin(connector: PostgreSQL, request: ReadRequest) -> Origin:
    """Raises NotInSql for columns that do not pass as they are; else as a read does."""
    settings: list[str] = []
    with connector.connect() as connection:
        read_only(connection, seconds=connector.context.limits.connect_seconds)
        found, sql, columns = None, "", []
        if request.query is not None:
            sql, named = reading.prepare_query(connector, connection, request, settings)
            sql = sql.removesuffix(" AS query")
            columns = [_offered(Column(name, source.data_type), source) for name, source in named]
        elif request.table is not None:
            with connection.cursor() as cursor:
                found = discovery.require(cursor, TableName.parse(request.table))
            sql = found.table.sql
            columns = [_offered(item.column, item.source) for item in found.columns]
        with connection.cursor() as cursor:
            cursor.execute(_FACTS, [0 if found is None else found.oid])
            encoding, ordinary = cursor.fetchone()
    if encoding != "UTF8":
        raise NotInSql(f"a database in {encoding}")
    table = found.oid if found is not None and ordinary else None
    rows = found.rows if found is not None and found.rows > 0 else None
    return Origin(sql, tuple(columns), _place(connector), tuple(settings), table, rows)


def _place(connector: PostgreSQL) -> tuple[str, int, str, str]:
    config = connector.config
    return config.host, config.port, config.database, config.username


def _offered(column: Column, source: SourceType) -> SqlColumn:
    """A column of the source, whose values UZO would read as they are or as their text."""
    if source.element is not None or source.name in _UNREAD:
        return SqlColumn(column, own=None, read=_refused)
    if source.name == "numeric" and created(column.type) != f"numeric({_digits(source)})":
        return SqlColumn(column, own=None, read=_refused)
    if source.name in ("varchar", *DIRECT):
        read = partial(_as_type, kind="text") if source.name == "varchar" else None
        return SqlColumn(
            column, source.name, read, partial(_in_years, kind=source.name) if source.name in _DATED else None
        )
    if source.name == "numeric":
        return SqlColumn(column, "numeric", check=_number)
    if source.kind == "c":
        return SqlColumn(column, source.name, _as_json)
    return SqlColumn(column, source.name, partial(_as_type, kind="text"))


def _digits(source: SourceType) -> str:
    modifier = source.modifier - 4
    return f"{modifier >> 16 & 0xFFFF},{modifier & 0x7FF}" if source.modifier >= 4 else ""


def _as_type(value: str, *, kind: str) -> str:
    return f"{value}::{kind}"


def _in_years(value: str, *, kind: str) -> str:
    """Fails for infinity and for years that nothing but PostgreSQL knows, as a read of them does."""
    beyond = f"{value} < '0001-01-01'::{kind} OR {value} >= '10000-01-01'::{kind}"
    return f"(CASE WHEN {beyond} THEN ('beyond ' || {value}::text)::{kind} ELSE {value} END)"


def _number(value: str) -> str:
    """Fails for NaN, which is no decimal."""
    return f"(CASE WHEN {value} = 'NaN'::numeric THEN ('no ' || {value}::text)::numeric ELSE {value} END)"


def _as_json(value: str) -> str:
    return f"to_jsonb({value})::text"


def _refused(value: str) -> str:
    raise NotInSql(f"the column {value.removeprefix('t.')}, of a type that UZO reads as another one")


def estimate(connector: PostgreSQL, statements: Sequence[Statement]) -> list[Estimate]:
    """By the planner of the source."""
    found = []
    with connector.connect() as connection:
        read_only(connection, seconds=connector.context.limits.connect_seconds)
        with connection.cursor() as cursor:
            for each in statements:
                _bind(cursor, each.origin)
                cursor.execute(f"EXPLAIN (FORMAT JSON) {each.relation.statement}".encode())
                [told] = cursor.fetchone()
                plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
                found.append(Estimate(scanned=max(_rows_of(plan)), rows=int(plan["Plan Rows"])))
    return found


def _rows_of(plan: dict[str, Any]) -> Iterator[int]:
    """Rows of each node of a plan. A scan tells what its filter leaves; its cost tells what it looks at."""
    yield int(plan["Plan Rows"])
    if "Scan" in plan["Node Type"] and "Filter" in plan:
        yield int(plan["Total Cost"] / 0.0125)  # cpu_tuple_cost and one operator for each row, at least
    for child in plan.get("Plans", ()):
        yield from _rows_of(child)


def _bind(cursor: Any, origin: Origin) -> None:
    for number, value in enumerate(origin.settings, 1):
        cursor.execute(f"SELECT set_config('uzo.p{number}', %s, false)", [value])


def pull(connector: PostgreSQL, statement: Statement) -> BatchStream:
    """The rows as a read gives them."""
    columns = statement.relation.columns
    casts = {each.name: _readable(each) for each in columns}
    schema = statement.relation.schema
    select = reading.Select(_chosen(statement, casts), schema, statement.origin.settings)
    return BatchStream(schema, reading.batches(connector, select, ReadRequest()), close=connector.close)


def _readable(column: SqlColumn) -> str:
    """The column as the driver reads it without loss: decimals as text."""
    plain = f"t.{quote(column.name)}"
    value = plain if column.read is None else column.read(plain)
    return f"({value})::{'text' if column.type.name == 'decimal' else sql_type(column.type)}"


# What a target takes ----------------------------------------------------------------------------------------


def take(connector: PostgreSQL, statement: Statement, request: WriteRequest) -> WriteResult:
    """Raises NotInSql where a cast would not be the one of `writing`, ConnectorError as a write does,
    SourceFailedError for the other side."""
    import psycopg

    check_request(request, connector.capabilities, connector.label)
    with classified(connector.scrub), connector.connect() as catalog, connector.connect() as connection:
        cursor = psycopg.RawCursor(connection)
        limit(cursor, request.timeout)
        connection.commit()
        with catalog.cursor() as asking:
            goal = writing.aim(asking, request)
            marks = writing.marks_of(catalog, goal, request)
            catalog.rollback()
            done = marks.claim(cursor) if marks is not None else None
            if done is not None:
                return WriteResult(done[0], done[1], repeated=True, exactly_once=True)
            writing.make(cursor, goal, request)
            rows, affected = _load(_Load(connector, connection, cursor, asking, statement, request), goal)
            if marks is not None:
                marks.settle(cursor, rows=rows, affected=affected)
        connection.commit()
    return WriteResult(rows, affected, goal.fresh, exactly_once=marks is not None)


@dataclass(frozen=True, slots=True)
class _Load:
    """One load: the target's connection and cursor, one to ask the catalog, the statement whose rows come."""

    connector: PostgreSQL
    connection: Any
    cursor: Any
    asking: Any
    statement: Statement
    request: WriteRequest


def _load(load: _Load, goal: writing.Goal) -> tuple[int, int]:
    """Rows taken, rows changed."""
    target, request, cursor = goal.relation, load.request, load.cursor
    known = {item.column.name: item for item in target.columns}
    columns = load.statement.relation.columns
    casts = {each.name: _cast(each, known[each.name].source, known[each.name].sql_type) for each in columns}
    if request.mode in KEYED:
        return _merge(load, goal)
    here = _is_here(load, target)
    writing.clear(cursor, target, request, fresh=goal.fresh)
    names = ", ".join(quote(each.name) for each in columns)
    chosen = _chosen(load.statement, casts)
    if here:
        # Whoever writes by COPY may give values to identity columns; so may we.
        cursor.execute(f"INSERT INTO {target.table.sql} ({names}) OVERRIDING SYSTEM VALUE {chosen}".encode())
        rows = max(int(cursor.rowcount), 0)
    else:
        rows = _copy(load, chosen, f"{target.table.sql} ({names})")
    return rows, rows


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


def _is_here(load: _Load, target: Target) -> bool:
    """Whether INSERT … SELECT means the same: one account in one database, and rows of an ordinary table that
    emptying the target cannot change. A query might call functions that write, which only a
    read-only transaction refuses."""
    origin, request = load.statement.origin, load.request
    if origin.table is None or origin.place != _place(load.connector):
        return False
    if request.mode is not WriteMode.REPLACE:
        return True
    with load.connection.cursor() as cursor:
        cursor.execute(
            "SELECT relkind = 'r' AND NOT (relhastriggers OR relhassubclass OR relispartition OR relhasrules) "
            "FROM pg_catalog.pg_class WHERE oid = %s",
            [target.oid],
        )
        found = cursor.fetchone()
    return target.oid not in (0, origin.table) and found is not None and bool(found[0])


# Casts ------------------------------------------------------------------------------------------------------


def _chosen(statement: Statement, casts: dict[str, str]) -> str:
    """The SELECT with each column cast."""
    listed = ", ".join(f"{cast} AS {quote(name)}" for name, cast in casts.items())
    return f"SELECT {listed} FROM ({statement.relation.statement}) AS t"


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
        _source(load.statement) as connection,
        classified(load.connector.scrub),
        load.cursor.copy(taking.encode()) as sink,
    ):
        for chunk in _chunks(load.statement.source, connection, giving):
            sink.write(chunk)
    return max(int(load.cursor.rowcount), 0)


@contextmanager
def _source(statement: Statement) -> Iterator[Any]:
    """The source's connection, read-only, the values of its query bound."""
    with ExitStack() as open_until:
        try:
            connection = open_until.enter_context(statement.source.connect())
            with classified(statement.source.scrub):
                read_only(connection, seconds=None)
                with connection.cursor() as cursor:
                    _bind(cursor, statement.origin)
        except ConnectorError as error:
            raise SourceFailedError(error) from error
        yield connection


def _chunks(source: Any, connection: Any, copy: str) -> Iterator[bytes]:
    """What the server sends, in pieces of bounded size. Raises SourceFailedError."""
    import psycopg

    try:
        yield from _received(source, connection.pgconn, copy)
    except psycopg.Error as error:
        raise SourceFailedError(classify(error, source.scrub)) from error


def _received(source: Any, raw: Any, copy: str) -> Iterator[bytes]:
    """libpq hands out row by row. All that it has at once is joined before more is read: so the rows are still in
    the processor's cache, and no more of them are held than libpq's buffer."""
    from psycopg.pq import ExecStatus

    result = raw.exec_(copy.encode())
    if result.status != ExecStatus.COPY_OUT:
        raise SourceFailedError(_said(result, source))
    waiting = polling.poll()
    waiting.register(raw.socket, polling.POLLIN)
    parts: list[bytes] = []
    size, length = 0, 0
    while length >= 0:
        rows: list[bytes] = []
        for length, data in map(raw.get_copy_data, repeat(1)):
            if length <= 0:
                break
            rows.append(data)
        parts.append(b"".join(rows))
        size += len(parts[-1])
        if size >= _CHUNK:
            yield b"".join(parts)
            parts, size = [], 0
        if length == 0:
            waiting.poll(_WAIT_SECONDS * 1000)
            raw.consume_input()
    if size:
        yield b"".join(parts)
    result = answer(raw)
    if result is not None and result.status != ExecStatus.COMMAND_OK:
        raise SourceFailedError(_said(result, source))


def _said(result: Any, source: Any) -> ConnectorError:
    from psycopg.pq import DiagnosticField

    state = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()
    message = result.error_message.decode(errors="replace")
    return classify(reading.RefusedStatementError(message, state), source.scrub)
