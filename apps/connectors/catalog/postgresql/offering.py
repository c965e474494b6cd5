"""What a PostgreSQL offers to move: how its SQL names the rows of a read, and what it expects of a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from apps.connectors.catalog.postgresql import discovery, reading
from apps.connectors.catalog.postgresql.column_types import DIRECT, SourceType, created
from apps.connectors.catalog.postgresql.connection import read_only
from apps.connectors.sdk.moving import Estimate, Origin, Statement
from apps.connectors.sdk.requests import ReadRequest
from apps.connectors.sdk.sql import TableName
from apps.nodes.columns import Column
from apps.transforms.sql.relation import SqlColumn
from apps.transforms.sql.text import NotInSql

if TYPE_CHECKING:
    from apps.connectors.catalog.postgresql import PostgreSQL

_UNREAD: Final = frozenset({"bpchar", "interval", "oid"})
"""Types whose values are not quite themselves once UZO has read them: padding, months of 30 days."""
_DATED: Final = frozenset({"date", "timestamp", "timestamptz"})
_FACTS: Final = """
    SELECT current_setting('server_encoding'),
           (SELECT c.relkind = 'r' AND NOT (c.relrowsecurity OR c.relhassubclass OR c.relispartition)
            FROM pg_catalog.pg_class c WHERE c.oid = %s)
"""


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
    return Origin(sql, tuple(columns), place(connector), tuple(settings), table, rows)


def place(connector: PostgreSQL) -> tuple[str, int, str, str]:
    """The database and the account."""
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
                reading.bind_settings(cursor, each.origin.settings)
                plan = discovery.plan_of(cursor, each.relation.statement)
                found.append(Estimate(scanned=max(_rows_of(plan)), rows=int(plan["Plan Rows"])))
    return found


def _rows_of(plan: dict[str, Any]) -> Iterator[int]:
    """Rows of each node of a plan. A scan tells what its filter leaves; its cost tells what it looks at."""
    yield int(plan["Plan Rows"])
    if "Scan" in plan["Node Type"] and "Filter" in plan:
        yield int(plan["Total Cost"] / 0.0125)  # cpu_tuple_cost and one operator for each row, at least
    for child in plan.get("Plans", ()):
        yield from _rows_of(child)
