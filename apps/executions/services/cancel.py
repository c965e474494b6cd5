"""Stopping an execution."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction

from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions import queue, selectors
from apps.executions.core.states import ExecutionStatus
from apps.executions.events import ExecutionCancelRequested
from apps.executions.models import WorkflowExecution
from apps.executions.services.finish import finish
from apps.kernel import clock
from apps.kernel.connections import connection
from apps.kernel.errors import Conflict
from apps.kernel.events import publish


@transaction.atomic
def cancel_execution(*, viewer: User, execution_id: UUID) -> WorkflowExecution:
    """Ask an execution to stop; asking twice is harmless. One that has not begun is over at once, one that
    runs stops within two seconds, by itself or because its process group is killed.

    Raises NotFound, Forbidden; Conflict `already_finished`.
    """
    selectors.get_execution(viewer, execution_id, Level.EXECUTE)
    return stop(execution_id=execution_id, by=viewer)


@transaction.atomic
def stop(*, execution_id: UUID, by: User | None) -> WorkflowExecution:
    """The same for somebody who was found to have the right. Raises Conflict `already_finished`."""
    execution, told = _held(execution_id)
    if told and execution.status == ExecutionStatus.CANCELLED:
        return execution
    if execution.is_over:
        raise Conflict(f"The execution is over: {execution.status}", code="already_finished")
    if execution.cancel_requested_at is None:
        execution.cancel_requested_at = clock.now()
        execution.save(update_fields=["cancel_requested_at"])
        publish(
            ExecutionCancelRequested(
                execution_id=execution.id,
                workflow_id=execution.workflow_id,
                preview=execution.kind == WorkflowExecution.Kind.PREVIEW,
                by=by.pk if by else None,
            )
        )
    if execution.status == ExecutionStatus.RUNNING:
        transaction.on_commit(partial(queue.ask_to_cancel, connection.schema_name, execution.id))
    else:
        finish(execution, status=ExecutionStatus.CANCELLED, warnings=execution.warnings)
    return execution


def _held(execution_id: UUID) -> tuple[WorkflowExecution, bool]:
    """The execution, whose row is locked now, and whether its worker has been told already: one that hangs in the
    middle of a transaction holds the row, and would have us wait, so its host ends it first."""
    rows = WorkflowExecution.objects.filter(id=execution_id)
    execution = rows.select_for_update(of=("self",), skip_locked=True).first()
    if execution is not None:
        return execution, False
    queue.ask_to_cancel(connection.schema_name, execution_id)
    return rows.select_for_update(of=("self",)).get(), True
