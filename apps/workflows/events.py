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
