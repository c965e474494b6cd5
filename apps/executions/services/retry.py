"""Running an execution again, as another one."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions import references, selectors
from apps.executions.core.records import NodeState
from apps.executions.core.reuse import Results, above
from apps.executions.events import ExecutionRetried
from apps.executions.host import copy_state
from apps.executions.models import NodeExecution, WorkflowExecution
from apps.executions.models import StageResult as StageRow
from apps.executions.services.reopening import (
    Course,
    Which,
    kept_results,
    newest_course,
    present_course,
    require_run,
    stage_rows,
)
from apps.executions.services.start import enqueue, require_room
from apps.kernel.errors import Conflict, FieldError, Invalid
from apps.kernel.events import publish

TRIGGER = "retry"


def retry_execution(
    *, viewer: User, execution_id: UUID, from_node: str | None = None, version: Which = "same"
) -> WorkflowExecution:
    """Queue a new execution with the parameters of one that is over, by its version or the latest. With
    `from_node` only that node and what comes after it run again, and what had not finished; the rest is
    taken over from the old execution.

    Raises NotFound, Forbidden; Conflict `not_finished`, `not_a_run`; Invalid for a node that is not there;
    Gone where rows to reuse were removed; LimitReached; Unprocessable `workflow_invalid`.
    """
    old = selectors.get_execution(viewer, execution_id, Level.EXECUTE)
    require_run(old)
    if not old.is_over:
        raise Conflict(
            f"The execution is not over: it is {old.status}", code="not_finished", remedy="Cancel it, or resume it"
        )
    require_room()
    now = present_course(old)
    to = newest_course(viewer, old) if version == "latest" else now
    taken = {} if from_node is None else _taken_over(old, now, to, from_node)
    return _enqueue(old, to, taken, viewer=viewer, from_node=from_node)


def _taken_over(old: WorkflowExecution, now: Course, to: Course, from_node: str) -> Results:
    if from_node not in to.plan.nodes:
        message = f"the workflow has no node {from_node!r}"
        raise Invalid(errors=[FieldError("from_node", "not_found", message)])
    return above(to.plan, kept_results(old, now, to), from_node)


@transaction.atomic
def _enqueue(
    old: WorkflowExecution, to: Course, taken: Results, *, viewer: User, from_node: str | None
) -> WorkflowExecution:
    execution = enqueue(
        WorkflowExecution(
            workflow_id=old.workflow_id,
            version=to.version,
            parameters=old.parameters,
            trigger=TRIGGER,
            triggered_by=viewer,
            retry_of=old,
            environment=old.environment,
            stand_ins=old.stand_ins,
            plan=to.plan.as_json(),
        )
    )
    StageRow.objects.bulk_create(stage_rows(execution, taken), batch_size=500)
    references.hold(execution.pk, [each for result in taken.values() for each in result.datasets.values()])
    states = [state for result in taken.values() for state in result.nodes]
    NodeExecution.objects.bulk_create([_row(execution, state) for state in states], batch_size=500)
    publish(
        ExecutionRetried(
            execution_id=execution.id,
            workflow_id=execution.workflow_id,
            preview=False,
            by=viewer.pk,
            retry_of=old.id,
            from_node=from_node,
            reused=len(taken),
        )
    )
    return execution


def _row(execution: WorkflowExecution, state: NodeState) -> NodeExecution:
    row = NodeExecution(execution=execution, node_id=state.node_id)
    copy_state(state, row)
    return row
