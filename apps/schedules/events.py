"""What happens to schedules, triggers and webhooks in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterEvent(Event):
    """`object_type` is `schedule`, `trigger` or `hook`; `starts` the kind of its target and `target_id` its id."""

    object_type: str
    object_id: UUID
    name: str
    starts: str
    target_id: UUID
    by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterCreated(StarterEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterChanged(StarterEvent):
    """`fields` are names only."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterDeleted(StarterEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSecretRotated(StarterEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillStarted(Event):
    backfill_id: UUID
    schedule_id: UUID
    fires: int
    by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillCancelled(Event):
    backfill_id: UUID
    schedule_id: UUID
    by: UUID | None
