"""What everything in a workspace has: a name, who made it when, and whether it was deleted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from apps.kernel.ids import new_id

NAME_LENGTH = 200
DESCRIPTION_LENGTH = 10_000


class Resource(models.Model):
    """Base of workspaces and what lies in them, workflows too.

    Deletion is not copied: `deleted_at` says that this one was deleted, but it is gone as well while
    anything above it is. Ask the manager for `living()`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=NAME_LENGTH)
    description = models.TextField(blank=True, default="", max_length=DESCRIPTION_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    _history_user: Any
    """Who is written into the history by the next save; set by services."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


def recorded(*excluded: str) -> HistoricalRecords:
    """The record of what people edited in a resource; `excluded` are fields that only derive from others."""
    return HistoricalRecords(excluded_fields=["updated_at", *excluded])
