"""What schedules, triggers and webhooks have in common: they start one thing, in somebody's name."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models

from apps.kernel.ids import new_id

NAME_LENGTH = 200
ONE_TARGET = (
    models.Q(job__isnull=False, job_package=None, workflow=None)
    | models.Q(job=None, job_package__isnull=False, workflow=None)
    | models.Q(job=None, job_package=None, workflow__isnull=False)
)


class Starter(models.Model):
    """Exactly one of `job`, `job_package`, `workflow` is set. Runs are `run_as`'s, who saved it last and must
    still hold execute on the target when it starts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    job = models.ForeignKey("workspaces.Job", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    job_package = models.ForeignKey(
        "workspaces.JobPackage", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    workflow = models.ForeignKey(
        "workflows.Workflow", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    enabled = models.BooleanField(default=True)
    parameters = models.JSONField(default=dict, blank=True)
    environment = models.CharField(max_length=100, null=True, blank=True)
    run_as = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def target(self) -> tuple[str, UUID]:
        """Kind and id of what it starts."""
        for kind, id in (("job", self.job_id), ("job_package", self.job_package_id), ("workflow", self.workflow_id)):
            if id is not None:
                return kind, id
        raise AssertionError("the database holds a starter without a target")
