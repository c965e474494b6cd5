"""Previewing one node: an execution on a sample, without effects outside UZO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.accounts.models import User
from apps.executions import previews
from apps.executions.core.preview import plan_preview, preview_port
from apps.executions.models import WorkflowExecution
from apps.executions.services.start import analyse_version, enqueue
from apps.executions.store import run_store
from apps.kernel.errors import FieldError, Invalid, NotFound
from apps.kernel.ids import new_id
from apps.workflows.core.analysis import Analysis
from apps.workflows.core.plan import Plan
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
    execution = WorkflowExecution(
        id=new_id(),
        workflow_id=workflow_id,
        version=version,
        kind=WorkflowExecution.Kind.PREVIEW,
        trigger="preview",
        triggered_by=viewer,
    )
    for port, rows in (mock_inputs or {}).items():
        if len(rows) > settings.PREVIEW_MAX_ROWS:
            message = f"at most {settings.PREVIEW_MAX_ROWS} rows"
            raise Invalid(errors=[FieldError(f"mock_inputs.{port}", "too_many", message)])
    plan, given = plan_preview(
        analysis,
        node_id,
        mock_inputs=mock_inputs,
        cached=previews.cached_samples(workflow_id, analysis),
        store=run_store(execution.id),
    )
    execution.plan = plan.as_json()
    execution.preview = {
        "node_id": node_id,
        "port": preview_port(plan, node_id)[1],
        "limit": max(1, min(limit, settings.PREVIEW_MAX_ROWS)),
        "sample": previews.SAMPLE_ROWS,
        "given": [[*port, given[port].as_json()] for port in sorted(given)],
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
