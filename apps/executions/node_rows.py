"""Rows of nodes, written many at a time: what a run does most."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from django.db import connection
from psycopg import sql

from apps.executions.models import NodeExecution

_TYPES = {
    "node_id": "text",
    "status": "text",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
    "duration_ms": "bigint",
    "rows_in": "bigint",
    "rows_out": "bigint",
    "pushed_down": "boolean",
    "bytes": "bigint",
    "attempt": "integer",
    "error": "jsonb",
    "iterations": "jsonb",
    "part": "double precision",
}


def write(execution_id: UUID, rows: Sequence[NodeExecution]) -> None:
    """Make the rows of these nodes what they say, in one statement of the same text for any number: the ORM takes
    longer to write such a statement than PostgreSQL to run it."""
    told = json.dumps([{name: getattr(row, name) for name in _TYPES} for row in rows], default=str)
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [execution_id, told])


@cache
def _statement() -> sql.SQL | sql.Composed:
    names = [sql.Identifier(name) for name in _TYPES]
    return sql.SQL(
        "insert into {table} (execution_id, {names}) select %s, {names} from jsonb_to_recordset(%s) as told({columns})"
        " on conflict (execution_id, node_id) do update set {updates}"
    ).format(
        table=sql.Identifier(NodeExecution._meta.db_table),
        names=sql.SQL(", ").join(names),
        columns=sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(type_)) for name, type_ in _TYPES.items()
        ),
        updates=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in names[1:]),
    )
