"""Pausing an execution."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions import selectors
from apps.executions.core.records import RESUME
from apps.executions.core.states import ExecutionStatus
from apps.executions.events import ExecutionPauseRequested
from apps.executions.models import WorkflowExecution
from apps.executions.services.parking import pause
from apps.executions.services.reopening import locked, require_run
from apps.kernel import clock
from apps.kernel.errors import Conflict
from apps.kernel.events import publish


@transaction.atomic
def pause_execution(*, viewer: User, execution_id: UUID) -> WorkflowExecution:
    """Ask an execution to pause until somebody resumes it; asking twice is harmless. Stages that run finish
    first; one that has not begun, or waits for something, is paused at once.

    Raises NotFound, Forbidden; Conflict `already_finished`, `cancelling`, `not_a_run` for a preview.
    """
    selectors.get_execution(viewer, execution_id, Level.EXECUTE)
    execution = locked(execution_id)
    require_run(execution)
    if execution.is_over:
        raise Conflict(f"The execution is over: {execution.status}", code="already_finished")
    if execution.cancel_requested_at is not None:
        raise Conflict("The execution is being cancelled", code="cancelling")
    if execution.pause_requested_at is not None:
        return execution
    execution.pause_requested_at = clock.now()
    execution.save(update_fields=["pause_requested_at"])
    publish(
        ExecutionPauseRequested(
            execution_id=execution.id, workflow_id=execution.workflow_id, preview=False, by=viewer.pk
        )
    )
    if execution.status == ExecutionStatus.QUEUED:
        pause(execution, waiting_for=RESUME)
    elif execution.status == ExecutionStatus.PAUSED:
        # Neither the clock nor an approval wakes what a person has paused.
        execution.waiting_for, execution.wake_at = RESUME, None
        execution.save(update_fields=["waiting_for", "wake_at"])
    return execution
