"""Results of stages, as a worker that takes the execution over finds them."""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from apps.executions.core.records import StageResult
from apps.executions.core.states import NodeStatus
from apps.executions.leases import Lease
from apps.executions.models import StageResult as StageRow

_WRITE = (
    sql.SQL(
        "insert into {} (execution_id, stage_id, fence, failed, result) values (%s, %s, %s, %s, %s)"
        " on conflict (execution_id, stage_id) do update"
        " set fence = excluded.fence, failed = excluded.failed, result = excluded.result"
    )
    .format(sql.Identifier(StageRow._meta.db_table))
    .as_string(None)
)


def write(lease: Lease, result: StageResult) -> None:
    """Keep what became of a stage, in place of an earlier try. Call it in a transaction that has checked the lease."""
    failed = any(node.status is NodeStatus.FAILED for node in result.nodes)
    values: list[Any] = [lease.execution_id, result.stage_id, lease.fence, failed, Jsonb(result.as_json())]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, values)
