"""The nodes of each workflow's current diagram, for filters: the diagram itself cannot be searched."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.workflows.models.workflow import Workflow


class WorkflowNode(models.Model):
    """`node_type` is the category. `connector_id` is what the diagram says: a draft may name a connector
    that is not there, so it is no foreign key."""

    id = models.BigAutoField(primary_key=True)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="nodes")
    node_id = models.CharField(max_length=200)
    node_type = models.CharField(max_length=200)
    operation = models.CharField(max_length=200)
    connector_id = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("workflow", "node_id", name="node_once_in_workflow")]
        indexes: ClassVar = [
            models.Index(fields=["node_type", "operation", "workflow"], name="nodes_by_type"),
            models.Index(
                fields=["connector_id", "workflow"],
                name="nodes_by_connector",
                condition=models.Q(connector_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} of {self.workflow_id}"
