"""Running jobs and job packages.

A run is moved on by whatever ends one of its steps, and by a sweep that looks at what was not moved on for a
while, so that a lost event strands nothing. Every move locks the run: two at once do the same work once.
Locks are taken from the package's run to the job's run to the execution, never the other way.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions.bodies import error_body
from apps.executions.core.job_runs import (
    STEP_OVER,
    JobRunStatus,
    StepStatus,
    decide,
    run_transition,
    step_of,
    step_transition,
)
from apps.executions.core.records import Failure
from apps.executions.events import JobRunCancelRequested, JobRunFinished, JobRunMoved, JobRunStarted
from apps.executions.models import JobRun, JobRunStep
from apps.executions.services.cancel import stop
from apps.executions.services.start import start_version
from apps.kernel import clock
from apps.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable, UzoError
from apps.kernel.events import publish
from apps.tenants.features import require_enabled
from apps.workflows.environments import environment_for
from apps.workflows.models import Environment, Workflow
from apps.workflows.selectors import is_living, standing_version, workflows_to_run
from apps.workspaces.core.running import Mode, OnFailure
from apps.workspaces.models import Job, JobPackage
from apps.workspaces.selectors import jobs_to_run

logger = logging.getLogger(__name__)
_PACKAGES = "job_packages"


@transaction.atomic
def start_job_run(
    *,
    job: Job,
    by: User | None,
    parameters: Mapping[str, Any] | None = None,
    mode: str | None = None,
    on_failure: str | None = None,
    environment: str | None = None,
    trigger: str = "manual",
    depth: int = 0,
    parent: JobRun | None = None,
    **of_a_node: Any,
) -> JobRun:
    """Run a job's workflows; mode and policy are the job's own unless given. `by` must have the right.
    `of_a_node`: `parent_execution`, `parent_key` and `parent_waits` of the node that began it.

    Raises Unprocessable `nothing_to_run`, Invalid for an environment that is not there.
    """
    workflows = workflows_to_run(job)
    if not workflows:
        raise Unprocessable("The job has no workflow", code="nothing_to_run", remedy="Put a workflow into it first")
    _environment(workflows[0], environment)  # rather refuse now than fail at every step
    run = JobRun(job=job, parent=parent, **_how(job, mode, on_failure), **of_a_node)
    steps = [JobRunStep(run=run, position=n, workflow=workflow) for n, workflow in enumerate(workflows)]
    return _begin(run, steps, by, parameters, environment, trigger, depth)


@transaction.atomic
def start_package_run(
    *,
    package: JobPackage,
    by: User | None,
    parameters: Mapping[str, Any] | None = None,
    mode: str | None = None,
    on_failure: str | None = None,
    environment: str | None = None,
    trigger: str = "manual",
    depth: int = 0,
    **of_a_node: Any,
) -> JobRun:
    """Run a package's jobs; the same right runs them all. Raises FeatureDisabled, Unprocessable `nothing_to_run`."""
    require_enabled(_PACKAGES)
    jobs = jobs_to_run(package)
    if not jobs:
        raise Unprocessable("The package has no job", code="nothing_to_run", remedy="Put a job into it first")
    run = JobRun(job_package=package, **_how(package, mode, on_failure), **of_a_node)
    steps = [JobRunStep(run=run, position=n, job=job) for n, job in enumerate(jobs)]
    return _begin(run, steps, by, parameters, environment, trigger, depth)


def _environment(workflow: Workflow, named: str | None) -> Environment | None:
    return None if named is None else environment_for(workflow, named)


def _how(runnable: Job | JobPackage, mode: str | None, on_failure: str | None) -> dict[str, str]:
    return {"mode": mode or runnable.mode, "on_failure": on_failure or runnable.on_failure}


def _begin(  # noqa: PLR0917
    run: JobRun,
    steps: Sequence[JobRunStep],
    by: User | None,
    parameters: Mapping[str, Any] | None,
    environment: str | None,
    trigger: str,
    depth: int,
) -> JobRun:
    run.parameters, run.environment = dict(parameters or {}), environment
    run.trigger, run.triggered_by, run.depth = trigger, by, depth
    run.save(force_insert=True)
    JobRunStep.objects.bulk_create(steps)
    publish(JobRunStarted(**_about(run)))
    return advance_job_run(run_id=run.pk)


@transaction.atomic
def advance_job_run(*, run_id: UUID) -> JobRun:
    """Look how the steps stand, start what is to start, and end the run when nothing is left; harmless to
    repeat. Raises NotFound."""
    run = JobRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise NotFound(f"There is no job run {run_id}")
    if run.is_over:
        return run
    JobRun.objects.filter(pk=run_id).update(looked_at=Now())
    stood = run.status
    if run.status == JobRunStatus.QUEUED:
        run.status, run.started_at = run_transition(JobRunStatus.QUEUED, JobRunStatus.RUNNING), clock.now()
        run.save(update_fields=["status", "started_at"])
    steps = list(run.steps.select_related("execution", "child", "workflow", "job").defer("execution__plan"))
    before = stood, [step.status for step in steps]
    for step in steps:
        _refresh(step)
    while True:
        decision = decide(
            [StepStatus(step.status) for step in steps],
            mode=Mode(run.mode),
            on_failure=OnFailure(run.on_failure),
            cancelled=run.cancel_requested_at is not None,
        )
        for position in decision.skip:
            _save(steps[position], StepStatus.SKIPPED)
        for position in decision.start:
            _start(run, steps[position])
        if not (decision.skip or decision.start):
            break
    if decision.over is not None:
        _end(run, decision.over, steps)
    if before != (run.status, [step.status for step in steps]):
        _tell_moved(run, steps)
    return run


@transaction.atomic
def cancel_job_run(*, run_id: UUID, by: User | None) -> JobRun:
    """Stop a run: what has not begun never will, what runs is cancelled. Asking twice is harmless.

    Raises Conflict `already_finished`.
    """
    run = JobRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.is_over:
        raise Conflict(f"The run is over: {run.status}", code="already_finished")
    if run.cancel_requested_at is None:
        run.cancel_requested_at = clock.now()
        run.save(update_fields=["cancel_requested_at"])
        publish(JobRunCancelRequested(**{**_about(run), "by": by.pk if by else None}))
    for step in run.steps.select_related("execution", "child").defer("execution__plan"):
        if step.execution is not None and not step.execution.is_over:
            _unless_over(lambda step=step: stop(execution_id=step.execution_id, by=by))
        if step.child is not None and not step.child.is_over:
            _unless_over(lambda step=step: cancel_job_run(run_id=step.child_id, by=by))
    return advance_job_run(run_id=run_id)


def _unless_over(cancel: Any) -> None:
    try:
        cancel()
    except Conflict as error:
        if error.code != "already_finished":  # it ended a moment ago, which is as good
            raise


def _refresh(step: JobRunStep) -> None:
    if step.status != StepStatus.RUNNING:
        return
    what = step.execution or step.child
    if what is None:
        _save(step, StepStatus.FAILED, error_body("gone", "What it ran was deleted"))
        return
    status = step_of(what.status)
    if status is not StepStatus.RUNNING:
        _save(step, status, what.error if status is StepStatus.FAILED else None)


def _start(run: JobRun, step: JobRunStep) -> None:
    """Start one step; one that cannot be started has failed, with the reason."""
    try:
        with transaction.atomic():
            by = _require_right(run)
            if step.job is not None:
                step.child = start_job_run(
                    job=step.job,
                    by=by,
                    parameters=run.parameters,
                    environment=run.environment,
                    trigger=run.trigger,
                    depth=run.depth,
                    parent=run,
                )
            elif step.workflow is not None and is_living(step.workflow):
                step.execution = start_version(
                    version=standing_version(step.workflow),
                    by=by,
                    parameters=run.parameters,
                    trigger=run.trigger,
                    job_run=run,
                    environment=_environment(step.workflow, run.environment),
                )
            else:
                raise NotFound("It was deleted before its turn came")
    except DatabaseError:
        raise  # nothing was decided: the next move tries again
    except Exception as error:
        if not isinstance(error, UzoError):
            logger.exception("job run %s: step %d cannot be started", run.pk, step.position)
        step.child = step.execution = None
        _save(step, StepStatus.FAILED, Failure.of(error).as_json())
    else:
        _save(step, StepStatus.RUNNING)
        _refresh(step)


def _require_right(run: JobRun) -> User:
    """Whoever asked for it, if they still may run what was asked for. Raises Forbidden, NotFound."""
    root = run
    while root.parent is not None:
        root = root.parent
    by = root.triggered_by
    if by is None:
        raise Forbidden("Whoever asked for this run is gone", remedy="Let somebody who may run it start it again")
    kind, target_id = ("job", root.job_id) if root.job_id else ("job_package", root.job_package_id)
    assert target_id is not None
    access.get_visible(by, kind, target_id, Level.EXECUTE)
    return by


def _save(step: JobRunStep, status: StepStatus, error: Mapping[str, Any] | None = None) -> None:
    step.status = step_transition(StepStatus(step.status), status)
    step.error = None if error is None else dict(error)
    step.save(update_fields=["status", "error", "execution", "child"])


def _end(run: JobRun, status: JobRunStatus, steps: Sequence[JobRunStep]) -> None:
    run.status = run_transition(JobRunStatus(run.status), status)
    run.finished_at = clock.now()
    if status is JobRunStatus.FAILED:
        wrong = [step for step in steps if step.status in (StepStatus.FAILED, StepStatus.CANCELLED)]
        what = "workflow" if run.job_id else "job"
        names = ", ".join(str(step.workflow or step.job or "deleted") for step in wrong[:5])
        run.error = error_body(
            f"{what}_failed",
            f"{len(wrong)} of {len(steps)} {what}s did not succeed: {names}",
            "Look at their errors; those that were skipped had not begun.",
        )
    assert all(step.status in STEP_OVER for step in steps)
    run.save(update_fields=["status", "finished_at", "error"])
    waiting = run.parent_execution_id if run.parent_waits else None
    publish(JobRunFinished(**_about(run), status=run.status, parent_id=run.parent_id, waiting_execution_id=waiting))


def _tell_moved(run: JobRun, steps: Sequence[JobRunStep]) -> None:
    workspace_id: UUID
    if run.job_id is not None:
        workspace_id = Job.objects.values_list("folder__workspace_id", flat=True).get(pk=run.job_id)
    else:
        workspace_id = JobPackage.objects.values_list("workspace_id", flat=True).get(runs=run)
    counts = dict(Counter(str(step.status) for step in steps))
    publish(
        JobRunMoved(**_about(run), workspace_id=workspace_id, parent_id=run.parent_id, status=run.status, steps=counts)
    )


def _about(run: JobRun) -> dict[str, Any]:
    return {
        "job_run_id": run.pk,
        "job_id": run.job_id,
        "job_package_id": run.job_package_id,
        "trigger": run.trigger,
        "by": run.triggered_by_id,
    }
