"""An environment: values and connectors under which workflows run, such as `staging` and `production`."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.kernel.ids import new_id


class Environment(models.Model):
    """Of one workspace. `parameters` are values by name; `connectors` says which connector stands in for which,
    id by id. No place for secrets, which belong into connectors: whoever reads the workspace reads these."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE, related_name="environments")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    parameters = models.JSONField(default=dict, blank=True)
    connectors = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint("workspace", "name", name="environment_once_in_workspace")]

    def __str__(self) -> str:
        return self.name
