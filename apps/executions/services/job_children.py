"""Job runs that a node of an execution began: how they begin, how they stand, how they end with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions.models import JobRun, WorkflowExecution
from apps.executions.services.children import MAX_DEPTH
from apps.executions.services.job_runs import cancel_job_run, start_job_run, start_package_run
from apps.kernel.errors import Conflict, FeatureDisabled, Forbidden, NodeError, NotFound, Unprocessable

TRIGGER = "run_job"


@dataclass(frozen=True, slots=True)
class Call:
    """What a node asks for; exactly one of the ids is set. `key` names the call: made again, it finds what it
    began. `waits`: the run ends with its parent."""

    key: str
    job_id: str | None
    job_package_id: str | None
    parameters: Mapping[str, Any]
    waits: bool


def begin(parent: WorkflowExecution, call: Call) -> UUID:
    """Start the run, or find the one that the same call began before; one that failed is begun anew. It runs in
    the parent's environment.

    Call it under the parent's lease. Raises NodeError: `missing_job` where the parent's author may not execute
    it (any more), `too_deep`, `nothing_to_run`, `feature_disabled`.
    """
    if nesting(parent) >= MAX_DEPTH:
        raise NodeError(
            f"Jobs and workflows run each other {MAX_DEPTH} deep already",
            code="too_deep",
            remedy="If the job runs itself, give it a condition under which it does not.",
        )
    siblings = JobRun.objects.filter(parent_execution=parent, parent_key__startswith=f"{call.key}#")
    known = siblings.order_by("-created_at").first()
    if known is not None and (not known.is_over or known.status == JobRun.Status.SUCCESS):
        return known.pk
    author, target = _target(parent, call)
    how: Any = {
        "by": author,
        "parameters": call.parameters,
        "environment": None if parent.environment is None else str(parent.environment.pk),
        "trigger": TRIGGER,
        "depth": parent.job_run.depth if parent.job_run is not None else 0,
        "parent_execution": parent,
        "parent_key": f"{call.key}#{siblings.count() + 1}",
        "parent_waits": call.waits,
    }
    try:
        run = start_job_run(job=target, **how) if call.job_id else start_package_run(package=target, **how)
    except (Unprocessable, FeatureDisabled) as error:
        raise NodeError(error.message, code=error.code, remedy=error.remedy) from error
    return run.pk


def look(run_id: UUID) -> JobRun:
    """How the run stands. Raises NodeError `child_lost` where it has been removed."""
    run = JobRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NodeError(f"The job run {run_id} is no longer there", code="child_lost")
    return run


def nesting(execution: WorkflowExecution) -> int:
    """How many executions and nodes that run jobs are above this one; looks no further than the limit."""
    levels = 0
    above: WorkflowExecution | None = execution
    while above is not None and levels < MAX_DEPTH:
        levels += above.depth
        while above.parent is not None:
            above = above.parent
        run = above.job_run
        while run is not None and run.parent is not None:
            run = run.parent
        above = run.parent_execution if run is not None else None
        levels += above is not None
    return levels


def end_with_parent(parent_id: UUID) -> None:
    """Cancel the runs that an execution waited for, now that it is over. Call it in the transaction that ends
    it."""
    waited_for = JobRun.objects.filter(parent_execution_id=parent_id, parent_waits=True)
    for run_id in waited_for.filter(status__in=["queued", "running"]).values_list("pk", flat=True):
        try:
            cancel_job_run(run_id=run_id, by=None)
        except Conflict as error:
            if error.code != "already_finished":  # it ended a moment ago, which is as good
                raise


def _target(parent: WorkflowExecution, call: Call) -> tuple[User, Any]:
    author = parent.version.author
    kind, written = ("job", call.job_id) if call.job_id is not None else ("job_package", call.job_package_id)
    try:
        if author is None:
            raise NotFound
        return author, access.get_visible(author, kind, UUID(written), Level.EXECUTE)
    except (NotFound, Forbidden, ValueError) as error:
        raise NodeError(
            f"There is no such {kind.replace('_', ' ')}, or the author of this workflow may not execute it",
            code="missing_job",
            remedy="Choose another one, or have execute granted on that one.",
        ) from error
