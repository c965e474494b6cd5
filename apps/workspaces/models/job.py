"""Jobs: a job groups workflows and is what a schedule runs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.workspaces.models.folder import Folder
from apps.workspaces.models.resource import Resource, recorded
from apps.workspaces.models.running import Runnable


class JobQuerySet(models.QuerySet["Job"]):
    def living(self) -> JobQuerySet:
        """Neither deleted nor in a deleted folder or workspace."""
        return self.filter(deleted_at=None, folder__in=Folder.objects.living().values("pk"))


class Job(Resource, Runnable):
    """`workflow_order`: ids of workflows that run first, in this order; the others follow by age."""

    folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="jobs")
    workflow_order = ArrayField(models.UUIDField(), default=list, blank=True)

    history = recorded()
    objects = JobQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["folder", "name", "id"], name="jobs_of_folder")]
