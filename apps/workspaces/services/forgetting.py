"""What was deleted thirty days ago goes for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.accounts import access
from apps.kernel.clock import now
from apps.workspaces.models.resource import Resource
from apps.workspaces.services import deletion

_AT_ONCE = 500


def forget_deleted() -> int:
    """Purge every resource, of whatever room, that can no longer be restored; gives their number."""
    moment = now() - timedelta(days=deletion.KEPT_DAYS)
    count = 0
    for kind in _kinds_of_resources():
        ids = kind.model._base_manager.filter(deleted_at__lt=moment).values_list("pk", flat=True)[:_AT_ONCE]
        for pk in list(ids):
            resource = kind.model._base_manager.filter(pk=pk).first()
            if not isinstance(resource, Resource):
                continue  # gone with what held it
            *_, (_, workspace_id) = kind.ancestors(resource)
            deletion.purge(resource, object_type=kind.name, workspace_id=workspace_id, by=None)
            count += 1
    return count


def _kinds_of_resources() -> Iterator[access.ObjectKind]:
    for name in access.kind_names():
        kind = access.kind_named(name)
        if issubclass(kind.model, Resource):
            yield kind
