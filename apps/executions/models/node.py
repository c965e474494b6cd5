"""One node within one execution."""

from __future__ import annotations

from django.db import models

from apps.executions.core.states import NodeStatus


class NodeExecution(models.Model):
    """How a node fared. Rows come when something happens: a node of the plan without one is pending.

    Rows in and out are logical, as if the node ran alone; null with `pushed_down` where the source did
    the work and nobody can tell.
    """

    Status = NodeStatus

    execution = models.ForeignKey("executions.WorkflowExecution", on_delete=models.CASCADE, related_name="nodes")
    node_id = models.CharField(max_length=200)
    status = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in NodeStatus], default=NodeStatus.PENDING.value
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.BigIntegerField(null=True, blank=True)
    rows_in = models.BigIntegerField(null=True, blank=True)
    rows_out = models.BigIntegerField(null=True, blank=True)
    pushed_down = models.BooleanField(default=False)
    bytes = models.BigIntegerField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=1)
    error = models.JSONField(null=True, blank=True)
    part = models.FloatField(null=True, blank=True, help_text="How much of its work is done while it runs, from 0 to 1")
    iterations = models.JSONField(null=True, blank=True, help_text="Of a loop: total, finished, failed")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["execution", "node_id"], name="node_execution_once")]

    def __str__(self) -> str:
        return f"{self.node_id} ({self.status})"
