"""What happens to workflows, besides what happens to everything in a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowSaved(Event):
    """The diagram or the parameters changed: there is a new version, numbered `version`.

    `errors` and `warnings` are the numbers of problems that its author was told of.
    """

    workflow_id: UUID
    workspace_id: UUID
    name: str
    version_id: UUID
    version: int
    node_count: int
    errors: int
    warnings: int
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionEvent(Event):
    """Something about one version, numbered `version`."""

    workflow_id: UUID
    workspace_id: UUID
    name: str
    version_id: UUID
    version: int
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionNamed(VersionEvent):
    version_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPublished(VersionEvent): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionUnpublished(VersionEvent): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRolledBack(VersionEvent):
    """The state of `version` is that of a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowLockEvent(Event):
    workflow_id: UUID
    workspace_id: UUID
    name: str
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowCheckedOut(WorkflowLockEvent):
    """`taken_from` is who held it before, where it was taken over."""

    taken_from: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowCheckedIn(WorkflowLockEvent):
    """The lock is gone; `held_by` is another one than `by` where it was broken."""

    held_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentEvent(Event):
    environment_id: UUID
    workspace_id: UUID
    name: str
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentCreated(EnvironmentEvent): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentChanged(EnvironmentEvent): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentDeleted(EnvironmentEvent): ...
