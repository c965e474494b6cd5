"""Runs of jobs and of job packages: their states, and what is to be done next.

A job's run has a step per workflow, a package's run one per job. The same decision serves both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.executions.core.states import ExecutionStatus
from apps.kernel.errors import Conflict
from apps.workspaces.core.running import Mode, OnFailure

MAX_SIDE_BY_SIDE = 16
"""Steps of one run that are under way at once; the others follow as these end."""


class JobRunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


JOB_RUN_OVER = frozenset({JobRunStatus.SUCCESS, JobRunStatus.FAILED, JobRunStatus.CANCELLED})
STEP_OVER = frozenset({StepStatus.SUCCESS, StepStatus.FAILED, StepStatus.CANCELLED, StepStatus.SKIPPED})

JOB_RUN_MOVES: Mapping[JobRunStatus, frozenset[JobRunStatus]] = {
    JobRunStatus.QUEUED: frozenset({JobRunStatus.RUNNING, *JOB_RUN_OVER}),
    JobRunStatus.RUNNING: JOB_RUN_OVER,
    **{status: frozenset() for status in JOB_RUN_OVER},
}
STEP_MOVES: Mapping[StepStatus, frozenset[StepStatus]] = {
    # Failed: it could not be started.
    StepStatus.PENDING: frozenset({StepStatus.RUNNING, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.CANCELLED}),
    StepStatus.RUNNING: frozenset({StepStatus.SUCCESS, StepStatus.FAILED, StepStatus.CANCELLED}),
    **{status: frozenset() for status in STEP_OVER},
}
_OF_WHAT_IT_RUNS: Mapping[str, StepStatus] = {
    ExecutionStatus.QUEUED: StepStatus.RUNNING,
    ExecutionStatus.RUNNING: StepStatus.RUNNING,
    ExecutionStatus.PAUSED: StepStatus.RUNNING,
    ExecutionStatus.SUCCESS: StepStatus.SUCCESS,
    ExecutionStatus.FAILED: StepStatus.FAILED,
    ExecutionStatus.CANCELLED: StepStatus.CANCELLED,
}


def run_transition(now: JobRunStatus, to: JobRunStatus) -> JobRunStatus:
    """The new state of a run; raises Conflict, `already_finished` for one that is over."""
    if to in JOB_RUN_MOVES[now]:
        return to
    if now in JOB_RUN_OVER:
        raise Conflict(f"The run is over: {now}", code="already_finished")
    raise Conflict(f"A run cannot go from {now} to {to}")


def step_transition(now: StepStatus, to: StepStatus) -> StepStatus:
    """The new state of a step; raises Conflict if it may not be."""
    if now is to or to in STEP_MOVES[now]:
        return to
    raise Conflict(f"A step cannot go from {now} to {to}")


def step_of(status: str) -> StepStatus:
    """What the status of an execution, or of another job run, means for the step that started it."""
    return _OF_WHAT_IT_RUNS[status]


@dataclass(frozen=True, slots=True)
class Decision:
    """Positions of steps to start and to skip, and how the run has ended, if it has."""

    start: tuple[int, ...] = ()
    skip: tuple[int, ...] = ()
    over: JobRunStatus | None = None


def decide(steps: Sequence[StepStatus], *, mode: Mode, on_failure: OnFailure, cancelled: bool = False) -> Decision:
    """What a run does next. Ask again after doing it: a step may fail at once.

    A step that was cancelled by itself counts as failed; with `stop` what runs beside it goes on to its end.
    """
    pending = [index for index, status in enumerate(steps) if status is StepStatus.PENDING]
    running = sum(status is StepStatus.RUNNING for status in steps)
    failed = any(status in (StepStatus.FAILED, StepStatus.CANCELLED) for status in steps)
    if cancelled or (failed and on_failure is OnFailure.STOP):
        if pending:
            return Decision(skip=tuple(pending))
    elif pending:
        room = (1 if mode is Mode.SEQUENTIAL else MAX_SIDE_BY_SIDE) - running
        return Decision(start=tuple(pending[: max(room, 0)]))
    if running:
        return Decision()
    if cancelled:
        return Decision(over=JobRunStatus.CANCELLED)
    return Decision(over=JobRunStatus.FAILED if failed else JobRunStatus.SUCCESS)
