"""One iteration of a loop within one execution."""

from __future__ import annotations

from django.db import models

from apps.executions.core.states import NodeStatus


class LoopIteration(models.Model):
    """The trace of a loop, and what keeps a finished iteration from running again
    (`apps.executions.core.iterations`). `within` is the iteration of the loops around it.

    A short iteration has a row once it is over. `nodes` says in brief what the nodes of the body came to;
    `state` is for the engine: stages of one that is not over, rows by reference.
    """

    Status = NodeStatus

    execution = models.ForeignKey("executions.WorkflowExecution", on_delete=models.CASCADE, related_name="iterations")
    node_id = models.CharField(max_length=200)
    within = models.CharField(max_length=1200, blank=True, default="")
    number = models.PositiveIntegerField(help_text="Counted from 0")
    fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=[(each.value, each.value) for each in NodeStatus])
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    rows_in = models.BigIntegerField(null=True)
    rows_out = models.BigIntegerField(null=True)
    failed_node = models.CharField(max_length=200, null=True)
    error = models.JSONField(null=True)
    warnings = models.PositiveIntegerField(default=0)
    nodes = models.JSONField(default=dict)
    state = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["execution", "node_id", "within", "number"], name="loop_iteration_once")
        ]

    def __str__(self) -> str:
        return f"{self.within}{self.node_id}:{self.number} ({self.status})"
