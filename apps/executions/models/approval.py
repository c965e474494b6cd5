"""A question that an execution waits with, and who answered it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.kernel.ids import new_id


class Approval(models.Model):
    """Asked by an `approval` node. `users` and `groups` may decide; without any, whoever may execute the
    workflow (`anyone`). `key` names the call of the node: asked again, it finds this question.

    It is decided once. It expires when nobody did in time, and is withdrawn when its execution ends before.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"
        EXPIRED = "expired"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    execution = models.ForeignKey("executions.WorkflowExecution", on_delete=models.CASCADE, related_name="approvals")
    node_id = models.CharField(max_length=200)
    key = models.CharField(max_length=1500)
    message = models.TextField(blank=True, default="")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    anyone = models.BooleanField(default=False)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    groups = models.ManyToManyField("accounts.Group", related_name="+", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    comment = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["execution", "key"], name="one_approval_per_call")]
        indexes = [
            models.Index(fields=["-created_at"], name="approval_pending", condition=models.Q(status="pending")),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} ({self.status})"
