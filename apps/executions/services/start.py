"""Starting an execution."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.connectors.catalog_cache import ConnectorCatalog
from apps.executions import bodies, plans, queue, quota, references
from apps.executions.core.preview import given_of
from apps.executions.events import ExecutionQueued
from apps.executions.models import JobRun, WorkflowExecution
from apps.executions.queue import Lane
from apps.executions.services import vault_wait
from apps.executions.usage import LIMIT, executions_this_month
from apps.kernel.connections import connection
from apps.kernel.errors import Unprocessable
from apps.kernel.events import publish
from apps.nodes.columns import Schema
from apps.tenants import features
from apps.workflows.analysis import analyse_version as analyse_saved
from apps.workflows.analysis import connector_ids
from apps.workflows.core.analysis import Analysis, analyse
from apps.workflows.core.environments import with_connectors
from apps.workflows.core.plan import Plan, compile_plan
from apps.workflows.environments import environment_for
from apps.workflows.models import Environment, Workflow, WorkflowVersion
from apps.workflows.selectors import current_version, standing_version, version_for_execution
from apps.workflows.services.versions import keep_version
from apps.workflows.sub_workflows import SavedWorkflows


def analyse_version(
    version: WorkflowVersion,
    values: Mapping[str, Any],
    *,
    arriving: Mapping[str, Schema] | None = None,
    stand_ins: Mapping[str, str] | None = None,
) -> Analysis:
    """The version with these parameters, by the right of its author to connectors and workflows. `arriving`
    are columns of rows that are given to nodes; `stand_ins` replace connectors, as an environment says."""
    diagram = with_connectors(version.diagram, stand_ins or {})
    author, mentioned = version.author, connector_ids(diagram)
    usable: frozenset[str] = frozenset()
    if mentioned and author is not None:
        found = access.visible(author, "connector", Level.EXECUTE).filter(pk__in=mentioned)
        usable = frozenset(str(pk) for pk in found.values_list("pk", flat=True))
    return analyse(
        diagram,
        parameters=version.parameters,
        catalog=ConnectorCatalog(author) if mentioned else None,
        connectors=usable,
        values=values,
        workflows=plans.noticing(SavedWorkflows(author, analyse_saved)),
        arriving=arriving,
    )


def start_execution(
    *,
    viewer: User,
    workflow_id: UUID | None = None,
    workflow: Workflow | None = None,
    parameters: Mapping[str, Any] | None = None,
    environment: str | None = None,
    trigger: str = "manual",
) -> WorkflowExecution:
    """Queue a run of the workflow's version; workers are told once it is committed. Give its id, or the workflow
    where somebody was found to have the right to run it. `environment` is the name or id of one of its workspace:
    what is given here goes before its values, these before defaults.

    Raises NotFound, Forbidden; LimitReached; Invalid for an environment that is not there; Unprocessable
    `workflow_invalid` with the problems.
    """
    by_itself = trigger != "manual"
    if workflow is not None:
        version = standing_version(workflow) if by_itself else current_version(workflow)
    else:
        assert workflow_id is not None
        version = version_for_execution(viewer, workflow_id, by_itself=by_itself)
    found = None if environment is None else environment_for(version.workflow, environment)
    return start_version(version=version, by=viewer, parameters=parameters, trigger=trigger, environment=found)


def start_version(
    *,
    version: WorkflowVersion,
    by: User | None,
    parameters: Mapping[str, Any] | None = None,
    trigger: str,
    job_run: JobRun | None = None,
    environment: Environment | None = None,
) -> WorkflowExecution:
    """Queue a run of a version that somebody was found to have the right to run. Raises as above."""
    require_room()
    values = {**(environment.parameters if environment is not None else {}), **(parameters or {})}
    version = keep_version(version)
    stand_ins = environment.connectors if environment is not None else {}
    execution = WorkflowExecution(
        workflow_id=version.workflow_id,
        version=version,
        parameters=values,
        environment=environment,
        stand_ins=stand_ins,
        trigger=trigger,
        triggered_by=by,
        job_run=job_run,
        plan=plans.plan_of(version, values, stand_ins, compile_anew=compile_version),
    )
    return enqueue(execution)


def require_room() -> None:
    """Raise LimitReached where the plan's executions of this month are used up, or its room in the run store."""
    grants = features.all_features()
    if grants[LIMIT].limit is not None:
        features.require_within(LIMIT, executions_this_month())
    if grants[quota.LIMIT].limit is not None:
        features.require_within(quota.LIMIT, quota.used())


def compile_version(
    version: WorkflowVersion, parameters: Mapping[str, Any], *, stand_ins: Mapping[str, str] | None = None
) -> Plan:
    """The plan of a version with these parameters. Raises Unprocessable `workflow_invalid` with the problems."""
    analysis = analyse_version(version, parameters, stand_ins=stand_ins)
    if not analysis.executable:
        raise Unprocessable(
            "The workflow has problems that must be mended first",
            code="workflow_invalid",
            remedy="Mend the problems and save the workflow again",
            extra={"problems": [problem.as_json() for problem in analysis.problems]},
        )
    return compile_plan(analysis)


@transaction.atomic
def enqueue(execution: WorkflowExecution) -> WorkflowExecution:
    """Save a new execution and tell the workers after the commit."""
    preview = execution.kind == WorkflowExecution.Kind.PREVIEW
    execution.waiting_for = vault_wait.waiting_for()
    execution.connectors = bodies.connector_ids(execution.plan)
    execution.save(force_insert=True)
    references.hold(execution.pk, given_of(execution.preview or {}).values())
    publish(
        ExecutionQueued(
            execution_id=execution.id,
            workflow_id=execution.workflow_id,
            preview=preview,
            trigger=execution.trigger,
            by=execution.triggered_by_id,
        )
    )
    if execution.waiting_for is None:
        lane = Lane.PREVIEW if preview else Lane.RUN
        transaction.on_commit(partial(queue.push, lane, connection.schema_name, execution.id))
    return execution
