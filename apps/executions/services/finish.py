"""The end of an execution, whoever brings it about: its worker, the pool, a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from apps.executions import bodies, iterations, leases, node_rows, selectors
from apps.executions.core.forecast import judged
from apps.executions.core.states import ExecutionStatus, NodeStatus
from apps.executions.events import ExecutionFinished, ExecutionProgressed, NodesChanged
from apps.executions.models import NodeExecution, WorkflowExecution
from apps.executions.moves import move, move_node
from apps.executions.progress import progress_of
from apps.kernel import clock
from apps.kernel.events import publish


def finish(
    execution: WorkflowExecution,
    *,
    status: ExecutionStatus,
    error: Mapping[str, Any] | None = None,
    warnings: int = 0,
    nodes: Collection[NodeExecution] | None = None,
) -> None:
    """Put an execution into a final state, in a transaction. `nodes` are rows of its nodes as they are now, where
    the caller has them.

    Nodes that still run end with it: cancelled, or failed by the execution's own error.
    Raises Conflict `already_finished` if it is over, LeaseLost if another has claimed it since it was read: lock its
    row before, unless it is yours by its fencing token.
    """
    now, was = clock.now(), execution.status
    move(execution, status)
    execution.finished_at = now
    execution.waiting_for = execution.wake_at = None
    execution.error = None if error is None else dict(error)
    execution.warnings = warnings
    execution.lease_owner = execution.lease_until = None
    if nodes is None:
        nodes = list(NodeExecution.objects.filter(execution=execution))
    open_nodes = [node for node in nodes if node.status in {NodeStatus.RUNNING, NodeStatus.PENDING}]
    for node in open_nodes:
        _end_node(node, status, execution.error)
    if execution.forecast is not None and execution.started_at is not None and status is ExecutionStatus.SUCCESS:
        execution.forecast = judged(execution.forecast, actual_ms=1000 * (now - execution.started_at).total_seconds())
    progress = progress_of(execution, nodes)
    execution.progress = progress["progress"]
    leases.conclude(execution, was=was)
    node_rows.write(execution.id, open_nodes)
    if any(node.iterations is not None for node in nodes):
        left_as = NodeStatus.CANCELLED if status is ExecutionStatus.CANCELLED else NodeStatus.FAILED
        iterations.end_open(execution.id, left_as)
    about: dict[str, Any] = {
        "execution_id": execution.id,
        "workflow_id": execution.workflow_id,
        "preview": execution.kind == WorkflowExecution.Kind.PREVIEW,
    }
    if open_nodes:
        publish(NodesChanged(**about, nodes=[bodies.node_body(node) for node in open_nodes]))
    publish(ExecutionProgressed(**about, progress=progress))
    body = selectors.fitting(bodies.execution_body(execution))
    publish(
        ExecutionFinished(
            **about,
            status=status.value,
            execution=body,
            job_run_id=execution.job_run_id,
            parent_id=execution.parent_id,
        )
    )


def _end_node(node: NodeExecution, status: ExecutionStatus, error: Mapping[str, Any] | None) -> None:
    ran = node.status == NodeStatus.RUNNING
    if status is ExecutionStatus.CANCELLED:
        move_node(node, NodeStatus.CANCELLED)
    elif ran and status is ExecutionStatus.FAILED:
        move_node(node, NodeStatus.FAILED)
        node.error = None if error is None else dict(error)
    else:
        move_node(node, NodeStatus.SKIPPED)
    if ran:
        node.finished_at = clock.now()
        if node.started_at is not None:
            node.duration_ms = round((node.finished_at - node.started_at).total_seconds() * 1000)
