"""Reading from SQLite: rows become typed columns, batch by batch."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from typing import Any

import polars as pl
import pyarrow as pa

from apps.connectors.catalog.sqlite.values import declared, guessed, series
from apps.connectors.sdk.batches import to_batches
from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.frames import selected
from apps.connectors.sdk.requests import ForeignKey, ReadRequest, Table
from apps.connectors.sdk.sql import TableName, bind, names, quote, single
from apps.connectors.sdk.writes import require_single_names
from apps.nodes.columns import STRING, Column, DataType, Schema

_GUESSED_ROWS = 10_000


def tables(connection: sqlite3.Connection) -> list[Table]:
    """Every table and view."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY name"
    ).fetchall()
    return [table(connection, quote(name), name) for (name,) in found]


def table(connection: sqlite3.Connection, text: str, name: str | None = None) -> Table:
    """One table or view; raises `unknown_table`. Types without a declaration are told by the first rows."""
    parsed = _parse(text)
    rows = connection.execute('SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?)', [parsed.name]).fetchall()
    if not rows:
        raise failure("unknown_table", f"there is no table {text!r}")
    kinds = {row[0]: declared(row[1] or "") for row in rows}
    unknown = [key for key, kind in kinds.items() if kind is None]
    guesses = _guess(connection, parsed, unknown)
    columns = (Column(row[0], kinds[row[0]] or guesses[row[0]], not row[2]) for row in rows)
    keys = tuple(row[0] for row in sorted(rows, key=lambda row: row[3]) if row[3])
    return Table(name or text, Schema.of(columns), keys, foreign_keys=_foreign_keys(connection, parsed.name))


def _foreign_keys(connection: sqlite3.Connection, table: str) -> tuple[ForeignKey, ...]:
    rows = connection.execute(
        'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq', [table]
    ).fetchall()
    found = []
    for _, group in itertools.groupby(rows, key=lambda row: row[0]):
        parts = list(group)
        referenced = tuple(row[3] for row in parts if row[3] is not None)
        found.append(ForeignKey(tuple(row[2] for row in parts), parts[0][1], referenced))
    return tuple(found)


def start(connection: sqlite3.Connection, request: ReadRequest) -> tuple[Schema, Iterator[pa.RecordBatch]]:
    """The columns of a read and its batches."""
    if request.query is not None:
        return _query(connection, request)
    if request.table is None:
        raise failure("invalid_query", "a read needs a table or a query")
    found = table(connection, request.table)
    schema = selected(found.schema, request.columns)
    sql = f"SELECT {names(schema.names)} FROM {_parse(request.table).sql}{_limit(request)}"
    return schema, _batches(connection.execute(sql), schema, request.batch_rows)


def _query(connection: sqlite3.Connection, request: ReadRequest) -> tuple[Schema, Iterator[pa.RecordBatch]]:
    bound = bind(single(request.query or ""), request.parameters, marks=True)
    values = {str(number): value for number, value in enumerate(bound.values, 1)}
    cursor = connection.execute(bound.sql, values)
    if cursor.description is None:
        raise failure("write_not_allowed", "the query gives no rows: only a SELECT can be read")
    labels = [item[0] for item in cursor.description]
    require_single_names(Schema.of(Column(label, STRING) for label in labels))
    head = cursor.fetchmany(_GUESSED_ROWS)
    columns = list(zip(*head, strict=True)) if head else [()] * len(labels)
    whole = Schema.of(Column(label, guessed(values)) for label, values in zip(labels, columns, strict=True))
    schema = selected(whole, request.columns)
    rows = itertools.islice(itertools.chain(head, cursor), request.limit)
    places = [labels.index(name) for name in schema.names]
    return schema, _batches(([row[place] for place in places] for row in rows), schema, request.batch_rows)


def _batches(rows: Iterator[Any], schema: Schema, size: int) -> Iterator[pa.RecordBatch]:
    while chunk := list(itertools.islice(rows, size)):
        columns = zip(*chunk, strict=True)
        frame = pl.DataFrame(
            [series(column.name, values, column.type) for column, values in zip(schema, columns, strict=True)]
        )
        yield from to_batches(frame, size)


def _guess(connection: sqlite3.Connection, table: TableName, columns: list[str]) -> dict[str, DataType]:
    if not columns:
        return {}
    sql = f"SELECT {names(columns)} FROM {table.sql} LIMIT {_GUESSED_ROWS}"
    rows = connection.execute(sql).fetchall()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return {name: guessed(seen) for name, seen in zip(columns, values, strict=True)}


def _limit(request: ReadRequest) -> str:
    return "" if request.limit is None else f" LIMIT {int(request.limit)}"


def _parse(text: str) -> TableName:
    parsed = TableName.parse(text)
    if parsed.schema not in (None, "main"):
        raise failure(
            "unknown_table", f"there is no schema {parsed.schema!r} in SQLite", remedy="Write the table alone."
        )
    return TableName(None, parsed.name)
