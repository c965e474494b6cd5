"""What lies right in a workspace, folder or job, with counts, in one list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce

from apps.accounts import access
from apps.accounts.models import User
from apps.kernel.errors import NotFound
from apps.workflows.models import Workflow
from apps.workspaces.models import Folder, Job, JobPackage, Workspace

Rows = QuerySet[Any, dict[str, Any]]
"""Rows {type, id, name, updated_at, inside, children_count}."""

KINDS = ("workspace", "folder", "job", "job_package", "workflow")


def children(viewer: User, workspace: Workspace, parent_id: UUID) -> Rows:
    """What lies right in the workspace, or in a folder or job in it: folders before jobs, by name. Raises NotFound
    for another parent."""
    inside = {"folder": Q(workspace=workspace), "job": Q(folder__workspace=workspace)}
    if parent_id == workspace.pk or any(
        access.visible(viewer, kind).filter(condition, pk=parent_id).exists() for kind, condition in inside.items()
    ):
        return below(viewer, parent_id)
    raise NotFound(f"There is no folder or job {parent_id} in this workspace")


def roots(viewer: User) -> Rows:
    """Workspaces, and after them what the viewer may read without reading what it lies in. Each kind by name."""
    found = [rows(viewer, "workspace")]
    if not viewer.is_owner:
        granted = access.grants_of(viewer)
        for kind, parents in _PARENTS.items():
            alone = access.visible(viewer, kind).filter(pk__in=granted.get(kind, ()))
            for field, above in parents.items():
                alone = alone.exclude(**{f"{field}__in": access.visible(viewer, above).values("pk")})
            found.append(rows(viewer, kind, alone))
    return united(*found).order_by("-type", "name", "id")


def below(viewer: User, parent_id: UUID) -> Rows:
    """What lies right in a workspace, folder or job, kind after kind, by name. Raises NotFound.

    Who may read that may read all that lies in it, so the counts tell nobody anything new.
    """
    parent_kind = next((kind for kind in _CHILDREN if access.visible(viewer, kind).filter(pk=parent_id).exists()), None)
    if parent_kind is None:
        raise NotFound(f"There is no workspace, folder or job {parent_id}")
    found = [
        rows(viewer, kind, access.visible(viewer, kind).filter(**{name: parent_id}, **more))
        for kind, name, more in _CHILDREN[parent_kind]
    ]
    return united(*found).order_by("type", "name", "id")


def rows(viewer: User, kind: str, found: QuerySet[Any] | None = None) -> Rows:
    """The objects as rows; by default all of the kind that the viewer may read."""
    found = access.visible(viewer, kind) if found is None else found
    parent, count = _SHOWN[kind]
    # Not named `parent_id` in SQL, where folders have a column of that name.
    listed: Rows = (
        found.select_related(None)
        .order_by()
        .annotate(type=Value(kind, output_field=CharField()), inside=parent, children_count=count)
        .values("type", "id", "name", "updated_at", "inside", "children_count")
    )
    return listed


def united(first: Rows, *others: Rows) -> Rows:
    return first.union(*others, all=True) if others else first


def _count(model: type[Model], by: str, **more: Any) -> Any:
    """How many rows lie right in the outer one. It is living, so they are unless deleted themselves."""
    within = model._default_manager.filter(**{by: OuterRef("pk")}, deleted_at=None, **more).order_by()
    counted = within.values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


_NOTHING = Value(0, output_field=IntegerField())
# Kind → the id of what it lies in, and how much lies right in it.
_SHOWN: dict[str, tuple[Any, Any]] = {
    "workspace": (
        Value(None, output_field=UUIDField()),
        _count(Folder, "workspace", parent=None) + _count(JobPackage, "workspace"),
    ),
    "folder": (Coalesce("parent_id", "workspace_id"), _count(Folder, "parent") + _count(Job, "folder")),
    "job": (F("folder_id"), _count(Workflow, "job")),
    "job_package": (F("workspace_id"), _NOTHING),
    "workflow": (F("job_id"), _NOTHING),
}
# Kind → the kinds that lie right in it: by which field, and what else must hold.
_CHILDREN: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "job": (("workflow", "job", {}),),
    "folder": (("folder", "parent", {}), ("job", "folder", {})),
    "workspace": (("folder", "workspace", {"parent": None}), ("job_package", "workspace", {})),
}
# Kind → the fields that name what it may lie in.
_PARENTS: dict[str, dict[str, str]] = {
    "folder": {"workspace": "workspace", "parent": "folder"},
    "job": {"folder": "folder"},
    "job_package": {"workspace": "workspace"},
    "workflow": {"job": "job"},
}
