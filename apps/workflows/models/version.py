"""The saved states of a workflow."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.kernel.ids import new_id
from apps.workflows.models.diagram_field import DiagramField
from apps.workflows.models.workflow import Workflow


class WorkflowVersion(models.Model):
    """What a save made; never changed afterwards. Runs use connectors by the right of its `author`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(help_text="Counted from 1 in each workflow")
    diagram = DiagramField()
    parameters = DiagramField(help_text="Declared parameters: {name: {type, default}}")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("workflow", "number", name="one_version_per_number")]

    def __str__(self) -> str:
        return f"version {self.number} of {self.workflow_id}"
