"""One thing that one person was told."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.kernel.ids import new_id
from apps.notifications.core.notices import LONGEST, Kind


class Notification(models.Model):
    """A person is told of a thing once: told again, the row becomes new and unseen."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30, choices=[(each.value, each.value) for each in Kind])
    about = models.UUIDField(help_text="The execution or the approval")
    execution_id = models.UUIDField()
    workflow = models.ForeignKey("workflows.Workflow", on_delete=models.CASCADE, related_name="+")
    message = models.CharField(max_length=LONGEST, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="notifications_of_person"),
            models.Index(fields=["user"], name="notifications_unseen", condition=models.Q(seen_at=None)),
            models.Index(fields=["execution_id"], name="notifications_of_execution"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "about"], name="one_notification_per_thing")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
