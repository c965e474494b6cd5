"""The table of nodes that lists filter by, kept like the current diagram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from apps.workflows.analysis import as_uuid
from apps.workflows.core.analysis import Analysis
from apps.workflows.models import Workflow, WorkflowNode

_LONGEST = 200
_BATCH = 2000


class _Row(NamedTuple):
    node_id: str
    node_type: str
    operation: str
    connector_id: UUID | None


def index_nodes(workflow: Workflow, analysis: Analysis) -> None:
    """Make the workflow's rows those of the analysed diagram; only rows that differ are written."""
    columns = ("node_id", "node_type", "operation", "connector_id")
    known = {_Row(*row) for row in WorkflowNode.objects.filter(workflow=workflow).values_list(*columns)}
    wanted = set(_rows(analysis))
    gone = [row.node_id for row in known - wanted]
    if gone:
        WorkflowNode.objects.filter(workflow=workflow, node_id__in=gone).delete()
    WorkflowNode.objects.bulk_create(
        (WorkflowNode(workflow=workflow, **row._asdict()) for row in wanted - known), batch_size=_BATCH
    )


def _rows(analysis: Analysis) -> Iterator[_Row]:
    for node in analysis.nodes.values():
        yield _Row(node.id, node.category[:_LONGEST], node.operation[:_LONGEST], as_uuid(node.connector_id))
