"""Locks and checks for whatever changes where things stand.

Everything that changes the shape of a workspace's tree holds the locks of the workspaces concerned: two
moves at once could otherwise make a ring, and a folder could be made below one that is leaving.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import FieldError, Forbidden, Invalid, NotFound
from apps.workspaces.models import Workspace


def lock_workspaces(*ids: UUID) -> None:
    """Hold these workspaces until the transaction ends; always in the same order, so that none waits in a ring."""
    locked = Workspace._base_manager.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")
    if len(locked) < len(set(ids)):
        raise NotFound("The workspace is gone")


def require_writable(viewer: User, obj: Any) -> None:
    """Raises Forbidden unless the viewer may write the object, which they may read."""
    if not access.allowed(viewer, obj, Level.WRITE):
        kind = access.kind_of(obj).name.replace("_", " ")
        raise Forbidden(f"You need the permission write on this {kind}", remedy="Ask somebody who holds admin on it")


def named_in_body(viewer: User, kind: str, id: UUID, *, field: str, level: Level = Level.READ) -> Any:
    """The object that a body names. Raises Invalid `not_found` at that field for what the viewer may not
    read, Forbidden for what they may read but not to that level."""
    try:
        return access.get_visible(viewer, kind, id, level)
    except NotFound as error:
        raise Invalid(errors=[FieldError(field, "not_found", error.message)]) from error
