"""A workflow: a diagram with a name in a job."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from apps.workspaces.models import Job
from apps.workspaces.models.resource import Resource, recorded


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    def living(self) -> WorkflowQuerySet:
        """Neither deleted nor in a deleted job, folder or workspace."""
        return self.filter(deleted_at=None, job__in=Job.objects.living().values("pk"))


class Workflow(Resource):
    """The diagram itself is in its versions; `version` is the number of the current one.

    Rows are kept narrow: lists count and sort a hundred thousand of them.
    """

    job = models.ForeignKey("workspaces.Job", on_delete=models.CASCADE, related_name="workflows")
    version = models.PositiveIntegerField(default=0, editable=False)
    node_count = models.PositiveIntegerField(default=0, editable=False)
    on_failure_workflow = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Started when a run fails"
    )
    max_concurrent_executions = models.PositiveIntegerField(
        null=True, blank=True, help_text="So many of its executions run at once; further ones wait"
    )
    timeout = models.PositiveIntegerField(
        null=True, blank=True, help_text="Seconds that workers may work on one execution of it"
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    history = recorded("node_count")
    objects = WorkflowQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["job", "name", "id"], name="workflows_of_job", condition=models.Q(deleted_at=None)),
            models.Index(
                fields=["job", "updated_at", "id"],
                name="workflows_of_job_change",
                condition=models.Q(deleted_at=None),
            ),
            models.Index(
                fields=["job", "created_at", "id"], name="workflows_of_job_age", condition=models.Q(deleted_at=None)
            ),
            models.Index(fields=["name", "id"], name="workflows_by_name", condition=models.Q(deleted_at=None)),
            models.Index(fields=["updated_at", "id"], name="workflows_by_change", condition=models.Q(deleted_at=None)),
            models.Index(fields=["created_at", "id"], name="workflows_by_age", condition=models.Q(deleted_at=None)),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="workflows_name_words"),
            GinIndex(OpClass(Upper("description"), name="gin_trgm_ops"), name="workflows_description_words"),
        ]
