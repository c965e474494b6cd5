"""A timetable by which a job or a package runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.schedules.core.catching_up import CatchUp, Overlap
from apps.schedules.core.timetables import Timetable, cron_timetable, interval_timetable
from apps.schedules.models.starter import ONE_TARGET, Starter


class Schedule(Starter):
    """Either `cron` in `timezone`, or `every_seconds` counted from `anchor`.

    `decided_until` is the cursor: whatever was due until then is decided, for good. It never moves back, so
    no change of any clock fires a thing twice. `next_fire_at` is derived from it, for whoever looks for what
    is due; it is null while paused, and when there is none any more.
    """

    cron = models.CharField(max_length=200, blank=True, default="")
    timezone = models.CharField(max_length=64, default="UTC")
    every_seconds = models.PositiveIntegerField(null=True, blank=True)
    anchor = models.DateTimeField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    catch_up = models.CharField(
        max_length=4, choices=[(each.value, each.value) for each in CatchUp], default=CatchUp.LAST.value
    )
    catch_up_limit = models.PositiveIntegerField(default=100)
    overlap = models.CharField(
        max_length=5, choices=[(each.value, each.value) for each in Overlap], default=Overlap.SKIP.value
    )
    decided_until = models.DateTimeField()
    next_fire_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_fire_at"],
                name="schedule_due",
                condition=models.Q(deleted_at=None, next_fire_at__isnull=False),
            ),
            models.Index(fields=["job", "name", "id"], name="schedules_of_job"),
        ]
        constraints: ClassVar = [models.CheckConstraint(condition=ONE_TARGET, name="schedule_of_one_target")]

    def __str__(self) -> str:
        return self.name or str(self.pk)

    @property
    def timetable(self) -> Timetable:
        """Raises InvalidTimetable for one that was saved before its time zone was taken out of the world."""
        if self.every_seconds is not None:
            assert self.anchor is not None
            return interval_timetable(self.every_seconds, self.anchor)
        return cron_timetable(self.cron, self.timezone)
