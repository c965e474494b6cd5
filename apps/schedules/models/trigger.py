"""What starts a run when something happens in UZO."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.kernel.ids import new_id
from apps.schedules.models.starter import ONE_TARGET, Starter


class Trigger(Starter):
    """Of kind `file_arrived`: a file whose name matches `pattern` came into `connector`. Of kind
    `workflow_finished`: a run of `source` ended as `outcome` says."""

    class Kind(models.TextChoices):
        FILE_ARRIVED = "file_arrived"
        WORKFLOW_FINISHED = "workflow_finished"

    class Outcome(models.TextChoices):
        SUCCESS = "success"
        FAILED = "failed"
        ANY = "any"

    kind = models.CharField(max_length=20, choices=Kind)
    connector = models.ForeignKey(
        "connectors.Connector", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    pattern = models.CharField(max_length=200, default="*", help_text="Of file names: * and ? stand for others")
    source = models.ForeignKey("workflows.Workflow", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.SUCCESS)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["connector"], name="trigger_of_files", condition=models.Q(deleted_at=None)),
            models.Index(fields=["source"], name="trigger_of_workflow", condition=models.Q(deleted_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=ONE_TARGET, name="trigger_of_one_target"),
            models.CheckConstraint(
                condition=models.Q(kind="file_arrived", connector__isnull=False, source=None)
                | models.Q(kind="workflow_finished", connector=None, source__isnull=False),
                name="trigger_of_one_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.pk)


class TriggerFire(models.Model):
    """Something happened that a trigger waits for. It is written in the transaction in which it happened, so
    that none is lost, and `event` keeps it from being written twice. `depth` counts the events that led here."""

    class Status(models.TextChoices):
        PENDING = "pending"
        STARTED = "started"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trigger = models.ForeignKey(Trigger, on_delete=models.CASCADE, related_name="fires")
    event = models.CharField(max_length=200)
    depth = models.PositiveIntegerField(default=0)
    parameters = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    error = models.JSONField(null=True, blank=True)
    job_run = models.OneToOneField(
        "executions.JobRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    execution = models.OneToOneField(
        "executions.WorkflowExecution", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="trigger_fire_pending", condition=models.Q(status="pending")),
            models.Index(fields=["trigger", "-created_at"], name="trigger_fire_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trigger", "event"], name="one_trigger_fire_per_event")
        ]

    def __str__(self) -> str:
        return f"{self.event} ({self.status})"
