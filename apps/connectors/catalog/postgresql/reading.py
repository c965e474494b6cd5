"""Reading: one statement, prepared by the extended protocol, in a read-only transaction, streamed by COPY.

The statement is prepared alone first: that proves that it is one, and tells the types of its columns and
parameters. Then it runs inside `SELECT … FROM (…)`, with casts that let every column arrive exact.
COPY knows no placeholders: texts travel as settings of the session (`current_setting`), bound; numbers, dates and
truth stand in the statement, where PostgreSQL need not look them up for every row.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from apps.connectors.catalog.postgresql import compiled, discovery, partitions, raw_rows
from apps.connectors.catalog.postgresql.binary_rows import Rows, can_decode
from apps.connectors.catalog.postgresql.column_types import SourceType, finish
from apps.connectors.catalog.postgresql.connection import answer, classified, import_snapshot, read_only, refused
from apps.connectors.catalog.postgresql.partitions import Extent
from apps.connectors.sdk.batches import BatchStream, to_batches
from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.frames import require_columns
from apps.connectors.sdk.requests import Comparison, ReadRequest, Table
from apps.connectors.sdk.sql import Bound, TableName, bind, quote, single, tokens
from apps.connectors.sdk.writes import require_single_names
from apps.nodes.columns import Column, Schema

if TYPE_CHECKING:
    from apps.connectors.catalog.postgresql import PostgreSQL

_BATCH_BYTES = 4 * 2**20
_PUSHED_TYPES = frozenset({"int2", "int4", "int8", "date", "bool", "timestamp", "timestamptz"})
_SMALL = Extent()
_PUSHED_EQUALITY = frozenset({"text", "varchar", "uuid"})


@dataclass(frozen=True, slots=True)
class Select:
    """A checked statement: `sql` with `current_setting` for its parameters, `settings` their values; `snapshot` is
    what another connection sees, and this one is to see; `pieces` are the same in parts, which several may read;
    `rows` are expected to come, None where that is not worth asking. `types` are those that its columns are sent in,
    of a statement whose rows can be decoded here."""

    sql: str
    schema: Schema
    settings: tuple[str, ...]
    pieces: tuple[str, ...] = ()
    rows: int | None = None
    types: tuple[str, ...] | None = None
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """What `SELECT` and columns stand before: `origin` is a table, whose `oid` that is, or a query in parentheses."""

    origin: str
    columns: tuple[tuple[str, SourceType], ...]
    settings: tuple[str, ...]
    conditions: tuple[str, ...]
    limit: int | None
    oid: int | None

    def select(self, names: Collection[str] | None = None, extent: Extent = _SMALL) -> Select:
        chosen = [(name, source) for name, source in self.columns if names is None or name in names]
        types = tuple(source.sent for _, source in chosen)
        decoded = can_decode(types)
        listed = ", ".join(
            quote(name) if decoded and kind.startswith("numeric") else source.projection(name)
            for (name, source), kind in zip(chosen, types, strict=True)
        )
        schema = Schema(tuple(Column(name, source.data_type) for name, source in chosen))
        begin = f"SELECT {listed} FROM {self.origin}"
        parts = tuple(begin + self._rest(piece) for piece in extent.pieces)
        return Select(begin + self._rest(), schema, self.settings, parts, extent.rows, types if decoded else None)

    def _rest(self, *piece: str) -> str:
        conditions = [*self.conditions, *piece]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return where if self.limit is None else f"{where} LIMIT {self.limit:d}"


def describe(connector: PostgreSQL, request: ReadRequest) -> Table:
    """The columns of a query, without running it."""
    with connector.connect() as connection:
        read_only(connection, seconds=connector.context.limits.connect_seconds)
        _, columns = prepare_query(connector, connection, request)
    return Table("query", Schema(tuple(Column(name, source.data_type) for name, source in columns)))


def read(connector: PostgreSQL, request: ReadRequest) -> BatchStream:
    with connector.connect() as connection:
        read_only(connection, seconds=connector.context.limits.connect_seconds)
        source = _source(connector, connection, request)
        extent = _extent(connector, connection, source)
    select = source.select(extent=extent)

    def done(part: float) -> None:
        stream.part = part

    stream = BatchStream(
        select.schema,
        batches(connector, select, request, done),
        close=connector.close,
        frames=lambda names: _frames(connector, source.select(names, extent), request, done),
        prefiltered=bool(source.conditions),
    )
    return stream


def _source(connector: PostgreSQL, connection: Any, request: ReadRequest) -> _Source:
    settings: list[str] = []
    oid = None
    with connection.cursor() as cursor:
        if request.query is not None:
            origin, columns = prepare_query(connector, connection, request, settings)
        elif request.table is not None:
            found = discovery.require(cursor, TableName.parse(request.table))
            origin, oid = found.table.sql, found.oid
            columns = [(item.column.name, item.source) for item in found.columns]
        else:
            raise failure("invalid_query", "a read needs a table or a query")
    schema = Schema(tuple(Column(name, source.data_type) for name, source in columns))
    if request.columns is not None:
        require_columns(schema, request.columns)
        columns = [item for item in columns if item[0] in request.columns]
    if not columns:
        raise failure("invalid_query", "there is no column to read")
    sources = dict(columns)
    pushed = [_condition(item, sources.get(item.column), settings) for item in request.prefilter]
    conditions = tuple(condition for condition in pushed if condition is not None)
    return _Source(origin, tuple(columns), tuple(settings), conditions, request.limit, oid)


def _extent(connector: PostgreSQL, connection: Any, source: _Source) -> Extent:
    """How many rows a large table gives, and how several connections may share them."""
    if source.oid is None or source.limit is not None:
        return _SMALL
    with connection.cursor() as cursor:
        bind_settings(cursor, source.settings)
    select = source.select().sql
    return partitions.extent(connection, source.oid, select, connections=connector.config.read_connections)


def bind_settings(cursor: Any, settings: Sequence[str]) -> None:
    """Give a session of psycopg's the values that a statement looks up."""
    for number, value in enumerate(settings, 1):
        cursor.execute(f"SELECT set_config('uzo.p{number}', %s, false)", [value])


def prepare_query(
    connector: PostgreSQL, connection: Any, request: ReadRequest, settings: list[str] | None = None
) -> tuple[str, list[tuple[str, SourceType]]]:
    """The query as a source in parentheses, and its columns; settings of its parameters are appended."""
    from psycopg.pq import ExecStatus

    bound = bind(single(request.query or ""), request.parameters)
    raw = connection.pgconn
    raw.send_prepare(b"", bound.sql.encode())
    result = answer(raw)
    if result.status != ExecStatus.COMMAND_OK:
        raise refused(result, connector.scrub)
    raw.send_describe_prepared(b"")
    shape = answer(raw)
    if shape.nfields == 0:
        raise failure("write_not_allowed", "the query gives no rows: only a SELECT can be read")
    oids = [shape.ftype(index) for index in range(shape.nfields)]
    modifiers = [shape.fmod(index) for index in range(shape.nfields)]
    names = [shape.fname(index).decode() for index in range(shape.nfields)]
    if shape.nparams != len(bound.values):
        raise failure("unknown_parameter", f"the query has {shape.nparams} parameters, {len(bound.values)} are given")
    with connection.cursor() as cursor:
        columns = [
            (name, kind) for name, (kind, _) in zip(names, discovery.types(cursor, oids, modifiers), strict=True)
        ]
        asked = [shape.param_type(index) for index in range(shape.nparams)]
        casts = [cast for _, cast in discovery.types(cursor, asked, [-1] * len(asked))]
    require_single_names(Schema(tuple(Column(name, kind.data_type) for name, kind in columns)))
    values = _settings(bound, casts, [] if settings is None else settings)
    # The newline ends a comment in the query's last line, which would swallow the parenthesis.
    return f"({_numbered(bound.sql, values)}\n) AS query", columns


def _settings(bound: Bound, casts: list[str], settings: list[str]) -> list[str]:
    """SQL of each value: a bound setting of the session, cast to the type that PostgreSQL inferred."""
    spelled = []
    for value, cast in zip(bound.values, casts, strict=True):
        spelled.append(_setting(value, cast, settings))
    return spelled


def _setting(value: Any, cast: str, settings: list[str]) -> str:
    if value is None:
        return f"(NULL::{cast})"
    if isinstance(value, int | dt.date | dt.time):  # spelled without anything that could end a literal
        return f"('{_text(value)}'::{cast})"
    settings.append(_text(value))
    return f"(current_setting('uzo.p{len(settings)}')::{cast})"


def _text(value: Any) -> str:
    """A value in the spelling that PostgreSQL reads for any type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "{" + ",".join("NULL" if item is None else _element(_text(item)) for item in value) + "}"
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return str(value)


def _element(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _numbered(sql: str, values: list[str]) -> str:
    """Put the spelled values where the numbered placeholders stand, by reading the query a second time."""
    pieces, position = [], 0
    for start, end, index in _places(sql):
        pieces += [sql[position:start], values[index]]
        position = end
    return "".join([*pieces, sql[position:]])


def _places(sql: str) -> Iterator[tuple[int, int, int]]:
    for start, end, match in tokens(sql):
        if match is not None and match["numbered"] is not None:
            yield start, end, int(match["numbered"]) - 1


def _condition(item: Comparison, source: SourceType | None, settings: list[str]) -> str | None:
    """SQL of a comparison where PostgreSQL surely means the same as we do; else None: we filter ourselves."""
    if source is None or source.element is not None or source.kind != "b":
        return None
    column = quote(item.column)
    if item.operator in ("is_null", "is_not_null"):
        return f"{column} IS {'NOT ' if item.operator == 'is_not_null' else ''}NULL"
    # Text is ordered by a collation there and by code point here: only equality is the same.
    same = source.name in _PUSHED_TYPES or (source.name in _PUSHED_EQUALITY and item.operator == "=")
    if not same or item.value is None or isinstance(item.value, float):
        return None
    if item.operator not in ("=", "!=", "<", "<=", ">", ">="):
        return None
    if isinstance(item.value, int) and not isinstance(item.value, bool):
        cast = "bigint" if -(2**63) <= item.value < 2**63 else "numeric"
    else:
        cast = source.name
    return f"{column} {item.operator} {_setting(item.value, cast, settings)}"


def batches(
    connector: PostgreSQL, select: Select, request: ReadRequest, done: Callable[[float], None] | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of a statement. A large one tells `done`, from 0 to 1, how much of it has been read."""
    for frame in _frames(connector, select, request, done):
        yield from to_batches(frame, request.batch_rows)


def batches_of(cursor: Any, schema: Schema, request: ReadRequest) -> Iterator[pa.RecordBatch]:
    """What an ADBC cursor has been asked for."""
    for frame in _fetched(cursor, schema):
        yield from to_batches(frame, request.batch_rows)


def _fetched(cursor: Any, schema: Schema) -> Iterator[pl.DataFrame]:
    types = {column.name: column.type for column in schema}
    for batch in cursor.fetch_record_batch():
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        yield finish(frame, types)


def _frames(
    connector: PostgreSQL, select: Select, request: ReadRequest, done: Callable[[float], None] | None
) -> Iterator[pl.DataFrame]:
    open_, rows = (connector.adbc, _by_driver) if select.types is None else (connector.alone, _decoded)
    rows = partial(rows, connector, select)
    with classified(connector.scrub):
        if len(select.pieces) > 1:
            many = connector.config.read_connections
            read = partitions.read(connector, open_, select.pieces, rows, connections=many, seconds=request.timeout)
            with closing(read):
                for piece, frames in enumerate(read, 1):
                    yield from frames
                    if done is not None:
                        done(piece / len(select.pieces))
            return
        with open_() as connection:
            read_only(connection, seconds=request.timeout)
            if select.snapshot is not None:
                with connection.cursor() as cursor:
                    import_snapshot(cursor, select.snapshot)
            arrived = 0
            for frame in rows(connection, select.sql):
                yield frame
                arrived += frame.height
                if done is not None and select.rows:
                    done(arrived / select.rows)


def _by_driver(connector: PostgreSQL, select: Select, connection: Any, sql: str) -> Iterator[pl.DataFrame]:
    with (
        classified(connector.scrub),
        connection.cursor(adbc_stmt_kwargs={"adbc.postgresql.batch_size_hint_bytes": _BATCH_BYTES}) as cursor,
        connector.running(cursor),
    ):
        for number, value in enumerate(select.settings, 1):
            cursor.execute(f"SELECT set_config('uzo.p{number}', $1, false)", [value])
            cursor.fetchall()
        cursor.execute(sql)
        yield from _fetched(cursor, select.schema)


def _decoded(connector: PostgreSQL, select: Select, connection: Any, sql: str) -> Iterator[pl.DataFrame]:
    assert select.types is not None
    types = {column.name: column.type for column in select.schema}
    with connection.cursor() as cursor:
        bind_settings(cursor, select.settings)
    with (
        raw_rows.copying(connector, connection, f"COPY ({sql}) TO STDOUT (FORMAT binary)") as raw,
        closing(Rows(compiled.sender_of(raw), select.schema.names, select.types, size=_BATCH_BYTES)) as rows,
    ):
        for frame in rows:
            yield finish(frame, types)
