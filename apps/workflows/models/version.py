"""The saved states of a workflow."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.kernel.ids import new_id
from apps.workflows.models.diagram_field import DiagramField
from apps.workflows.models.workflow import Workflow


class WorkflowVersion(models.Model):
    """What a save made. Runs use connectors by the right of its `author`.

    It never changes, but while it is `open`: then the next autosave of its author takes its place (its number
    grows, its id stays). Naming, publishing and running a version close it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(
        help_text="Counted from 1 in each workflow; where autosaves became one, with gaps"
    )
    name = models.CharField(max_length=200, blank=True, default="")
    comment = models.TextField(blank=True, default="")
    diagram = DiagramField()
    parameters = DiagramField(help_text="Declared parameters: {name: {type, default}}")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(null=True, help_text="When the last of the autosaves that it holds came")
    open = models.BooleanField(default=False, help_text="Whether its author's next autosave may take its place")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workflow", "number", name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["workflow"], condition=models.Q(published_at__isnull=False), name="one_published_version"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.workflow_id}"
