"""Periodic work of executions."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from django_tenants.utils import schema_context

from apps.executions import approval_links, retention
from apps.executions.sweeping import move_on
from apps.executions.tenancy import active_schemas

logger = logging.getLogger(__name__)


@shared_task(name="executions.remove_what_is_over")  # type: ignore[untyped-decorator]
def remove_what_is_over() -> None:
    """Remove rows of runs after their retention, and old previews, in every tenant."""
    for schema in active_schemas():
        with schema_context(schema):
            runs, previews = retention.remove_old_rows(), retention.remove_old_previews()
        if runs or previews:
            logger.info("%s: removed the rows of %d runs and %d previews", schema, runs, previews)


@shared_task(name="executions.collect_garbage")  # type: ignore[untyped-decorator]
def collect_garbage() -> None:
    """Remove files of the run store that nobody needs any more, in every tenant."""
    for schema in active_schemas():
        with schema_context(schema):
            found = retention.collect_garbage()
        if found.files:
            logger.info("%s: collected %d files of %d bytes from the run store", schema, found.files, found.bytes)


@shared_task(name="executions.move_job_runs_on")  # type: ignore[untyped-decorator]
def move_job_runs_on() -> None:
    """Job runs whose last event was lost go on, in every tenant."""
    move_on()


@shared_task(  # type: ignore[untyped-decorator]
    name="executions.send_approval_mails", autoretry_for=(OSError,), retry_backoff=5, max_retries=5
)
def send_approval_mails(*, schema_name: str, approval_id: str) -> None:
    """Mail those who may decide a link to the page where they can."""
    with schema_context(schema_name):
        sent = approval_links.send_mails(UUID(approval_id))
    logger.info("%s: approval %s went out in %d mails", schema_name, approval_id, sent)
