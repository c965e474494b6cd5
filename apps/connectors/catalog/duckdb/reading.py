"""Reading from DuckDB: one SELECT, streamed as Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from apps.connectors.catalog.duckdb.column_types import data_type, projection
from apps.connectors.catalog.duckdb.connection import one_statement
from apps.connectors.sdk.batches import to_batches
from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.frames import selected
from apps.connectors.sdk.requests import ForeignKey, ReadRequest, Table
from apps.connectors.sdk.sql import TableName, bind, single
from apps.connectors.sdk.writes import require_single_names
from apps.nodes.columns import Column, Schema


@dataclass(frozen=True, slots=True)
class Select:
    sql: str
    values: tuple[Any, ...]
    schema: Schema


_COLUMNS = """
    SELECT c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable,
           list_position(k.constraint_column_names, c.column_name)
    FROM duckdb_columns() AS c
    LEFT JOIN duckdb_constraints() AS k ON k.table_oid = c.table_oid AND k.constraint_type = 'PRIMARY KEY'
    WHERE NOT c.internal AND c.database_name = current_database()
    ORDER BY c.schema_name, c.table_name, c.column_index
"""


_FOREIGN_KEYS = """
    SELECT schema_name, table_name, constraint_column_names, referenced_table, referenced_column_names
    FROM duckdb_constraints()
    WHERE constraint_type = 'FOREIGN KEY' AND database_name = current_database()
    ORDER BY constraint_index
"""


def tables(connection: Any) -> list[Table]:
    """Every table and view; those outside `main` with their schema."""
    grouped: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(_COLUMNS).fetchall():
        grouped.setdefault((row[0], row[1]), []).append(row)
    foreign_keys = _foreign_keys(connection)
    return [
        _table(_spelled(schema, name), rows, foreign_keys.get((schema, name), ()))
        for (schema, name), rows in grouped.items()
    ]


def _spelled(schema: str, name: str) -> str:
    return name if schema == "main" else f"{schema}.{name}"


def _foreign_keys(connection: Any) -> dict[tuple[str, str], tuple[ForeignKey, ...]]:
    """By schema and table. DuckDB lets keys lead only to tables of the same schema."""
    found: dict[tuple[str, str], tuple[ForeignKey, ...]] = {}
    for schema, name, columns, referenced, referenced_columns in connection.execute(_FOREIGN_KEYS).fetchall():
        key = ForeignKey(tuple(columns), _spelled(schema, referenced), tuple(referenced_columns))
        found[schema, name] = (*found.get((schema, name), ()), key)
    return found


def table(connection: Any, text: str) -> Table:
    """One table or view; raises `unknown_table`."""
    wanted = TableName.parse(text)
    rows = [
        row
        for row in connection.execute(_COLUMNS).fetchall()
        if row[0] == (wanted.schema or "main") and row[1] == wanted.name
    ]
    if not rows:
        raise failure("unknown_table", f"there is no table {text!r}")
    return _table(text, rows, _foreign_keys(connection).get((wanted.schema or "main", wanted.name), ()))


def _table(name: str, rows: list[Any], foreign_keys: tuple[ForeignKey, ...]) -> Table:
    columns = (Column(row[2], data_type(row[3]), bool(row[4])) for row in rows)
    keys = tuple(row[2] for row in sorted((row for row in rows if row[5]), key=lambda row: row[5]))
    return Table(name, Schema.of(columns), keys, foreign_keys=foreign_keys)


def select(connection: Any, request: ReadRequest) -> Select:
    """The statement to run, checked to be one SELECT, and its columns."""
    if request.query is not None:
        bound = bind(single(request.query), request.parameters, marks=True)
        one_statement(connection, bound.sql, reading=True)
        described = connection.execute(f"DESCRIBE {bound.sql}", list(bound.values)).fetchall()
        origin, values = f"({bound.sql}\n) AS query", bound.values
    elif request.table is not None:
        table(connection, request.table)
        origin, values = TableName.parse(request.table).sql, ()
        described = connection.execute(f"DESCRIBE SELECT * FROM {origin}").fetchall()
    else:
        raise failure("invalid_query", "a read needs a table or a query")
    types = {row[0]: row[1] for row in described}
    require_single_names(Schema.of(Column(row[0], data_type(row[1])) for row in described))
    whole = Schema.of(Column(name, data_type(text)) for name, text in types.items())
    schema = selected(whole, request.columns)
    parts = ", ".join(projection(name, types[name]) for name in schema.names)
    limit = "" if request.limit is None else f" LIMIT {int(request.limit)}"
    return Select(f"SELECT {parts} FROM {origin}{limit}", values, schema)


def batches(connection: Any, wanted: Select, rows: int) -> Iterator[pa.RecordBatch]:
    relation = connection.sql(wanted.sql, params=list(wanted.values)) if wanted.values else connection.sql(wanted.sql)
    types = dict(wanted.schema.to_polars())
    for batch in relation.to_arrow_reader(rows):
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        yield from to_batches(frame.cast(types), rows)  # type: ignore[arg-type]
