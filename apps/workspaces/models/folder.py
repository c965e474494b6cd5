"""Folders, nested in a workspace."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from apps.workspaces.models.resource import Resource, recorded
from apps.workspaces.models.workspace import Workspace


class FolderQuerySet(models.QuerySet["Folder"]):
    def living(self) -> FolderQuerySet:
        """Neither deleted nor in a deleted folder or workspace."""
        deleted = ArraySubquery(Folder._base_manager.exclude(deleted_at=None).values("id"))
        living = self.filter(deleted_at=None, workspace__in=Workspace.objects.living().values("pk"))
        return living.exclude(path__overlap=deleted)


class Folder(Resource):
    """`path` has the ids of the folders from the top down to this one, itself included: a folder lies in
    another, at any depth, exactly if its path holds the other's id."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="folders")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    path = ArrayField(models.UUIDField(), editable=False)

    history = recorded("path")
    objects = FolderQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["path"], name="folders_by_path"),
            models.Index(fields=["workspace", "name", "id"], name="folders_of_workspace"),
            models.Index(fields=["id"], name="deleted_folders", condition=models.Q(deleted_at__isnull=False)),
        ]
