"""Making and changing workspaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.accounts.access import Level
from apps.accounts.models import User
from apps.accounts.services.permissions import grant
from apps.workspaces.models import Workspace
from apps.workspaces.services import editing


@transaction.atomic
def create_workspace(*, by: User, name: str, description: str = "") -> Workspace:
    """Whoever makes a workspace without owning the subscription is granted admin on it."""
    workspace = Workspace(name=name, description=description)
    editing.created(workspace, object_type="workspace", workspace_id=workspace.pk, by=by)
    if not by.is_owner:
        grant(obj=workspace, to=by, level=Level.ADMIN, by=by)
    return workspace


@transaction.atomic
def change_workspace(*, workspace: Workspace, by: User, changes: Mapping[str, Any]) -> Workspace:
    """Change name or description."""
    editing.changed(workspace, changes, object_type="workspace", workspace_id=workspace.pk, by=by)
    return workspace
