"""Making, changing and moving jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.kernel.errors import Conflict
from apps.workspaces.models import Folder, Job, JobPackageItem
from apps.workspaces.services import editing
from apps.workspaces.services.placing import lock_workspaces, require_writable


@transaction.atomic
def create_job(*, folder: Folder, by: User, name: str, description: str = "", **running: Any) -> Job:
    """`running`: mode, on_failure, workflow_order."""
    job = Job(folder=folder, name=name, description=description, **running)
    editing.created(job, object_type="job", workspace_id=folder.workspace_id, by=by)
    return job


@transaction.atomic
def change_job(*, job: Job, by: User, changes: Mapping[str, Any]) -> Job:
    """Change name, description or how it is run."""
    editing.changed(job, changes, object_type="job", workspace_id=job.folder.workspace_id, by=by)
    return job


@transaction.atomic
def move_job(*, job: Job, to: Folder, by: User) -> Job:
    """Put a job with its workflows into another folder.

    Raises Forbidden without write on the folder, Conflict `in_package` where it would leave a workspace that
    has it in a job package.
    """
    require_writable(by, to)
    lock_workspaces(job.folder.workspace_id, to.workspace_id)
    job.refresh_from_db()
    to.refresh_from_db()
    if job.folder.workspace_id != to.workspace_id:
        refuse_packaged(JobPackageItem.objects.filter(job=job))
    before = job.folder_id
    if before != to.pk:
        job.folder = to
        editing.moved(job, object_type="job", workspace_id=to.workspace_id, before=before, after=to.pk, by=by)
    return job


def refuse_packaged(items: QuerySet[JobPackageItem]) -> None:
    """Raises Conflict `in_package` if there is an item: a package holds jobs of its own workspace only."""
    if items.filter(package__deleted_at=None).exists():
        raise Conflict(
            "A job package of the workspace holds a job that would leave it",
            code="in_package",
            remedy="Take the job out of the package first",
        )
    items.delete()
