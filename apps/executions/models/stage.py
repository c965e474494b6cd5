"""What a finished stage left behind, so that it never runs twice."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class StageResult(models.Model):
    """Written once per stage in the transaction that checks the fencing token; `result` is
    `apps.executions.core` StageResult as JSON: datasets by reference, scalars, branches, statuses."""

    execution = models.ForeignKey("executions.WorkflowExecution", on_delete=models.CASCADE, related_name="stages")
    stage_id = models.CharField(max_length=200)
    fence = models.PositiveIntegerField()
    failed = models.BooleanField(default=False)
    result = models.JSONField()
    finished_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["execution", "stage_id"], name="stage_result_once")]

    def __str__(self) -> str:
        return self.stage_id
