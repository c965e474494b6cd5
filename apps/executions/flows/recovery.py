"""What the pool does when a child did not end by itself. Each call enters the tenant's schema and leaves it."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import transaction
from django_tenants.utils import schema_context

from apps.executions import bodies, leases, queue
from apps.executions.core.states import ExecutionStatus
from apps.executions.models import WorkflowExecution
from apps.executions.queue import Hint, Lane
from apps.executions.services.finish import finish
from apps.workflows.models import Workflow

logger = logging.getLogger(__name__)


def cancel_asked(hint: Hint) -> bool:
    """Whether somebody asked to cancel the execution."""
    with schema_context(hint.schema):
        return WorkflowExecution.objects.filter(id=hint.execution_id, cancel_requested_at__isnull=False).exists()


def worker_died(hint: Hint, *, owner: str) -> None:
    """The child is dead: end its lease, so that the execution goes on from its last finished stage now."""
    with schema_context(hint.schema):
        if leases.end(hint.execution_id, owner):
            kind = WorkflowExecution.objects.values_list("kind", flat=True).get(id=hint.execution_id)
            queue.push(
                Lane.PREVIEW if kind == WorkflowExecution.Kind.PREVIEW else Lane.RUN, hint.schema, hint.execution_id
            )


def cancelled_by_force(hint: Hint, *, owner: str) -> None:
    """The child did not stop in time and was killed."""
    _finish(hint, owner, status=ExecutionStatus.CANCELLED)


def out_of_memory(hint: Hint, *, owner: str) -> None:
    """The child held more memory than one execution may and was killed."""
    error = bodies.error_body(
        "memory_limit",
        f"The execution needed more than {settings.EXECUTION_MEMORY_LIMIT_MB} MB of memory",
        "Filter or aggregate earlier, read fewer columns, or have the operator raise UZO_MEMORY_LIMIT_MB",
    )
    _finish(hint, owner, status=ExecutionStatus.FAILED, error=error)


def out_of_its_time(hint: Hint, *, owner: str) -> None:
    """The child worked longer on it than its workflow allows and was killed."""
    with schema_context(hint.schema):
        workflow = Workflow.objects.filter(executions=hint.execution_id)
        seconds = workflow.values_list("timeout", flat=True).first()
    _finish(hint, owner, status=ExecutionStatus.FAILED, error=bodies.timeout_body(seconds or 0))


def out_of_time(hint: Hint, *, owner: str) -> None:
    """The child worked longer on it than one execution may and was killed."""
    error = bodies.error_body(
        "time_limit",
        f"The execution worked for more than {settings.EXECUTION_TIME_LIMIT_SECONDS:,} seconds",
        "Give its slow nodes a timeout, divide the work, or have the operator raise UZO_TIME_LIMIT_SECONDS",
    )
    _finish(hint, owner, status=ExecutionStatus.FAILED, error=error)


def _finish(hint: Hint, owner: str, **end: Any) -> None:
    with schema_context(hint.schema), transaction.atomic():
        execution = (
            WorkflowExecution.objects.select_for_update(of=("self",))
            .filter(id=hint.execution_id, lease_owner=owner, status=ExecutionStatus.RUNNING)
            .first()
        )
        # Otherwise it ended by itself in the last moment, or is another's.
        if execution is not None:
            finish(execution, warnings=execution.warnings, **end)
