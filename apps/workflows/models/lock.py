"""Who has checked a workflow out."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.workflows.models.workflow import Workflow


class WorkflowLock(models.Model):
    """While it has not expired, nobody but its holder saves the workflow."""

    workflow = models.OneToOneField(Workflow, primary_key=True, on_delete=models.CASCADE, related_name="lock")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Each save of the holder puts it off")

    def __str__(self) -> str:
        return f"{self.workflow_id} held by {self.holder_id}"
