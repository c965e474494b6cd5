"""Executions that wait without a worker: how they leave it, and how they come back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from apps.executions import leases, queue
from apps.executions.core.records import RESUME, Outcome
from apps.executions.core.states import ExecutionStatus
from apps.executions.events import ExecutionPaused, ExecutionProgressed
from apps.executions.leases import Lease
from apps.executions.models import NodeExecution, WorkflowExecution
from apps.executions.moves import move
from apps.executions.progress import progress_of
from apps.executions.queue import Lane
from apps.executions.services import vault_wait
from apps.executions.services.finish import finish
from apps.kernel import clock
from apps.kernel.connections import connection
from apps.kernel.events import publish


@transaction.atomic
def park(lease: Lease, outcome: Outcome) -> ExecutionStatus:
    """Release an execution in which nothing can go on now; answers what became of it.

    What happened while its worker did not look decides: a cancel ends it; what was resumed, or what a node
    waits for that has come true, queues it at once. Raises LeaseLost.
    """
    leases.hold(lease)
    execution = WorkflowExecution.objects.get(id=lease.execution_id)
    if execution.cancel_requested_at is not None:
        finish(execution, status=ExecutionStatus.CANCELLED, warnings=outcome.warnings)
        return ExecutionStatus.CANCELLED
    by_a_person = execution.pause_requested_at is not None
    if not by_a_person and (execution.wake_wanted or outcome.waiting_for == RESUME):
        requeue(execution)
        return ExecutionStatus.QUEUED
    if by_a_person:
        pause(execution, waiting_for=RESUME)
    else:
        assert outcome.waiting_for is not None
        pause(execution, waiting_for=outcome.waiting_for, wake_at=outcome.wake_at)
    return ExecutionStatus.PAUSED


def pause(execution: WorkflowExecution, *, waiting_for: str, wake_at: datetime | None = None) -> None:
    """Put an execution down, without a worker. Call it in a transaction that holds the row's lock."""
    _count_work(execution)
    move(execution, ExecutionStatus.PAUSED)
    execution.waiting_for, execution.wake_at = waiting_for, wake_at
    execution.lease_owner = execution.lease_until = None
    execution.save(update_fields=["status", "waiting_for", "wake_at", "lease_owner", "lease_until", "worked_ms"])
    _tell(execution)
    publish(ExecutionPaused(**_about(execution), waiting_for=waiting_for))


def requeue(execution: WorkflowExecution) -> None:
    """Queue an execution again, and tell the workers after the commit. Call it in a transaction that holds
    the row's lock."""
    _count_work(execution)
    move(execution, ExecutionStatus.QUEUED)
    execution.waiting_for = vault_wait.waiting_for()
    execution.wake_at = execution.pause_requested_at = execution.lease_owner = execution.lease_until = None
    execution.wake_wanted = False
    execution.queued_at = clock.now()
    execution.save(
        update_fields=[
            "status", "waiting_for", "wake_at", "pause_requested_at", "lease_owner", "lease_until", "wake_wanted",
            "queued_at", "worked_ms",
        ]
    )  # fmt: skip
    _tell(execution)
    if execution.waiting_for is None:
        lane = Lane.PREVIEW if execution.kind == WorkflowExecution.Kind.PREVIEW else Lane.RUN
        transaction.on_commit(partial(queue.push, lane, connection.schema_name, execution.id))


def _count_work(execution: WorkflowExecution) -> None:
    """Keep how long its worker had it: what it waits from now on does not count against its time."""
    if execution.status == ExecutionStatus.RUNNING and execution.claimed_at is not None:
        execution.worked_ms += max(0, round((clock.now() - execution.claimed_at).total_seconds() * 1000))


@transaction.atomic
def wake(*, execution_id: UUID) -> bool:
    """What a node of this execution waits for has come true: let it look. Answers whether anything happens.

    Call it inside the transaction that makes it true, or an execution may wait for ever. One that still runs
    looks again before it parks; one that a person paused looks when it is resumed.
    """
    execution = WorkflowExecution.objects.select_for_update(of=("self",)).filter(id=execution_id).first()
    if execution is None:
        return False
    if execution.status == ExecutionStatus.RUNNING:
        execution.wake_wanted = True
        execution.save(update_fields=["wake_wanted"])
        return True
    if execution.status == ExecutionStatus.PAUSED and execution.waiting_for != RESUME:
        requeue(execution)
        return True
    return False


@transaction.atomic
def wake_if_due(*, execution_id: UUID) -> bool:
    """Queue a paused execution whose time has come; every worker host looks for those."""
    due = WorkflowExecution.objects.filter(
        id=execution_id, status=ExecutionStatus.PAUSED, wake_at__lte=Now()
    ).select_for_update(of=("self",), skip_locked=True)
    execution = due.first()
    if execution is None:
        return False
    requeue(execution)
    return True


def _about(execution: WorkflowExecution) -> dict[str, Any]:
    return {
        "execution_id": execution.id,
        "workflow_id": execution.workflow_id,
        "preview": execution.kind == WorkflowExecution.Kind.PREVIEW,
    }


def _tell(execution: WorkflowExecution) -> None:
    nodes = list(NodeExecution.objects.filter(execution=execution))
    publish(ExecutionProgressed(**_about(execution), progress=progress_of(execution, nodes)))
