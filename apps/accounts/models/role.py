"""A role: a named set of capabilities, and the levels its people are granted by default."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from apps.kernel.history import history_user
from apps.kernel.ids import new_id


class Role(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True, default="")
    capabilities = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    levels = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    is_built_in = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(get_user=history_user, excluded_fields=["updated_at"])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
