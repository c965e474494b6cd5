"""Which tenants' executions run."""

from __future__ import annotations

from apps.tenants.models import Subscription


def active_schemas() -> list[str]:
    """Schemas of tenants that are neither suspended nor being made. Call it in any schema."""
    return list(
        Subscription.objects.filter(status=Subscription.Status.ACTIVE)
        .order_by("schema_name")
        .values_list("schema_name", flat=True)
    )


def is_active(schema: str) -> bool:
    """Whether the tenant of this schema may run anything now."""
    return bool(Subscription.objects.filter(schema_name=schema, status=Subscription.Status.ACTIVE).exists())
