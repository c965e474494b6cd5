"""Making and changing job packages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import FieldError, Forbidden, Invalid
from apps.tenants.features import require_enabled
from apps.workspaces.models import JobPackage, JobPackageItem, Workspace
from apps.workspaces.services import editing
from apps.workspaces.services.placing import lock_workspaces

FEATURE = "job_packages"


@transaction.atomic
def create_job_package(
    *,
    workspace: Workspace,
    by: User,
    name: str,
    description: str = "",
    job_ids: Sequence[UUID] = (),
    **running: Any,
) -> JobPackage:
    """A package of jobs of this workspace, in that order. `running`: mode, on_failure.

    Raises FeatureDisabled, Invalid for jobs that are not there, Forbidden for jobs that `by` may not run.
    """
    require_enabled(FEATURE)
    lock_workspaces(workspace.pk)
    package = JobPackage(workspace=workspace, name=name, description=description, **running)
    editing.created(package, object_type="job_package", workspace_id=workspace.pk, by=by)
    _put(package, job_ids, by)
    return package


@transaction.atomic
def change_job_package(*, package: JobPackage, by: User, changes: Mapping[str, Any]) -> JobPackage:
    """Change name, description, how it is run or `job_ids`. Raises as `create_job_package`."""
    lock_workspaces(package.workspace_id)
    fields = {name: value for name, value in changes.items() if name != "job_ids"}
    changed = editing.changed(package, fields, object_type="job_package", workspace_id=package.workspace_id, by=by)
    if "job_ids" in changes and _put(package, changes["job_ids"], by) and not changed:
        editing.save(package, by=by)
    return package


def _put(package: JobPackage, job_ids: Sequence[UUID], by: User) -> bool:
    """Make these the jobs of the package; False if they are already, in this order."""
    before = list(package.items.order_by("position").values_list("job_id", flat=True))
    if before == list(job_ids):
        return False
    _check(package, job_ids, by, known=frozenset(before))
    package.items.all().delete()
    JobPackageItem.objects.bulk_create(
        JobPackageItem(package=package, job_id=job_id, position=position) for position, job_id in enumerate(job_ids)
    )
    return True


def _check(package: JobPackage, job_ids: Sequence[UUID], by: User, *, known: frozenset[UUID]) -> None:
    twice = [job_id for job_id, times in Counter(job_ids).items() if times > 1]
    if twice:
        raise Invalid(errors=[FieldError("job_ids", "duplicate", f"The job {twice[0]} is there more than once")])
    readable = _held(package, job_ids, by, Level.READ)
    errors = [
        FieldError(f"job_ids.{index}", "not_found", f"There is no job {job_id} in this workspace")
        for index, job_id in enumerate(job_ids)
        if job_id not in readable
    ]
    if errors:
        raise Invalid(errors=errors)
    # Running the package runs its jobs: nobody may add what they could not run themselves.
    if set(job_ids) - known - _held(package, job_ids, by, Level.EXECUTE):
        raise Forbidden("You need the permission execute on every job that you add")


def _held(package: JobPackage, job_ids: Sequence[UUID], by: User, level: Level) -> set[UUID]:
    jobs = access.visible(by, "job", level).filter(pk__in=job_ids, folder__workspace_id=package.workspace_id)
    return set(jobs.values_list("pk", flat=True))
