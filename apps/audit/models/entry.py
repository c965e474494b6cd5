"""One thing that somebody did."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.kernel.ids import new_id


class AuditEntry(models.Model):
    """Written once, inside the transaction of what it tells of. It holds names beside ids and no foreign
    keys: what happened stays told when people and objects are gone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    action = models.CharField(max_length=100)
    actor_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=254, blank=True, default="", help_text="The person's address then")
    object_type = models.CharField(max_length=50)
    object_id = models.UUIDField(null=True)
    object_name = models.CharField(max_length=500, blank=True, default="")
    workspace_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True, help_text="Where the request came from")
    method = models.CharField(max_length=10, blank=True, default="")
    path = models.CharField(max_length=500, blank=True, default="", help_text="Of the request, without its query")

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["object_id", "-at"], name="audit_of_object"),
            models.Index(fields=["actor_id", "-at"], name="audit_of_actor"),
            models.Index(fields=["action", "-at"], name="audit_of_action"),
            models.Index(fields=["workspace_id", "-at"], name="audit_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_name or self.object_id}"
