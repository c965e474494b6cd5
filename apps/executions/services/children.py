"""Executions that a node of another began: how they begin, what they give, how they end with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from apps.executions import outputs
from apps.executions.core.dataset import Dataset
from apps.executions.core.states import ExecutionStatus
from apps.executions.models import WorkflowExecution
from apps.executions.services.cancel import stop
from apps.executions.services.start import analyse_version, enqueue
from apps.executions.store import run_store
from apps.kernel.errors import Conflict, Forbidden, Gone, NodeError, NotFound
from apps.kernel.ids import new_id
from apps.workflows.core.analysis import Analysis
from apps.workflows.core.answering import accepting_node, answering_node
from apps.workflows.core.graph import default_input, default_output
from apps.workflows.core.plan import Port, compile_plan, mock_port
from apps.workflows.models import WorkflowVersion
from apps.workflows.selectors import version_for_execution
from apps.workflows.services.versions import keep_version

MAX_DEPTH = 10
TRIGGER = "sub_workflow"


@dataclass(frozen=True, slots=True)
class Call:
    """What a node asks for. `key` names the call: made again, it finds what it began. `rows` come to
    `input_node`; what `output_node` gives is wanted. `waits`: the child ends with its parent."""

    key: str
    workflow_id: str
    parameters: Mapping[str, Any]
    waits: bool
    rows: Dataset | None = None
    input_node: str | None = None
    output_node: str | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """How a child stands: `rows` are what it gave, once it has succeeded."""

    id: UUID
    status: ExecutionStatus
    error: Mapping[str, Any] | None = None
    rows: Dataset | None = None

    @property
    def is_over(self) -> bool:
        return self.status in WorkflowExecution.OVER


def begin(parent: WorkflowExecution, call: Call) -> tuple[UUID, Port | None]:
    """Queue the execution that a node of the parent runs, or find the one that the same call began before; one
    that failed is begun anew. Answers its id and the port whose rows it will give.

    It runs in the parent's environment. Call this under the parent's lease. Raises NodeError:
    `missing_workflow` where the parent's author may not execute it (any more), `too_deep`, `workflow_invalid`.
    """
    version = _version(parent, call)
    if parent.depth >= MAX_DEPTH:
        raise NodeError(
            f"Workflows run each other {MAX_DEPTH} deep already",
            code="too_deep",
            remedy="If the workflow runs itself, give it a condition under which it does not.",
        )
    accepts = call.input_node if call.rows is not None else None
    arriving = {accepts: call.rows.schema} if accepts is not None and call.rows is not None else {}
    inherited = parent.environment.parameters if parent.environment is not None else {}
    values = {**inherited, **call.parameters}
    analysis = analyse_version(version, values, arriving=arriving, stand_ins=parent.stand_ins)
    answers = _answers(analysis, call, accepts)
    siblings = parent.children.filter(parent_key__startswith=f"{call.key}#")
    known = siblings.order_by("-created_at").first()
    if known is not None and (not known.is_over or known.status == ExecutionStatus.SUCCESS):
        return known.id, answers
    child = WorkflowExecution(
        id=new_id(),
        workflow_id=version.workflow_id,
        version=version,
        parameters=values,
        environment=parent.environment,
        stand_ins=parent.stand_ins,
        trigger=TRIGGER,
        triggered_by_id=parent.triggered_by_id,
        parent=parent,
        parent_key=f"{call.key}#{siblings.count() + 1}",
        parent_waits=call.waits,
        depth=parent.depth + 1,
    )
    given: dict[Port, Dataset] = {}
    if accepts is not None and call.rows is not None:
        port = mock_port(accepts, default_input(analysis.nodes[accepts].inputs))
        given = {port: run_store(child.id).take_over(call.rows)}
    child.plan = compile_plan(analysis, given={port: each.schema for port, each in given.items()}).as_json()
    if given:
        child.preview = {"given": [[*port, each.as_json()] for port, each in given.items()]}
    enqueue(child)
    return child.id, answers


def look(child_id: UUID, answers: Port | None) -> Child:
    """How the child stands. Raises NodeError `child_lost` where it has been removed."""
    child = WorkflowExecution.objects.filter(id=child_id).first()
    if child is None:
        raise NodeError(f"The execution {child_id} is no longer there", code="child_lost")
    status = ExecutionStatus(child.status)
    rows = None
    if status is ExecutionStatus.SUCCESS and answers is not None:
        try:
            rows = outputs.find_output(child, *answers)
        except (Conflict, Gone):  # nothing reached that node, or its rows were kept for a time
            rows = None
    return Child(child.id, status, child.error, rows)


_FOLLOWERS = """
select exists (select from executions_workflowexecution where parent_id = %(id)s and parent_waits)
    or exists (select from executions_jobrun where parent_execution_id = %(id)s and parent_waits)
    or exists (select from executions_approval where execution_id = %(id)s and status = 'pending')
"""


def has_followers(parent_id: UUID) -> bool:
    """Whether anything has to end with an execution: few have children, runs of jobs or questions to wait for."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOWERS, {"id": parent_id})
        return bool(cursor.fetchone()[0])


def end_with_parent(parent_id: UUID) -> None:
    """Stop the children that an execution waited for, now that it is over. Call it in the transaction that
    ends it."""
    waited_for = WorkflowExecution.objects.filter(parent_id=parent_id, parent_waits=True)
    for child_id in waited_for.exclude(status__in=WorkflowExecution.OVER).values_list("id", flat=True):
        stop(execution_id=child_id, by=None)


def _version(parent: WorkflowExecution, call: Call) -> WorkflowVersion:
    author = parent.version.author
    try:
        if author is None:
            raise NotFound
        return keep_version(version_for_execution(author, UUID(call.workflow_id)))
    except (NotFound, Forbidden, ValueError) as error:
        raise NodeError(
            "There is no such workflow, or the author of this one may not execute it",
            code="missing_workflow",
            remedy="Choose another workflow, or have execute granted on that one.",
        ) from error


def _answers(analysis: Analysis, call: Call, accepts: str | None) -> Port | None:
    try:
        if accepts is not None:
            accepting_node(analysis, accepts)
        answering = answering_node(analysis, call.output_node)
    except ValueError as error:
        raise NodeError(str(error), code="invalid_config") from error
    if not analysis.executable:
        said = "; ".join(f"{each.node_id}: {each.message}" for each in analysis.problems if each.severity == "error")
        raise NodeError(f"The workflow cannot run: {said[:1000]}", code="workflow_invalid")
    return None if answering is None else (answering, default_output(analysis.nodes[answering].ports))
