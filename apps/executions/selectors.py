"""Reads: everything starts from the workflows that the viewer may see."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions import bodies
from apps.executions.core.forecast import History
from apps.executions.core.job_runs import JOB_RUN_OVER
from apps.executions.core.progress import progress
from apps.executions.models import ExecutionLog, JobRun, JobRunStep, LoopIteration, NodeExecution, WorkflowExecution
from apps.executions.progress import history_of, progress_of, states_of
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.workflows.models import Workflow
from apps.workspaces.models import Job, JobPackage

MAX_EVENT_BYTES = 60_000
UNFINISHED = "unfinished"
OUTCOMES = (*sorted(status.value for status in JOB_RUN_OVER), UNFINISHED)
_KIND_OF = {Job: "job", JobPackage: "job_package"}


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
    execution = (
        WorkflowExecution.objects.filter(id=id, workflow__in=Workflow.objects.living().values("pk"))
        .select_related("workflow__job__folder")
        .order_by()
        .first()
    )
    if execution is None:
        raise NotFound(f"There is no execution {id}")
    try:
        access.require_on(viewer, execution.workflow, level)
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


def runs_by_day(runnable: Job | JobPackage, *, first: date, last: date, zone: tzinfo) -> dict[date, dict[str, int]]:
    """Runs of a job or package that was found by its own rule: for each day of the zone, the last included, on
    which it was asked for, how many ended how; one query. `unfinished` counts those that are not over."""
    begin, end = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    runs = JobRun.objects.filter(**{_KIND_OF[type(runnable)]: runnable}, created_at__gte=begin, created_at__lt=end)
    counted = runs.annotate(day=TruncDate("created_at", tzinfo=zone)).values("day", "status").annotate(runs=Count("pk"))
    days: dict[date, dict[str, int]] = {}
    for row in counted.order_by("day"):
        name = row["status"] if row["status"] in OUTCOMES else UNFINISHED
        of_day = days.setdefault(row["day"], dict.fromkeys(OUTCOMES, 0))
        of_day[name] += row["runs"]
    return days


def steps_of(run: JobRun) -> QuerySet[JobRunStep]:
    """The steps in their order, with what they run."""
    return run.steps.select_related("workflow", "job", "execution", "child").defer("execution__plan")


def body(execution: WorkflowExecution, *, nodes: Iterable[NodeExecution] | None = None) -> dict[str, Any]:
    """The execution with its nodes, which are read where the caller does not know them; while it runs they say how
    far it is, which its own row learns when a stage is over."""
    nodes = list(NodeExecution.objects.filter(execution=execution) if nodes is None else nodes)
    told = {**bodies.execution_body(execution), "nodes": bodies.node_bodies(execution, nodes)}
    return told if execution.is_over else {**told, "progress": progress(states_of(execution, nodes))}


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
