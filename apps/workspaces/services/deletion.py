"""Deleting, for a while or for good, and restoring. One verb for every kind: workflows use them too.

Deletion is not copied: what lies in a deleted object is gone with it and comes back with it.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.kernel.clock import now
from apps.kernel.errors import Gone
from apps.kernel.events import publish
from apps.workspaces.events import ResourceDeleted, ResourceRestored
from apps.workspaces.models.resource import Resource
from apps.workspaces.services import editing

KEPT_DAYS = 30
"""How long something deleted can be restored."""


@transaction.atomic
def delete(resource: Resource, *, object_type: str, workspace_id: UUID, by: User | None) -> None:
    """Set the object aside; it and all that lies in it are gone until it is restored."""
    resource.deleted_at, resource.deleted_by = now(), by
    editing.save(resource, by=by)
    _tell_deleted(resource, object_type=object_type, workspace_id=workspace_id, by=by, hard=False)


@transaction.atomic
def purge(resource: Resource, *, object_type: str, workspace_id: UUID, by: User | None) -> None:
    """Delete the object for good, with all that lies in it: grants on them, versions and executions too."""
    _tell_deleted(resource, object_type=object_type, workspace_id=workspace_id, by=by, hard=True)
    resource._history_user = by
    resource.delete()


@transaction.atomic
def restore(resource: Resource, *, object_type: str, workspace_id: UUID, by: User | None) -> Resource:
    """Bring the object back, and what lies in it unless that was deleted by itself; harmless for a living one.

    Raises Gone once the time for it is over.
    """
    if resource.deleted_at is None:
        return resource
    if (now() - resource.deleted_at).days >= KEPT_DAYS:
        raise Gone(f"It was deleted more than {KEPT_DAYS} days ago")
    resource.deleted_at, resource.deleted_by = None, None
    editing.save(resource, by=by)
    publish(
        ResourceRestored(
            object_type=object_type,
            object_id=resource.pk,
            name=resource.name,
            workspace_id=workspace_id,
            by=by.pk if by else None,
        )
    )
    return resource


def _tell_deleted(resource: Resource, *, object_type: str, workspace_id: UUID, by: User | None, hard: bool) -> None:
    publish(
        ResourceDeleted(
            object_type=object_type,
            object_id=resource.pk,
            name=resource.name,
            workspace_id=workspace_id,
            by=by.pk if by else None,
            hard=hard,
        )
    )
