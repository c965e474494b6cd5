"""Making, changing and moving folders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import F, Func, Max, UUIDField, Value

from apps.accounts.models import User
from apps.kernel.errors import NotFound
from apps.workspaces.core import tree
from apps.workspaces.models import Folder, Job, JobPackageItem, Workspace
from apps.workspaces.services import editing
from apps.workspaces.services.jobs import refuse_packaged
from apps.workspaces.services.placing import lock_workspaces, require_writable


@transaction.atomic
def create_folder(
    *, workspace: Workspace, by: User, name: str, description: str = "", parent: Folder | None = None
) -> Folder:
    """A folder at the top of the workspace or in another folder of it. Raises Invalid `too_deep`."""
    lock_workspaces(workspace.pk)
    if parent is not None:
        parent = _again(parent, workspace.pk)
    folder = Folder(workspace=workspace, parent=parent, name=name, description=description)
    folder.path = tree.path_below(parent.path if parent else None, folder.pk)
    editing.created(folder, object_type="folder", workspace_id=workspace.pk, by=by)
    return folder


@transaction.atomic
def change_folder(*, folder: Folder, by: User, changes: Mapping[str, Any]) -> Folder:
    """Change name or description."""
    editing.changed(folder, changes, object_type="folder", workspace_id=folder.workspace_id, by=by)
    return folder


@transaction.atomic
def move_folder(*, folder: Folder, to: Workspace | Folder, by: User) -> Folder:
    """Put a folder with all that it holds into another folder, or at the top of a workspace.

    Raises Forbidden without write on the target, Invalid `cycle` or `too_deep`, Conflict `in_package` where
    a job would leave a workspace that has it in a job package.
    """
    require_writable(by, to)
    workspace_id = to.workspace_id if isinstance(to, Folder) else to.pk
    lock_workspaces(folder.workspace_id, workspace_id)
    folder = _again(folder, folder.workspace_id)
    target = _again(to, workspace_id) if isinstance(to, Folder) else None
    subtree = Folder._base_manager.filter(path__contains=[folder.pk])
    deepest = subtree.aggregate(deepest=Max("path__len"))["deepest"]
    below = target.path if target else None
    tree.require_movable(folder.path, below=below, height=deepest - len(folder.path) + 1)
    if workspace_id != folder.workspace_id:
        refuse_packaged(JobPackageItem.objects.filter(job__in=Job._base_manager.filter(folder__in=subtree)))
    before = folder.parent_id or folder.workspace_id
    if before == to.pk:
        return folder
    subtree.update(path=_moved_path(folder.path, below), workspace_id=workspace_id)
    folder.path = tree.moved(folder.path, of=folder.path, below=below)
    folder.workspace_id, folder.parent = workspace_id, target
    editing.moved(folder, object_type="folder", workspace_id=workspace_id, before=before, after=to.pk, by=by)
    return folder


def _again(folder: Folder, workspace_id: UUID) -> Folder:
    """The folder as it stands now that its workspace is locked."""
    found = Folder.objects.living().filter(pk=folder.pk, workspace_id=workspace_id).first()
    if found is None:
        raise NotFound(f"There is no folder {folder.pk}")
    return found


def _moved_path(old: tree.Path, below: tree.Path | None) -> Func:
    """`tree.moved` for all folders of the subtree at once, in SQL: the new beginning and the old rest."""
    ids = ArrayField(UUIDField())
    rest = F("path")[len(old) - 1 :]
    return Func(Value(list(below or ()), output_field=ids), rest, function="array_cat", output_field=ids)
