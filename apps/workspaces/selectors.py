"""Reads of the hierarchy, from what the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.workspaces.models import Folder, Job, JobPackage, JobPackageItem, Workspace


def workspaces(viewer: User) -> QuerySet[Workspace]:
    return access.visible(viewer, "workspace")


def folders_in(viewer: User, workspace: Workspace) -> QuerySet[Folder]:
    """All folders of the living workspace, at every depth."""
    if access.allowed(viewer, workspace, Level.READ):
        return Folder.objects.living().filter(workspace=workspace)
    return access.visible(viewer, "folder").filter(workspace=workspace)


def jobs_in(viewer: User, folder: Folder) -> QuerySet[Job]:
    """Jobs right in the living folder, not in the folders that it holds. Who may read it may read them all."""
    if access.allowed(viewer, folder, Level.READ):
        return Job.objects.filter(folder=folder, deleted_at=None)
    return access.visible(viewer, "job").filter(folder=folder)


def packages_in(viewer: User, workspace: Workspace) -> QuerySet[JobPackage]:
    return access.visible(viewer, "job_package").filter(workspace=workspace)


def jobs_of_packages(viewer: User, packages: Iterable[JobPackage]) -> dict[UUID, list[UUID]]:
    """For each package the ids of its living jobs that the viewer may read, in order; one query."""
    ids: dict[UUID, list[UUID]] = {package.pk: [] for package in packages}
    items = JobPackageItem.objects.filter(package__in=ids, job__in=access.visible(viewer, "job").values("pk"))
    for package_id, job_id in items.order_by("position").values_list("package_id", "job_id"):
        ids[package_id].append(job_id)
    return ids


def jobs_to_run(package: JobPackage) -> list[Job]:
    """The living jobs of a package that was found by its own rule, in order."""
    items = JobPackageItem.objects.filter(package=package, job__in=Job.objects.living().values("pk"))
    return [item.job for item in items.select_related("job__folder").order_by("position")]
