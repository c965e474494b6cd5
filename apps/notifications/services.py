"""Telling people, and taking note that they have seen it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from apps.accounts.models import User
from apps.kernel import clock
from apps.kernel.events import publish
from apps.notifications.bodies import body
from apps.notifications.core.notices import KEPT, Kind, Notice
from apps.notifications.events import NotificationsSeen, PersonNotified
from apps.notifications.models import Notification

_SETTLE = (
    sql.SQL("update {} set seen_at = %s where kind = %s and execution_id = %s and seen_at is null returning user_id")
    .format(sql.Identifier(Notification._meta.db_table))
    .as_string(None)
)


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


@transaction.atomic
def settle_execution(execution_id: UUID, *, kind: Kind) -> None:
    """Nobody needs to look any more at what they were told of an execution: it is over. Asked at every end of a run:
    one statement that writes nothing where nobody was told."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [clock.now(), kind.value, execution_id])
        _tell_seen(user_id for (user_id,) in cursor.fetchall())


@transaction.atomic
def settle(about: UUID, *, kind: Kind) -> None:
    """Nobody needs to look any more at what they were told of this thing: a question was answered."""
    found = Notification.objects.filter(kind=kind, about=about, seen_at=None)
    people = list(found.values_list("user_id", flat=True))
    found.update(seen_at=clock.now())
    _tell_seen(people)


def _tell_seen(people: Iterable[UUID]) -> None:
    if told := sorted(set(people)):
        publish(NotificationsSeen(user_ids=told))
