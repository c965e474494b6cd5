"""Reads: everything starts from the workflows that the viewer may see."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions import bodies
from apps.executions.core.forecast import History
from apps.executions.models import ExecutionLog, JobRun, LoopIteration, NodeExecution, WorkflowExecution
from apps.executions.progress import history_of, progress_of
from apps.kernel.clock import now
from apps.kernel.errors import Forbidden, NotFound

MAX_EVENT_BYTES = 60_000


def visible_executions(viewer: User) -> QuerySet[WorkflowExecution]:
    """Runs of the workflows that the viewer may read; previews are not listed."""
    return WorkflowExecution.objects.filter(
        workflow__in=access.visible(viewer, "workflow").values("pk"), kind=WorkflowExecution.Kind.RUN
    ).defer("plan")


def executions_of(workflow_id: UUID) -> QuerySet[WorkflowExecution]:
    """Runs of a workflow that was found by its own rule."""
    return WorkflowExecution.objects.filter(workflow_id=workflow_id, kind=WorkflowExecution.Kind.RUN).defer("plan")


def get_execution(viewer: User, id: UUID, level: Level = Level.READ) -> WorkflowExecution:
    """The execution. Raises NotFound where its workflow may not be read, Forbidden below the level."""
    execution = WorkflowExecution.objects.filter(id=id).first()
    if execution is None:
        raise NotFound(f"There is no execution {id}")
    try:
        access.get_visible(viewer, "workflow", execution.workflow_id, level)
    except Forbidden:
        raise
    except NotFound:
        raise NotFound(f"There is no execution {id}") from None
    return execution


def visible_job_runs(viewer: User) -> QuerySet[JobRun]:
    """Runs of the jobs and packages that the viewer may read; those that a package started stand in its own."""
    jobs, packages = (access.visible(viewer, kind).values("pk") for kind in ("job", "job_package"))
    return JobRun.objects.filter(Q(job__in=jobs) | Q(job_package__in=packages))


def get_job_run(viewer: User, id: UUID, level: Level = Level.READ) -> JobRun:
    """The run. Raises NotFound where its job or package may not be read, Forbidden below the level."""
    run = JobRun.objects.filter(pk=id).first()
    missing = NotFound(f"There is no job run {id}")
    if run is None:
        raise missing
    kind, target_id = ("job", run.job_id) if run.job_id else ("job_package", run.job_package_id)
    assert target_id is not None
    try:
        access.get_visible(viewer, kind, target_id, level)
    except NotFound:
        raise missing from None
    return run


def body(execution: WorkflowExecution) -> dict[str, Any]:
    """The execution with its nodes."""
    nodes = NodeExecution.objects.filter(execution=execution)
    return {**bodies.execution_body(execution), "nodes": bodies.node_bodies(execution, nodes)}


def logs_of(execution: WorkflowExecution) -> QuerySet[ExecutionLog]:
    return ExecutionLog.objects.filter(execution=execution)


def iterations_of(execution: WorkflowExecution, node_id: str) -> QuerySet[LoopIteration]:
    """The trace of a loop. Raises NotFound for a node that the execution does not have."""
    if node_id not in bodies.node_ids(execution.plan):
        raise NotFound(f"The execution has no node {node_id!r}")
    return (
        LoopIteration.objects.filter(execution=execution, node_id=node_id)
        .annotate(iteration=F("number"))
        .defer("state")
    )


def prefect_link(execution: WorkflowExecution) -> dict[str, Any]:
    """Where Prefect shows the run. `linked` is false until the server has been told, which happens behind
    the work and only while it can be reached."""
    run_id = execution.prefect_flow_run_id
    return {
        "linked": run_id is not None,
        "flow_run_id": None if run_id is None else str(run_id),
        "url": None if run_id is None else f"{settings.PREFECT_UI_URL}/runs/flow-run/{run_id}",
        "told": execution.prefect_state or None,
    }


def snapshot(viewer: User, id: UUID, *, preview: bool) -> list[tuple[str, dict[str, Any], str]]:
    """Events that say how an execution stands now: its progress, and its end if it is over."""
    execution = get_execution(viewer, id)
    at = str(bodies.moment(now()))
    events: list[tuple[str, dict[str, Any], str]] = []
    if not preview:
        nodes = list(NodeExecution.objects.filter(execution=execution))
        events.append(("workflow_execution_progress", progress_of(execution, nodes, _history_for(execution)), at))
    if execution.is_over:
        events.append(("execution_finished", fitting(bodies.execution_body(execution)), at))
    return events


def _history_for(execution: WorkflowExecution) -> History:
    return History() if execution.is_over else history_of(execution.workflow_id, nodes=True)


def fitting(body: dict[str, Any]) -> dict[str, Any]:
    """The body of an execution, without its parameters where they would be too much for an event."""
    if len(json.dumps(body, default=str)) > MAX_EVENT_BYTES:
        return {**body, "parameters": {}}
    return body
