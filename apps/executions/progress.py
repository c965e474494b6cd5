"""How far an execution is, and when it will probably end: rows of the database for `core.progress`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.executions import bodies
from apps.executions.core.durations import RECENT, Past
from apps.executions.core.forecast import History, forecast_run
from apps.executions.core.progress import progress, progress_message
from apps.executions.core.records import NodeState
from apps.executions.core.states import NodeStatus
from apps.executions.models import NodeExecution, WorkflowExecution
from apps.kernel import clock

_NONE = History()
_NEWEST = """
select id, started_at, finished_at from executions_workflowexecution
where workflow_id = %s and kind = 'run' and status = 'success' and started_at is not null and finished_at is not null
order by created_at desc limit %s
"""


def history_of(workflow_id: UUID, *, nodes: bool = False) -> History:
    """The newest successful runs of the workflow; one query, with `nodes` a second one for what each took."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [workflow_id, RECENT])
        runs = cursor.fetchall()
    whole = [(finished - started).total_seconds() for _, started, finished in runs]
    return History(whole, _nodes_of([id for id, _, _ in runs]) if nodes else {})


def _nodes_of(runs: Sequence[UUID]) -> dict[str, list[Past]]:
    places = {id: place for place, id in enumerate(runs)}
    rows = NodeExecution.objects.filter(execution_id__in=runs, status="success", duration_ms__isnull=False)
    found: dict[str, list[tuple[int, Past]]] = {}
    for id, node_id, ms, rows_in, rows_out in rows.values_list(
        "execution_id", "node_id", "duration_ms", "rows_in", "rows_out"
    ):
        found.setdefault(node_id, []).append((places[id], Past(float(ms or 0), rows_in or rows_out)))
    return {node_id: [past for _, past in sorted(told, key=lambda each: each[0])] for node_id, told in found.items()}


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
            part=row.part,
        )
        for id in bodies.node_ids(execution.plan)
    ]


def progress_of(
    execution: WorkflowExecution, nodes: Iterable[NodeExecution], history: History = _NONE
) -> dict[str, Any]:
    """The body of a `workflow_execution_progress` event. `history` as `history_of` gives it."""
    states = states_of(execution, nodes)
    now, started = clock.now(), execution.started_at
    expected = None
    if started is not None and execution.finished_at is None:
        expected = forecast_run(
            execution.plan,
            {state.node_id: state for state in states},
            started_at=started,
            at=now,
            progress=progress(states),
            history=history,
        )
    return progress_message(
        execution_id=str(execution.id),
        status=execution.status,
        states=states,
        started_at=started,
        at=execution.finished_at or now,
        forecast=expected,
        told=execution.forecast,
    )
