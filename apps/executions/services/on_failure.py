"""When an execution fails: the workflow that its own names for that is started, once, and never for itself."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction

from apps.executions.logs import LogBook
from apps.executions.models import WorkflowExecution
from apps.executions.services.start import start_version
from apps.kernel.errors import UzoError
from apps.workflows.selectors import version_on_failure

logger = logging.getLogger(__name__)
TRIGGER = "failure"
_LONGEST_CHAIN = 100


def start_on_failure(*, execution_id: UUID) -> WorkflowExecution | None:
    """Queue the workflow for failures of the execution's workflow, with the parameters `execution_id`,
    `workflow_id` and `error`; None where there is none. Call it in the transaction that ends the execution, so
    that it is started exactly once.

    Runs that a failure started, their children and their retries start no other. Where it cannot be started
    the log of the failed execution says why; the failure itself stands.
    """
    execution = WorkflowExecution.objects.defer("plan").get(pk=execution_id)
    version = version_on_failure(execution.workflow_id)
    if version is None or _began_with_a_failure(execution):
        return None
    try:
        with transaction.atomic():
            return start_version(
                version=version,
                by=execution.triggered_by,
                parameters={
                    "execution_id": str(execution.pk),
                    "workflow_id": str(execution.workflow_id),
                    "error": execution.error or {},
                },
                trigger=TRIGGER,
            )
    except UzoError as error:
        said = f"The workflow for failures could not be started: {error.code}: {error.message}"
        LogBook(execution).write(None, "error", said)
        logger.warning("execution %s: %s", execution.pk, said)
        return None


def _began_with_a_failure(execution: WorkflowExecution) -> bool:
    """Whether it, or what it came from, was started by a failure."""
    seen: WorkflowExecution | None = execution
    for _ in range(_LONGEST_CHAIN):
        if seen is None or seen.trigger == TRIGGER:
            return seen is not None
        origin = seen.parent_id or seen.retry_of_id
        if origin is None:
            return False
        seen = WorkflowExecution.objects.defer("plan").filter(pk=origin).first()
    return True
