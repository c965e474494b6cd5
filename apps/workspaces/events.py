"""What happens to workspaces and to what lies in them, workflows included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceEvent(Event):
    """`object_type` is the name of the object's kind; `workspace_id` that which it lies in (after a move,
    lies in now). `by` is who did it; None for the system."""

    object_type: str
    object_id: UUID
    name: str
    workspace_id: UUID
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceCreated(ResourceEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChanged(ResourceEvent):
    """`changes`: field → [before, after], JSON-ready and small: long values are cut."""

    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceMoved(ResourceEvent):
    """Into another folder, job or workspace; `changes` as in ResourceChanged, of `parent_id`."""

    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDeleted(ResourceEvent):
    """`hard`: it is gone for good, with all below it; otherwise it can be restored."""

    hard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRestored(ResourceEvent):
    pass
