"""What jobs and job packages say about how they are run."""

from __future__ import annotations

from django.db import models

from apps.workspaces.core.running import Mode, OnFailure


class Runnable(models.Model):
    mode = models.CharField(
        max_length=10,
        choices=[(each.value, each.value) for each in Mode],
        default=Mode.SEQUENTIAL.value,
        help_text="One after the other, or side by side",
    )
    on_failure = models.CharField(
        max_length=10,
        choices=[(each.value, each.value) for each in OnFailure],
        default=OnFailure.STOP.value,
        help_text="What happens to those that have not begun when one fails",
    )

    class Meta:
        abstract = True
