"""Telling people, and taking note that they have seen it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.kernel import clock
from apps.kernel.events import publish
from apps.notifications.bodies import body
from apps.notifications.core.notices import KEPT, Notice
from apps.notifications.events import NotificationsSeen, PersonNotified
from apps.notifications.models import Notification


@transaction.atomic
def notify(*, notice: Notice, workflow_id: UUID, people: Iterable[UUID]) -> None:
    """Tell each of them; whoever was told before is told anew. What is older than 90 days is forgotten."""
    now = clock.now()
    for user_id in User.objects.living().filter(pk__in=list(people), is_active=True).values_list("pk", flat=True):
        found, _ = Notification.objects.update_or_create(
            user_id=user_id,
            kind=notice.kind.value,
            about=notice.about,
            defaults={
                "execution_id": notice.execution_id,
                "workflow_id": workflow_id,
                "message": notice.message,
                "created_at": now,
                "seen_at": None,
            },
        )
        Notification.objects.filter(user_id=user_id, created_at__lt=now - KEPT).delete()
        publish(PersonNotified(user_id=user_id, notification=body(found)))


@transaction.atomic
def mark_seen(*, viewer: User, ids: Collection[UUID] | None = None) -> int:
    """The viewer has seen these, or all of theirs; answers how many were new to them."""
    found = Notification.objects.filter(user=viewer, seen_at=None)
    if ids is not None:
        found = found.filter(pk__in=ids)
    seen = found.update(seen_at=clock.now())
    if seen:
        publish(NotificationsSeen(user_ids=(viewer.pk,)))
    return seen


def settle(*, kind: str, **of: UUID) -> None:
    """Nobody needs to look at these any more: the question was answered, or its execution is over."""
    found = Notification.objects.filter(kind=kind, seen_at=None, **of)
    people = sorted(set(found.values_list("user_id", flat=True)))
    if people:
        with transaction.atomic():
            found.update(seen_at=clock.now())
            publish(NotificationsSeen(user_ids=people))
