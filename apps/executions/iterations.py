"""Iterations of loops in PostgreSQL: how the engine's records become rows, and come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from apps.executions import bodies
from apps.executions.core.iterations import Iteration
from apps.executions.core.records import Failure
from apps.executions.core.states import NodeStatus
from apps.executions.models import LoopIteration

_AS_THEY_ARE = (
    "fingerprint", "started_at", "finished_at", "rows_in", "rows_out", "failed_node", "warnings",
)  # fmt: skip


def known(execution_id: UUID, node_id: str, within: str) -> dict[int, Iteration]:
    """The iterations of a loop that have a row, by number."""
    rows = LoopIteration.objects.filter(execution_id=execution_id, node_id=node_id, within=within)
    return {row.number: _record(row) for row in rows}


def write(execution_id: UUID, iteration: Iteration) -> None:
    """Make the iteration's row what the record says."""
    error = iteration.error
    LoopIteration.objects.update_or_create(
        execution_id=execution_id,
        node_id=iteration.node_id,
        within=iteration.within,
        number=iteration.number,
        defaults={
            **{name: getattr(iteration, name) for name in _AS_THEY_ARE},
            "status": iteration.status.value,
            "error": None if error is None else bodies.error_body(error.code, error.message, error.remedy),
            "nodes": dict(iteration.nodes),
            "state": iteration.state_as_json(),
        },
    )


def end_open(execution_id: UUID, status: NodeStatus) -> None:
    """Close the iterations that were running when their execution ended."""
    LoopIteration.objects.filter(execution_id=execution_id, status=NodeStatus.RUNNING).update(status=status)


def body(row: LoopIteration) -> Mapping[str, Any]:
    """An iteration as clients read it."""
    return {
        "iteration": row.number,
        "within": row.within,
        "status": row.status,
        "started_at": bodies.moment(row.started_at),
        "finished_at": bodies.moment(row.finished_at),
        "duration_ms": _duration(row),
        "rows_in": row.rows_in,
        "rows_out": row.rows_out,
        "failed_node": row.failed_node,
        "error": row.error,
        "nodes": row.nodes,
    }


def _duration(row: LoopIteration) -> int | None:
    if row.started_at is None or row.finished_at is None:
        return None
    return round((row.finished_at - row.started_at).total_seconds() * 1000)


def _record(row: LoopIteration) -> Iteration:
    record = Iteration(
        node_id=row.node_id,
        within=row.within,
        number=row.number,
        status=NodeStatus(row.status),
        error=None if row.error is None else Failure(row.error["code"], row.error["message"], row.error["remedy"]),
        nodes=row.nodes,
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )
    return replace(record, **Iteration.read_state(row.state))
