"""A schedule's fires of a past range, run on purpose."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.kernel.ids import new_id
from apps.schedules.models.schedule import Schedule


class Backfill(models.Model):
    """At most `concurrency` of its runs are under way at once, the oldest first."""

    class Status(models.TextChoices):
        RUNNING = "running"
        SUCCESS = "success"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="backfills")
    begin = models.DateTimeField(help_text="The first fire is then or later")
    end = models.DateTimeField(help_text="The last fire is before then")
    concurrency = models.PositiveSmallIntegerField(default=1)
    parameters = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="backfill_running", condition=models.Q(status="running"))
        ]

    def __str__(self) -> str:
        return f"{self.begin} to {self.end} ({self.status})"
