"""Job packages: jobs of a workspace in an order."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.kernel.ids import new_id
from apps.workspaces.models.job import Job
from apps.workspaces.models.resource import Resource, recorded
from apps.workspaces.models.running import Runnable
from apps.workspaces.models.workspace import Workspace


class JobPackageQuerySet(models.QuerySet["JobPackage"]):
    def living(self) -> JobPackageQuerySet:
        """Neither deleted nor in a deleted workspace."""
        return self.filter(deleted_at=None, workspace__in=Workspace.objects.living().values("pk"))


class JobPackage(Resource, Runnable):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="job_packages")
    jobs = models.ManyToManyField(Job, through="JobPackageItem", related_name="packages")

    history = recorded()
    objects = JobPackageQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "name", "id"], name="packages_of_workspace")]


class JobPackageItem(models.Model):
    """A job's place in a package, counted from 0."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.ForeignKey(JobPackage, on_delete=models.CASCADE, related_name="items")
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="package_items")
    position = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint("package", "job", name="job_once_in_package"),
            models.UniqueConstraint("package", "position", name="one_job_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.package_id}"
