"""What every change of a resource has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.kernel.events import publish
from apps.workspaces.events import ResourceChanged, ResourceCreated, ResourceMoved
from apps.workspaces.models.resource import Resource

_SHOWN = 200


def created(resource: Resource, *, object_type: str, workspace_id: UUID, by: User | None) -> None:
    """Save a new resource and tell of it."""
    resource.created_by = by
    save(resource, by=by, new=True)
    publish(
        ResourceCreated(
            object_type=object_type,
            object_id=resource.pk,
            name=resource.name,
            workspace_id=workspace_id,
            by=by.pk if by else None,
        )
    )


def changed(
    resource: Resource, changes: Mapping[str, Any], *, object_type: str, workspace_id: UUID, by: User | None
) -> bool:
    """Set and save the fields that differ and tell of it; False where nothing does."""
    differing = {name: value for name, value in changes.items() if getattr(resource, name) != value}
    if not differing:
        return False
    told = {name: [_shown(getattr(resource, name)), _shown(value)] for name, value in differing.items()}
    for name, value in differing.items():
        setattr(resource, name, value)
    save(resource, by=by)
    publish(
        ResourceChanged(
            object_type=object_type,
            object_id=resource.pk,
            name=resource.name,
            workspace_id=workspace_id,
            by=by.pk if by else None,
            changes=told,
        )
    )
    return True


def moved(
    resource: Resource, *, object_type: str, workspace_id: UUID, before: UUID, after: UUID, by: User | None
) -> None:
    """Save a resource that was put elsewhere and tell of it."""
    save(resource, by=by)
    publish(
        ResourceMoved(
            object_type=object_type,
            object_id=resource.pk,
            name=resource.name,
            workspace_id=workspace_id,
            by=by.pk if by else None,
            changes={"parent_id": [str(before), str(after)]},
        )
    )


def save(resource: Resource, *, by: User | None, new: bool = False) -> None:
    """Save with the person in its history, inside a request or outside."""
    resource._history_user = by
    resource.save(force_insert=new)


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
