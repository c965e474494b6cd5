"""What executions do about events of other rooms; `uzo.wiring` calls these."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

from apps.executions.core.states import ExecutionStatus
from apps.executions.events import ApprovalRequested, ExecutionFinished, ExecutionPaused, JobRunFinished
from apps.executions.services import job_children
from apps.executions.services.approvals import withdraw
from apps.executions.services.children import end_with_parent, has_followers
from apps.executions.services.job_runs import advance_job_run
from apps.executions.services.on_failure import start_on_failure
from apps.executions.services.parking import wake
from apps.executions.services.places import start_waiting
from apps.executions.services.vault_wait import release
from apps.executions.tasks import send_approval_mails
from apps.kernel.connections import connection
from apps.vault.events import VaultUnsealed

logger = logging.getLogger(__name__)


def vault_unsealed(event: VaultUnsealed) -> None:  # noqa: ARG001
    """Executions that waited for the vault go on, in all tenants."""
    release()


def execution_finished(event: ExecutionFinished) -> None:
    """The run of the job that it is a step of goes on, and the execution whose node waits for it. One that waits
    for its place begins."""
    if event.job_run_id is not None:
        advance_job_run(run_id=event.job_run_id)
    if event.parent_id is not None:
        # Once the child's row is free: who ends a parent locks it first, then its children. Were this lost, the
        # parent would look by itself a minute later.
        wake(execution_id=event.parent_id)
    if not event.preview:
        start_waiting()


def execution_paused(event: ExecutionPaused) -> None:
    """One that waits for its place begins."""
    if not event.preview:
        start_waiting()


def execution_ends(event: ExecutionFinished) -> None:
    """What it waited for ends with it: children, and questions that need no answer any more. A failure starts
    the workflow that is named for failures."""
    if has_followers(event.execution_id):
        end_with_parent(event.execution_id)
        job_children.end_with_parent(event.execution_id)
        withdraw(event.execution_id)
    if event.status == ExecutionStatus.FAILED and not event.preview:
        start_on_failure(execution_id=event.execution_id)


def approval_requested(event: ApprovalRequested) -> None:
    """Those who may decide get a mail."""
    try:
        send_approval_mails.delay(schema_name=connection.schema_name, approval_id=str(event.approval_id))
    except OperationalError as error:  # of the queue; people find the question on their page
        logger.warning("approval %s was asked without mail: %s", event.approval_id, error)


def job_run_finished(event: JobRunFinished) -> None:
    """The run of the package that it is a step of goes on, and the execution whose node waits for it."""
    if event.parent_id is not None:
        advance_job_run(run_id=event.parent_id)
    if event.waiting_execution_id is not None:
        wake(execution_id=event.waiting_execution_id)
