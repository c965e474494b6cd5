"""What happens to executions. Sockets listen after the commit; audit and others may too.

Bodies are JSON-ready, as clients read them (`apps.executions.bodies`), and small: at most 64 KB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionEvent(Event):
    """`preview` tells previews from runs."""

    execution_id: UUID
    workflow_id: UUID
    preview: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionQueued(ExecutionEvent):
    """An execution was asked for and will start."""

    trigger: str
    by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodesChanged(ExecutionEvent):
    """Nodes that changed together."""

    nodes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionProgressed(ExecutionEvent):
    progress: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWritten(ExecutionEvent):
    line: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReady(ExecutionEvent):
    sample: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionCancelRequested(ExecutionEvent):
    by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionPauseRequested(ExecutionEvent):
    by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionResumed(ExecutionEvent):
    """`version` is the number of the one it goes on with."""

    by: UUID | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRetried(ExecutionEvent):
    """A new execution repeats `retry_of`, of which `reused` stages are taken over."""

    by: UUID | None
    retry_of: UUID
    from_node: str | None
    reused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionPaused(ExecutionEvent):
    """No worker has it any more: it waits for a person (`resume`), or for what its nodes wait for."""

    waiting_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunEvent(Event):
    """Exactly one of `job_id` and `job_package_id` is set. `by` is who asked; None for the system."""

    job_run_id: UUID
    job_id: UUID | None
    job_package_id: UUID | None
    trigger: str
    by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunStarted(JobRunEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunCancelRequested(JobRunEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunMoved(JobRunEvent):
    """The run or its steps stand otherwise than before; `steps` counts them by status."""

    workspace_id: UUID
    parent_id: UUID | None
    status: str
    steps: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunFinished(JobRunEvent):
    """`parent_id`: the run of the package that it is a step of; `waiting_execution_id`: whose node waits for it."""

    status: str
    parent_id: UUID | None
    waiting_execution_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionFinished(ExecutionEvent):
    """`execution` is its body without nodes; `job_run_id` and `parent_id` are what it is a step, or a part, of."""

    status: str
    execution: Mapping[str, Any]
    job_run_id: UUID | None
    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested(ExecutionEvent):
    """Somebody is asked; the execution waits."""

    approval_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided(Event):
    """Somebody answered; `decision` is approve or reject."""

    approval_id: UUID
    execution_id: UUID
    workflow_id: UUID
    node_id: str
    decision: str
    comment: str
    by: UUID | None
