"""Restoring what was deleted, where its place is still there."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts import access
from apps.accounts.models import User
from apps.kernel.errors import Conflict
from apps.workspaces.models import Folder, Job, JobPackage, Workspace
from apps.workspaces.services import deletion


def require_living(kind: str, id: UUID, what: str) -> None:
    """Raises Conflict `parent_deleted` where the object that something lies in is gone itself."""
    if not access.kind_named(kind).queryset().filter(pk=id).exists():
        raise Conflict(
            f"What holds this {what} is deleted too",
            code="parent_deleted",
            remedy=f"Restore the {kind} {id}, or what holds it, first",
        )


def restore_workspace(*, workspace: Workspace, by: User) -> Workspace:
    deletion.restore(workspace, object_type="workspace", workspace_id=workspace.pk, by=by)
    return workspace


@transaction.atomic
def restore_folder(*, folder: Folder, by: User) -> Folder:
    """Raises Conflict `parent_deleted`, Gone after 30 days."""
    kind, parent = ("folder", folder.parent_id) if folder.parent_id else ("workspace", folder.workspace_id)
    require_living(kind, parent, "folder")
    deletion.restore(folder, object_type="folder", workspace_id=folder.workspace_id, by=by)
    return folder


@transaction.atomic
def restore_job(*, job: Job, by: User) -> Job:
    """Raises Conflict `parent_deleted`, Gone after 30 days."""
    require_living("folder", job.folder_id, "job")
    deletion.restore(job, object_type="job", workspace_id=job.folder.workspace_id, by=by)
    return job


@transaction.atomic
def restore_job_package(*, package: JobPackage, by: User) -> JobPackage:
    """Raises Conflict `parent_deleted`, Gone after 30 days."""
    require_living("workspace", package.workspace_id, "job package")
    deletion.restore(package, object_type="job_package", workspace_id=package.workspace_id, by=by)
    return package
