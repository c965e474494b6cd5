"""Periodic work: Celery Beat is the pulse, what is due is in the database."""

from __future__ import annotations

import logging

from celery import shared_task
from django_tenants.utils import schema_context

from apps.executions.tenancy import active_schemas
from apps.schedules.forgetting import forget_old
from apps.schedules.looking import look

logger = logging.getLogger(__name__)


@shared_task(name="schedules.look")  # type: ignore[untyped-decorator]
def look_for_what_is_due() -> None:
    """One look of a scheduler into all tenants."""
    look()


@shared_task(name="schedules.forget_old")  # type: ignore[untyped-decorator]
def forget_old_everywhere() -> None:
    """In every tenant, fires and deliveries that are no longer kept."""
    for schema in active_schemas():
        with schema_context(schema):
            if forgotten := forget_old():
                logger.info("%s: forgot %d fires and deliveries", schema, forgotten)
