"""Reads: everything starts from the jobs, packages and workflows that the viewer may see."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import NotFound
from apps.schedules.models import Backfill, Schedule
from apps.schedules.models.starter import Starter

S = TypeVar("S", bound=Starter)


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
