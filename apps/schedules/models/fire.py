"""One fire of a schedule: its claim, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.kernel.ids import new_id
from apps.schedules.models.backfill import Backfill
from apps.schedules.models.schedule import Schedule


class Fire(models.Model):
    """A schedule and a time have one row, and a backfill and a time have one: whoever writes it has claimed
    it, and nobody else can. It is started in the transaction that sets `job_run`, so once or not at all.

    `reason` says why one was skipped: `missed`, `overlap`, `queue_full`, `deleted`.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        STARTED = "started"
        SKIPPED = "skipped"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="fires")
    backfill = models.ForeignKey(Backfill, null=True, blank=True, on_delete=models.CASCADE, related_name="fires")
    scheduled_at = models.DateTimeField()
    window_start = models.DateTimeField()
    late = models.BooleanField(default=False, help_text="Nobody saw it in time; it is caught up with")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    reason = models.CharField(max_length=20, blank=True, default="")
    error = models.JSONField(null=True, blank=True)
    job_run = models.OneToOneField(
        "executions.JobRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-scheduled_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["scheduled_at"], name="fire_pending", condition=models.Q(status="pending")),
            models.Index(fields=["created_at"], name="fire_by_age"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["schedule", "scheduled_at"], name="one_fire_per_time", condition=models.Q(backfill=None)
            ),
            models.UniqueConstraint(
                fields=["backfill", "scheduled_at"],
                name="one_backfill_per_time",
                condition=models.Q(backfill__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheduled_at} ({self.status})"
