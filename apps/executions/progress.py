"""How far an execution is, and when it will probably end: rows of the database for `core.progress`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from apps.executions import bodies
from apps.executions.core.forecast import forecast
from apps.executions.core.progress import progress, progress_message
from apps.executions.core.records import NodeState
from apps.executions.core.states import NodeStatus
from apps.executions.models import NodeExecution, WorkflowExecution
from apps.kernel import clock

_HISTORY = 20


def history_of(workflow_id: UUID) -> list[float]:
    """Seconds that the newest successful runs of the workflow took, the latest first."""
    spans = (
        WorkflowExecution.objects.filter(
            workflow_id=workflow_id, kind="run", status="success", started_at__isnull=False, finished_at__isnull=False
        )
        .order_by("-created_at")
        .values_list("started_at", "finished_at")[:_HISTORY]
    )
    return [(finished - started).total_seconds() for started, finished in spans if started and finished]


def states_of(execution: WorkflowExecution, nodes: Iterable[NodeExecution]) -> list[NodeState]:
    """Every node of the plan in its order; one without a row is pending."""
    rows = {node.node_id: node for node in nodes}
    return [
        NodeState(id, NodeStatus.PENDING)
        if (row := rows.get(id)) is None
        else NodeState(
            id,
            NodeStatus(row.status),
            started_at=row.started_at,
            finished_at=row.finished_at,
            rows_in=row.rows_in,
            rows_out=row.rows_out,
            iterations=row.iterations,
        )
        for id in bodies.node_ids(execution.plan)
    ]


def progress_of(
    execution: WorkflowExecution, nodes: Iterable[NodeExecution], history: Sequence[float] = ()
) -> dict[str, Any]:
    """The body of a `workflow_execution_progress` event. `history` as `history_of` gives it."""
    states = states_of(execution, nodes)
    now, started = clock.now(), execution.started_at
    expected = None
    if started is not None and execution.finished_at is None:
        expected = forecast(started_at=started, at=now, progress=progress(states), history=history)
    return progress_message(
        execution_id=str(execution.id),
        status=execution.status,
        states=states,
        started_at=started,
        at=execution.finished_at or now,
        forecast=expected,
    )
