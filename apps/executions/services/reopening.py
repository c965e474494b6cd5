"""What resuming and retrying have in common: a row that is locked, a newer version, results that are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from apps.accounts.models import User
from apps.connectors.selectors import configured_at
from apps.executions.core.records import StageResult
from apps.executions.core.reuse import Results, carried_over, still_true
from apps.executions.core.states import NodeStatus
from apps.executions.models import StageResult as StageRow
from apps.executions.models import WorkflowExecution
from apps.executions.services.start import compile_version
from apps.executions.store import whole_store
from apps.kernel.errors import Conflict, Gone
from apps.workflows.core.parameters import bind, declare
from apps.workflows.core.plan import Plan
from apps.workflows.models import WorkflowVersion
from apps.workflows.selectors import version_for_execution
from apps.workflows.services.versions import keep_version

Which = Literal["same", "latest"]


@dataclass(frozen=True, slots=True)
class Course:
    """What an execution is to run: a version, and its plan."""

    version: WorkflowVersion
    plan: Plan


def locked(execution_id: UUID) -> WorkflowExecution:
    """The execution, locked until the transaction ends."""
    rows = WorkflowExecution.objects.select_for_update(of=("self",)).select_related("version")
    return rows.get(id=execution_id)


def require_run(execution: WorkflowExecution) -> None:
    """Raise Conflict `not_a_run` for a preview: whoever wants another one asks for it."""
    if execution.kind == WorkflowExecution.Kind.PREVIEW:
        raise Conflict("A preview can only be cancelled", code="not_a_run", remedy="Preview the node again")


def newest_course(viewer: User, execution: WorkflowExecution) -> Course:
    """The newest version of the execution's workflow, compiled with its parameters. It may ask a source for
    columns: call it outside a transaction. Raises Unprocessable `workflow_invalid`."""
    version = keep_version(version_for_execution(viewer, execution.workflow_id))
    return Course(version, compile_version(version, execution.parameters, stand_ins=execution.stand_ins))


def present_course(execution: WorkflowExecution) -> Course:
    return Course(execution.version, Plan.from_json(execution.plan))


def results_of(execution: WorkflowExecution) -> dict[str, StageResult]:
    """Results of the stages that are over."""
    return {row.stage_id: StageResult.from_json(row.result) for row in StageRow.objects.filter(execution=execution)}


def kept_results(execution: WorkflowExecution, now: Course, to: Course) -> dict[str, StageResult]:
    """Results that are still true and whose rows are there, by the stages of the plan to go on with.

    Raises Gone where the rows were removed after the retention.
    """
    if execution.data_removed_at is not None:
        raise Gone(
            "The rows of this execution were removed after the retention",
            remedy="Run the workflow again from its beginning",
        )
    kept = still_true(now.plan, results_of(execution))
    if to.version.pk != now.version.pk:
        kept = carried_over(
            now.plan,
            to.plan,
            kept,
            parameters=(_values(now.version, execution.parameters), _values(to.version, execution.parameters)),
            changed_connectors=_changed_connectors(execution, now.plan),
        )
    store = whole_store()
    return {id: each for id, each in kept.items() if all(map(store.has, each.datasets.values()))}


def nodes_of(plan: Plan, stage_ids: Collection[str]) -> set[str]:
    return {node_id for stage in plan.stages if stage.id in stage_ids for node_id in stage.nodes}


def stage_rows(execution: WorkflowExecution, results: Results) -> list[StageRow]:
    """Rows of stages that this execution need not run."""
    return [
        StageRow(
            execution=execution,
            stage_id=id,
            fence=execution.fence,
            failed=any(node.status is NodeStatus.FAILED for node in result.nodes),
            result=result.as_json(),
        )
        for id, result in results.items()
    ]


def _values(version: WorkflowVersion, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return bind(declare(version.parameters)[0], given).values


def _changed_connectors(execution: WorkflowExecution, plan: Plan) -> dict[str, list[str]]:
    """For each stage the connectors whose configuration changed after it had finished."""
    connectors = {
        stage.id: {id for node in stage.nodes if (id := plan.nodes[node].connector_id)} for stage in plan.stages
    }
    began = configured_at({id for ids in connectors.values() for id in ids})
    finished: dict[str, datetime] = dict(
        StageRow.objects.filter(execution=execution).values_list("stage_id", "finished_at")
    )
    return {
        stage_id: [id for id in ids if id in began and began[id] > finished[stage_id]]
        for stage_id, ids in connectors.items()
        if stage_id in finished
    }
