"""Reads: a person's own, and of workflows that they may still read."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from apps.accounts import access
from apps.accounts.models import User
from apps.notifications.core.notices import Kind
from apps.notifications.models import Notification


def own(viewer: User) -> QuerySet[Notification]:
    """What the viewer was told. Who is asked for an approval may see the question without reading the workflow."""
    readable = Q(workflow__in=access.visible(viewer, "workflow").values("pk"))
    return (
        Notification.objects.filter(user=viewer)
        .filter(readable | Q(kind=Kind.APPROVAL_REQUESTED))
        .select_related("workflow")
    )
