"""Going on with an execution that paused, failed or was cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions import bodies, selectors
from apps.executions.core.reuse import with_revisions
from apps.executions.core.states import ExecutionStatus, NodeStatus
from apps.executions.events import ExecutionResumed, NodesChanged
from apps.executions.models import NodeExecution, ParkedStage, WorkflowExecution
from apps.executions.models import StageResult as StageRow
from apps.executions.moves import move_node
from apps.executions.progress import progress_of
from apps.executions.services.parking import requeue
from apps.executions.services.reopening import (
    Course,
    Which,
    kept_results,
    locked,
    newest_course,
    nodes_of,
    present_course,
    require_run,
    results_of,
    stage_rows,
)
from apps.kernel.errors import Conflict
from apps.kernel.events import publish


def resume_execution(*, viewer: User, execution_id: UUID, version: Which = "same") -> WorkflowExecution:
    """Go on with an execution: what finished is reused, nodes that failed, were skipped or cancelled run again.
    With the latest version, stages are reused where nothing in or above them changed. One that waits for
    something looks at it again; one that was about to pause goes on.

    Raises NotFound, Forbidden; Conflict `already_finished` after a success, `not_paused` for one that is queued
    or runs, `not_a_run`; Gone after the retention; Unprocessable `workflow_invalid` for the latest version.
    """
    seen = selectors.get_execution(viewer, execution_id, Level.EXECUTE)
    _require_resumable(seen, version)
    newest = newest_course(viewer, seen) if version == "latest" else None
    with transaction.atomic():
        execution = locked(execution_id)
        _require_resumable(execution, version)
        if execution.status == ExecutionStatus.RUNNING:
            execution.pause_requested_at = None
            execution.save(update_fields=["pause_requested_at"])
        else:
            now = present_course(execution)
            if execution.is_over or newest is not None:
                _reopen(execution, now, newest or now)
            requeue(execution)
        publish(
            ExecutionResumed(
                execution_id=execution.id,
                workflow_id=execution.workflow_id,
                preview=False,
                by=viewer.pk,
                version=execution.version.number,
            )
        )
    return execution


def _require_resumable(execution: WorkflowExecution, version: Which) -> None:
    require_run(execution)
    if execution.status == ExecutionStatus.SUCCESS:
        raise Conflict(
            "The execution has succeeded: nothing is left of it to run",
            code="already_finished",
            remedy="Run the workflow again, or retry the execution from a node on",
        )
    pausing = execution.status == ExecutionStatus.RUNNING and execution.pause_requested_at is not None
    if execution.status == ExecutionStatus.QUEUED or (
        execution.status == ExecutionStatus.RUNNING and not (pausing and version == "same")
    ):
        raise Conflict(
            f"The execution is {execution.status}",
            code="not_paused",
            remedy="Wait until it has paused" if pausing else "Pause or cancel it first",
        )


def _reopen(execution: WorkflowExecution, now: Course, to: Course) -> None:
    """Prepare the rows of an execution for going on: its plan, what is kept of it, nodes that run again."""
    kept = kept_results(execution, now, to)
    others = nodes_of(to.plan, {stage.id for stage in to.plan.stages} - set(kept))
    succeeded = {
        node.node_id
        for result in results_of(execution).values()
        for node in result.nodes
        if node.status is NodeStatus.SUCCESS
    }
    changed = to.version.pk != now.version.pk
    plan = with_revisions(to.plan, others & succeeded, now.plan) if changed else now.plan
    StageRow.objects.filter(execution=execution).delete()
    StageRow.objects.bulk_create(stage_rows(execution, kept), batch_size=500)
    if execution.is_over or changed:
        # What a node left while it waited belongs to the run that ended, or to another node of that name.
        ParkedStage.objects.filter(execution=execution).delete()
    told = _reset_nodes(execution, others, plan_nodes=set(plan.nodes))
    execution.version, execution.plan = to.version, plan.as_json()
    execution.connectors = bodies.connector_ids(execution.plan)
    execution.finished_at = execution.error = execution.cancel_requested_at = None
    execution.warnings = execution.recoveries = 0
    if execution.is_over:
        execution.worked_ms = 0  # what failed for want of time gets it anew
    execution.progress = progress_of(execution, NodeExecution.objects.filter(execution=execution))["progress"]
    execution.save(
        update_fields=[
            "version", "plan", "connectors", "finished_at", "error", "cancel_requested_at", "warnings", "recoveries",
            "progress", "worked_ms",
        ]
    )  # fmt: skip
    about: dict[str, Any] = {"execution_id": execution.id, "workflow_id": execution.workflow_id, "preview": False}
    if told:
        publish(NodesChanged(**about, nodes=[bodies.node_body(node) for node in told]))


def _reset_nodes(execution: WorkflowExecution, others: set[str], *, plan_nodes: set[str]) -> list[NodeExecution]:
    """Make the nodes that will run pending again. Those that ran without finishing keep count of their attempts;
    the others lose their row, as do nodes that the plan does not have any more."""
    again: list[NodeExecution] = []
    gone: list[NodeExecution] = []
    for node in NodeExecution.objects.filter(execution=execution):
        if node.node_id in plan_nodes and node.node_id not in others:
            continue
        tried = node.started_at is not None and node.status != NodeStatus.SUCCESS
        (again if tried and node.node_id in plan_nodes else gone).append(node)
    for node in again:
        move_node(node, NodeStatus.PENDING)
        node.started_at = node.finished_at = node.duration_ms = None
        node.rows_in = node.rows_out = node.bytes = None
        node.pushed_down, node.error = False, None
    NodeExecution.objects.bulk_update(
        again,
        ["status", "started_at", "finished_at", "duration_ms", "rows_in", "rows_out", "bytes", "pushed_down", "error"],
        batch_size=500,
    )
    NodeExecution.objects.filter(pk__in=[node.pk for node in gone]).delete()
    forgotten = [NodeExecution(node_id=node.node_id) for node in gone if node.node_id in plan_nodes]
    return [*again, *forgotten]
