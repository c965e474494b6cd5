"""Fires and deliveries are kept for a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.kernel.clock import now
from apps.schedules.models import Fire, HookEvent, HookRefusal, TriggerFire

KEPT = timedelta(days=90)
_AT_ONCE = 10_000


def forget_old() -> int:
    """Delete what is older than 90 days, at most ten thousand of a kind; answers how many. A schedule's cursor
    and a delivery's time keep both from happening again."""
    before = now() - KEPT
    old: tuple[Any, ...] = (
        Fire.objects.filter(created_at__lt=before).exclude(status=Fire.Status.PENDING).order_by("created_at"),
        TriggerFire.objects.filter(created_at__lt=before)
        .exclude(status=TriggerFire.Status.PENDING)
        .order_by("created_at"),
        HookEvent.objects.filter(created_at__lt=before).order_by("created_at"),
        HookRefusal.objects.filter(last_at__lt=before).order_by("last_at"),
    )
    count = 0
    for rows in old:
        ids = list(rows.values_list("pk", flat=True)[:_AT_ONCE])
        deleted, _ = rows.model.objects.filter(pk__in=ids).delete()
        count += deleted
    return count
