"""What lies right in a workspace, folder or job, with counts, in one list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, IntegerField, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.accounts import access
from apps.accounts.models import User
from apps.kernel.errors import NotFound
from apps.workflows.models import Workflow
from apps.workspaces.models import Folder, Job, Workspace


def children(viewer: User, workspace: Workspace, parent_id: UUID) -> QuerySet[Any, dict[str, Any]]:
    """Rows {type, id, name, parent_id, children}: folders before jobs, by name.

    `parent_id` is the workspace itself, or a folder or job in it. Who may read the workspace may read all
    that lies in it, so the counts tell nobody anything new. Raises NotFound for another parent.
    """
    if parent_id == workspace.pk:
        return _sorted(_folders(viewer, workspace).filter(parent=None), "folder", _in_folder(), Value(workspace.pk))
    if _folders(viewer, workspace).filter(pk=parent_id).exists():
        folders = _rows(_folders(viewer, workspace).filter(parent=parent_id), "folder", _in_folder(), F("parent"))
        jobs = _rows(_jobs(viewer, workspace).filter(folder=parent_id), "job", _in_job(), F("folder"))
        return folders.union(jobs, all=True).order_by("type", "name", "id")
    if _jobs(viewer, workspace).filter(pk=parent_id).exists():
        workflows = access.visible(viewer, "workflow").filter(job=parent_id)
        return _sorted(workflows, "workflow", Value(0), F("job"))
    raise NotFound(f"There is no folder or job {parent_id} in this workspace")


def _folders(viewer: User, workspace: Workspace) -> QuerySet[Folder]:
    return access.visible(viewer, "folder").filter(workspace=workspace)


def _jobs(viewer: User, workspace: Workspace) -> QuerySet[Job]:
    return access.visible(viewer, "job").filter(folder__workspace=workspace)


def _in_folder() -> Any:
    return _count(Folder, "parent") + _count(Job, "folder")


def _in_job() -> Any:
    return _count(Workflow, "job")


def _count(model: type[Model], parent: str) -> Any:
    """How many rows lie right in the outer one. It is living, so they are unless deleted themselves."""
    rows = model._default_manager.filter(**{parent: OuterRef("pk")}, deleted_at=None).order_by()
    counted = rows.values(parent).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _rows(found: QuerySet[Any], type_: str, children: Any, parent: Any) -> QuerySet[Any, dict[str, Any]]:
    # Not named `parent_id` in SQL, where folders have a column of that name.
    rows: QuerySet[Any, dict[str, Any]] = (
        found.select_related(None)
        .order_by()
        .annotate(type=Value(type_, output_field=CharField()), inside=parent, children_count=children)
        .values("type", "id", "name", "inside", "children_count")
    )
    return rows


def _sorted(found: QuerySet[Any], type_: str, children: Any, parent: Any) -> QuerySet[Any, dict[str, Any]]:
    return _rows(found, type_, children, parent).order_by("name", "id")
