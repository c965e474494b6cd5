"""Signed webhooks in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.kernel.ids import new_id
from apps.schedules.models.starter import ONE_TARGET, Starter


class Hook(Starter):
    """An address that starts a run when somebody who knows the secret says so. Secrets are sealed by the vault,
    under the hook's id and `version`; the one before is good until `previous_until`."""

    accepts = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text="Members of the body that become parameters",
    )
    secret = models.TextField()
    version = models.PositiveIntegerField(default=1)
    previous_secret = models.TextField(blank=True, default="")
    previous_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=ONE_TARGET, name="hook_of_one_target")]

    def __str__(self) -> str:
        return self.name or str(self.pk)


class HookRefusal(models.Model):
    """Deliveries that were refused for one reason on one day (UTC), counted: so many rows a hook, however many come.
    Nothing of their bodies is kept, nor anything secret."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="refusals")
    day = models.DateField()
    code = models.CharField(max_length=100)
    count = models.PositiveBigIntegerField(default=0)
    event_id = models.CharField(max_length=255, blank=True, default="", help_text="What the last of them said it was")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["last_at"], name="hook_refusal_by_age")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["hook", "day", "code"], name="one_refusal_per_day")]

    def __str__(self) -> str:
        return f"{self.code} on {self.day}"


class HookEvent(models.Model):
    """A delivery that was accepted: the same event id again starts nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=255)
    deliveries = models.PositiveIntegerField(default=1)
    job_run = models.OneToOneField(
        "executions.JobRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    execution = models.OneToOneField(
        "executions.WorkflowExecution", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="hook_event_by_age")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["hook", "event_id"], name="one_hook_event_per_id")]

    def __str__(self) -> str:
        return self.event_id
