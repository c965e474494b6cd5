"""Periodic work. Every task is told its schema and leaves none behind (THREATS 2)."""

from __future__ import annotations

from celery import shared_task
from django_tenants.utils import get_tenant_model, schema_context

from apps.workspaces.services.forgetting import forget_deleted


@shared_task(name="workspaces.forget_deleted")  # type: ignore[untyped-decorator]
def forget_deleted_everywhere() -> None:
    """In every tenant, what was deleted too long ago to be restored."""
    for schema_name in get_tenant_model().objects.values_list("schema_name", flat=True):
        with schema_context(schema_name):
            forget_deleted()
