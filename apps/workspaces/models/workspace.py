"""Workspaces: the top of the hierarchy."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.workspaces.models.resource import Resource, recorded


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def living(self) -> WorkspaceQuerySet:
        return self.filter(deleted_at=None)


class Workspace(Resource):
    history = recorded()
    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], name="workspaces_by_name", condition=models.Q(deleted_at=None)),
        ]
