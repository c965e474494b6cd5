"""What an execution said."""

from __future__ import annotations

from django.db import models


class ExecutionLog(models.Model):
    """One line, of a node or (node_id null) of the whole execution; capped per execution (THREATS 60)."""

    class Level(models.TextChoices):
        DEBUG = "debug"
        INFO = "info"
        WARNING = "warning"
        ERROR = "error"

    execution = models.ForeignKey("executions.WorkflowExecution", on_delete=models.CASCADE, related_name="logs")
    node_id = models.CharField(max_length=200, null=True, blank=True)
    level = models.CharField(max_length=10, choices=Level, default=Level.INFO)
    message = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["execution", "id"], name="log_of_execution")]

    def __str__(self) -> str:
        return f"{self.level}: {self.message[:80]}"
