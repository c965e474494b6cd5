"""While the vault is sealed executions wait; none is lost."""

from __future__ import annotations

from uuid import UUID

from django_tenants.utils import schema_context

from apps.executions import queue
from apps.executions.core.states import ExecutionStatus
from apps.executions.models import WorkflowExecution
from apps.executions.queue import Lane
from apps.executions.tenancy import active_schemas
from apps.vault.state import is_sealed

VAULT = "vault"


def waiting_for() -> str | None:
    """What a new execution of the present tenant has to wait for."""
    return VAULT if is_sealed() else None


def count_waiting() -> int:
    """How many executions of the present tenant wait until the vault is open."""
    return WorkflowExecution.objects.filter(status=ExecutionStatus.QUEUED, waiting_for=VAULT).count()


def hold_back(execution_id: UUID) -> bool:
    """Whether the execution has to wait now; says so on its row."""
    reason = waiting_for()
    if reason is None:
        return False
    waiting = WorkflowExecution.objects.filter(id=execution_id, status=ExecutionStatus.QUEUED)
    waiting.exclude(waiting_for=reason).update(waiting_for=reason)
    return True


def release() -> int:
    """Tell the workers of all that waits for the vault, in every tenant's schema, oldest first; answers how
    many. What this misses the workers find by themselves a moment later."""
    released = 0
    for schema in active_schemas():
        with schema_context(schema):
            waiting = WorkflowExecution.objects.filter(status=ExecutionStatus.QUEUED, waiting_for=VAULT)
            found = list(waiting.order_by("queued_at").values_list("id", "kind"))
            waiting.filter(id__in=[id for id, _ in found]).update(waiting_for=None)
            for id, kind in found:
                queue.push(Lane.PREVIEW if kind == WorkflowExecution.Kind.PREVIEW else Lane.RUN, schema, id)
            released += len(found)
    return released
