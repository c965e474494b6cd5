"""Previewing one node: an execution on a sample, without effects outside UZO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.accounts.models import User
from apps.executions import previews, stored_outputs
from apps.executions.core import matching
from apps.executions.core.dataset import Dataset
from apps.executions.core.preview import plan_matches, plan_preview, preview_port
from apps.executions.models import WorkflowExecution
from apps.executions.services.start import analyse_version, enqueue
from apps.executions.store import run_store
from apps.kernel.errors import FieldError, Invalid, NotFound
from apps.kernel.ids import new_id
from apps.workflows.core.analysis import Analysis
from apps.workflows.core.plan import Plan, Port
from apps.workflows.models import WorkflowVersion
from apps.workflows.selectors import version_for_execution

Rows = Sequence[Mapping[str, Any]]


def start_preview(
    *,
    viewer: User,
    workflow_id: UUID,
    node_id: str,
    mock_inputs: Mapping[str, Rows] | None = None,
    limit: int = settings.PREVIEW_ROWS,
) -> WorkflowExecution:
    """Queue a preview of one node, on rows given for its inputs or on a sample of what is upstream.

    Raises NotFound, Forbidden; Invalid for mocked rows that do not fit; Unprocessable
    `workflow_invalid`, `not_previewable`.
    """
    version = version_for_execution(viewer, workflow_id)
    analysis = analyse_version(version, {})
    if node_id not in analysis.nodes:
        raise NotFound(f"The workflow has no node {node_id!r}")
    _require_few(mock_inputs)
    execution = _execution(version, viewer)
    plan, given = plan_preview(
        analysis,
        node_id,
        mock_inputs=mock_inputs,
        cached=previews.cached_samples(workflow_id, analysis),
        store=run_store(execution.id),
    )
    return _queued(execution, analysis, node_id, plan, given, limit)


def start_matches(
    *, viewer: User, workflow_id: UUID, node_id: str, mock_inputs: Mapping[str, Rows] | None = None
) -> WorkflowExecution:
    """Queue a preview that counts how the sides of a join fit, on rows given for them or on samples.

    Raises as `start_preview`; Unprocessable `not_a_join`.
    """
    version = copy(version_for_execution(viewer, workflow_id))
    counting = matching.counting(version.diagram, node_id)
    version.diagram = counting.diagram  # of the copy in hand alone, which is never saved
    analysis = analyse_version(version, {})
    _require_few(mock_inputs)
    execution = _execution(version, viewer)
    plan, given = plan_matches(
        analysis,
        node_id,
        counting,
        mock_inputs=mock_inputs,
        cached=previews.cached_samples(workflow_id, analysis),
        store=run_store(execution.id),
    )
    return _queued(execution, analysis, counting.node_id, plan, given, 1)


def _execution(version: WorkflowVersion, viewer: User) -> WorkflowExecution:
    return WorkflowExecution(
        id=new_id(),
        workflow_id=version.workflow_id,
        version_id=version.pk,
        kind=WorkflowExecution.Kind.PREVIEW,
        trigger="preview",
        triggered_by=viewer,
    )


def _require_few(mock_inputs: Mapping[str, Rows] | None) -> None:
    for port, rows in (mock_inputs or {}).items():
        if len(rows) > settings.PREVIEW_MAX_ROWS:
            message = f"at most {settings.PREVIEW_MAX_ROWS} rows"
            raise Invalid(errors=[FieldError(f"mock_inputs.{port}", "too_many", message)])


def _queued(  # noqa: PLR0917
    execution: WorkflowExecution,
    analysis: Analysis,
    node_id: str,
    plan: Plan,
    given: Mapping[Port, Dataset],
    limit: int,
) -> WorkflowExecution:
    course = stored_outputs.shortened(
        analysis, plan, given, node_id=node_id, workflow_id=execution.workflow_id, sample=previews.SAMPLE_ROWS
    )
    plan, given = course.plan, course.given
    execution.plan = plan.as_json()
    execution.preview = {
        "node_id": node_id,
        "port": preview_port(plan, node_id)[1],
        "limit": max(1, min(limit, settings.PREVIEW_MAX_ROWS)),
        "sample": previews.SAMPLE_ROWS,
        "given": [[*port, given[port].as_json()] for port in sorted(given)],
        "roots": [[*port, course.roots[port].as_json()] for port in sorted(course.roots)],
        "reads": _reads(plan, analysis),
    }
    return enqueue(execution)


def _reads(plan: Plan, analysis: Analysis) -> dict[str, str]:
    """Nodes that read a source, with the digest under which their sample may be used again."""
    return {
        node.id: previews.sample_key(analysis.nodes[node.id], analysis.parameters.values)
        for node in plan.nodes.values()
        if node.category == "connector" and node.operation in ("read", "select")
    }
