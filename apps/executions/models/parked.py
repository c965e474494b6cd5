"""A stage whose node waits for long, without a worker."""

from __future__ import annotations

from django.db import models


class ParkedStage(models.Model):
    """What a node left when it parked (`apps.executions.core.records.Parking`); gone once its stage is over."""

    execution = models.ForeignKey("executions.WorkflowExecution", on_delete=models.CASCADE, related_name="parked")
    stage_id = models.CharField(max_length=200)
    node_id = models.CharField(max_length=200)
    reason = models.CharField(max_length=20)
    until = models.DateTimeField(null=True)
    state = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    since = models.DateTimeField()
    attempt = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["execution", "stage_id"], name="parked_stage_once")]

    def __str__(self) -> str:
        return f"{self.node_id} waits for {self.reason}"
