"""The last sample of a node."""

from __future__ import annotations

from django.db import models

from apps.kernel.ids import new_id


class NodePreview(models.Model):
    """Points to the dataset of the newest successful preview of a node; the rows stay in the run store."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workflow = models.ForeignKey("workflows.Workflow", on_delete=models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=200)
    execution = models.ForeignKey("executions.WorkflowExecution", on_delete=models.CASCADE, related_name="+")
    port = models.CharField(max_length=200)
    sampled = models.BooleanField(default=False, help_text="Whether the rows come from a sample of the sources")
    read_at = models.DateTimeField(null=True, help_text="When the oldest of its sources was read")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "node_id"], name="preview_once_per_node")]

    def __str__(self) -> str:
        return f"preview of {self.node_id}"
