"""Rows of nodes, written many at a time: what a run does most."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import LiteralString
from uuid import UUID

from django.db import connection
from psycopg import sql

from apps.executions.leases import Lease, LeaseLost
from apps.executions.models import NodeExecution, WorkflowExecution

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


def write(execution_id: UUID, rows: Collection[NodeExecution]) -> None:
    """Make the rows of these nodes what they say, in one statement of the same text for any number: the ORM takes
    longer to write such a statement than PostgreSQL to run it."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [execution_id, _told(rows)])


def write_under(lease: Lease, rows: Collection[NodeExecution]) -> bool:
    """The same for some nodes, where the execution is running and the lease still ours: its row is locked until the
    transaction ends. Answers whether someone asked to pause. Raises LeaseLost."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_UNDER, [lease.execution_id, lease.fence, _told(rows)])
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost
    return bool(row[0])


def _told(rows: Collection[NodeExecution]) -> str:
    return json.dumps([{name: getattr(row, name) for name in _TYPES} for row in rows], default=str)


def _statement(form: LiteralString) -> str:
    names = [sql.Identifier(name) for name in _TYPES]
    parts = {
        "nodes": sql.Identifier(NodeExecution._meta.db_table),
        "executions": sql.Identifier(WorkflowExecution._meta.db_table),
        "names": sql.SQL(", ").join(names),
        "columns": sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(type_)) for name, type_ in _TYPES.items()
        ),
        "updates": sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in names[1:]),
    }
    return sql.SQL(form).format(**parts).as_string(None)


_WRITE = _statement(
    "insert into {nodes} (execution_id, {names}) select %s, {names} from jsonb_to_recordset(%s) as told({columns})"
    " on conflict (execution_id, node_id) do update set {updates}"
)
_WRITE_UNDER = _statement(
    "with held as (select id, pause_requested_at is not null as pausing from {executions}"
    " where id = %s and fence = %s and status = 'running' for update)"
    " insert into {nodes} (execution_id, {names})"
    " select held.id, {names} from held, jsonb_to_recordset(%s) as told({columns})"
    " on conflict (execution_id, node_id) do update set {updates} returning (select pausing from held)"
)
