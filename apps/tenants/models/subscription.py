"""The tenant: one PostgreSQL schema, one plan, one or more hosts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django_tenants.models import TenantMixin
from simple_history.models import HistoricalRecords

from apps.kernel.ids import new_id


def schema_name_of(id: UUID) -> str:
    """The schema of a subscription: made from its id alone, never from what a person typed."""
    return f"t_{id.hex}"


class Subscription(TenantMixin):  # type: ignore[misc]
    schema_name: Any

    class Status(models.TextChoices):
        PROVISIONING = "provisioning"
        ACTIVE = "active"
        SUSPENDED = "suspended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PROVISIONING)
    plan = models.ForeignKey("tenants.Plan", on_delete=models.PROTECT, related_name="subscriptions")
    registration_open = models.BooleanField(default=False, help_text="Strangers may register themselves")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(excluded_fields=["updated_at"])

    # The schema is made and dropped by `apps.tenants.services`, where a failure is cleaned up.
    auto_create_schema = False
    auto_drop_schema = False

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.schema_name:
            self.schema_name = schema_name_of(self.id)
        super().save(*args, **kwargs)

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE
