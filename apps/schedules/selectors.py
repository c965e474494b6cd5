"""Reads: everything starts from the jobs, packages and workflows that the viewer may see."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import NotFound
from apps.schedules.models import Backfill, Hook, HookEvent, Schedule, Trigger, TriggerFire
from apps.schedules.models.starter import Starter

S = TypeVar("S", bound=Starter)


def sealed_secrets() -> int:
    """How many secrets the hooks of the present tenant keep: the present one of each, and the one before."""
    hooks = Hook._base_manager
    return hooks.count() + hooks.exclude(previous_secret="").count()


def visible(viewer: User, model: type[S]) -> QuerySet[S]:
    """Schedules, triggers or hooks whose target the viewer may read."""
    reachable = Q()
    for kind in ("job", "job_package", "workflow"):
        reachable |= Q(**{f"{kind}__in": access.visible(viewer, kind).values("pk")})
    return model._default_manager.filter(reachable, deleted_at=None)


def get(viewer: User, model: type[S], id: UUID, level: Level = Level.READ) -> S:
    """One of them. Raises NotFound where its target may not be read, Forbidden below the level."""
    found = model._default_manager.filter(pk=id, deleted_at=None).first()
    missing = NotFound(f"There is no {model._meta.model_name} {id}")
    if found is None:
        raise missing
    kind, target_id = found.target
    try:
        access.get_visible(viewer, kind, target_id, level)
    except NotFound:
        raise missing from None
    return found


def get_backfill(viewer: User, id: UUID, level: Level = Level.READ) -> Backfill:
    """A backfill of a schedule. Raises as `get`."""
    found = Backfill.objects.select_related("schedule").filter(pk=id).first()
    missing = NotFound(f"There is no backfill {id}")
    if found is None:
        raise missing
    try:
        get(viewer, Schedule, found.schedule_id, level)
    except NotFound:
        raise missing from None
    return found


def fires_of(trigger: Trigger) -> QuerySet[TriggerFire]:
    """What a trigger that was found by its own rule started, with the runs."""
    return trigger.fires.select_related("job_run", "execution").defer("execution__plan")


def events_of(hook: Hook) -> QuerySet[HookEvent]:
    """What was delivered to a hook that was found by its own rule, with the runs."""
    return hook.events.select_related("job_run", "execution").defer("execution__plan")
