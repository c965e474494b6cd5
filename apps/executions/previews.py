"""Samples: what a preview reads instead of the whole, and what it leaves for people to look at.

Reads are sampled once and kept for ten minutes, so that the second preview of a chain touches no source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.executions import bodies
from apps.executions.core.dataset import Dataset
from apps.executions.core.store import RunStore
from apps.executions.events import PreviewReady
from apps.executions.leases import Lease, hold
from apps.executions.models import NodePreview, SourceSample, WorkflowExecution
from apps.executions.outputs import datasets_of
from apps.kernel import clock
from apps.kernel.errors import Gone, NotFound
from apps.kernel.events import publish
from apps.nodes.values import encode_rows
from apps.workflows.core.analysis import AnalysedNode, Analysis
from apps.workflows.core.plan import Port

SAMPLE_ROWS = 1000
"""Rows that a preview reads from a source."""
_FRESH = timedelta(minutes=10)
_MAX_EVENT_BYTES = 60_000


def given_of(preview: Mapping[str, Any]) -> dict[Port, Dataset]:
    """Datasets that stand in for what a preview does not run: cached samples, mocked inputs."""
    return {(node, port): Dataset.from_json(dataset) for node, port, dataset in preview.get("given", ())}


def sample_key(node: AnalysedNode, parameters: Mapping[str, Any]) -> str:
    """A digest of all that the rows of a sampled read depend on."""
    about = [node.category, node.operation, node.raw, node.connector_id, dict(parameters), SAMPLE_ROWS]
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()


def cached_samples(workflow_id: UUID, analysis: Analysis) -> dict[Port, Dataset]:
    """Fresh samples of the diagram's reads, whose configuration has not changed and whose rows are there."""
    found: dict[Port, Dataset] = {}
    store = RunStore(settings.RUN_STORE)
    for sample in SourceSample.objects.filter(workflow_id=workflow_id, at__gt=clock.now() - _FRESH):
        node = analysis.nodes.get(sample.node_id)
        if node is None or node.config is None or sample.digest != sample_key(node, analysis.parameters.values):
            continue
        dataset = Dataset.from_json(sample.dataset)
        try:
            store.path(dataset)
        except Gone:
            continue
        found[sample.node_id, sample.port] = dataset
    return found


def publish_sample(execution: WorkflowExecution, *, lease: Lease) -> None:
    """Of a preview that succeeded: remember where its rows are, send those that fit, keep what was read.

    Call it in the transaction that ends the preview, so that neither is there without the other.
    Raises LeaseLost.
    """
    hold(lease)
    about = execution.preview or {}
    node_id, port, limit = about["node_id"], about["port"], about["limit"]
    datasets = datasets_of(execution.id)
    _keep_source_samples(execution, datasets)
    if (node_id, port) not in datasets:
        return
    now = clock.now()
    # A file that is scanned leaves no rows of its own, only their count.
    sampled = execution.nodes.filter(node_id__in=list(about["reads"]), rows_out__gte=SAMPLE_ROWS).exists()
    sampled = sampled or any(dataset["rows"] >= SAMPLE_ROWS for _, _, dataset in about.get("given", ()))
    NodePreview.objects.update_or_create(
        workflow_id=execution.workflow_id,
        node_id=node_id,
        defaults={"execution": execution, "port": port, "sampled": sampled, "at": now},
    )
    body = {"node_id": node_id, "port": port, **sample_body(datasets[node_id, port], limit, sampled=sampled)}
    publish(
        PreviewReady(
            execution_id=execution.id,
            workflow_id=execution.workflow_id,
            preview=True,
            sample=fit({**body, "at": bodies.moment(now)}),
        )
    )


def sample_body(dataset: Dataset, limit: int, *, sampled: bool) -> dict[str, Any]:
    """Columns and rows of a sample. Raises Gone once the rows were removed."""
    columns, rows = encode_rows(RunStore(settings.RUN_STORE).slice(dataset, offset=0, limit=limit), dataset.schema)
    return {"columns": columns, "rows": rows, "row_count": dataset.rows, "sampled": sampled}


def last_preview(workflow_id: UUID, node_id: str) -> dict[str, Any]:
    """The last sample of a node. Raises NotFound `no_preview`."""
    none = NotFound("This node has no preview yet", code="no_preview", remedy="Preview it first")
    row = NodePreview.objects.select_related("execution").filter(workflow_id=workflow_id, node_id=node_id).first()
    if row is None:
        raise none
    dataset = datasets_of(row.execution_id).get((node_id, row.port))
    if dataset is None:
        raise none
    try:
        body = sample_body(dataset, (row.execution.preview or {})["limit"], sampled=row.sampled)
    except Gone:
        raise none from None
    return {**body, "at": bodies.moment(row.at)}


def fit(body: dict[str, Any]) -> dict[str, Any]:
    """The body with as many of its first rows as an event may carry; `truncated` says whether all are there."""
    rows, kept = body["rows"], []
    room = _MAX_EVENT_BYTES - len(json.dumps({**body, "rows": []}).encode())
    for row in rows:
        room -= len(json.dumps(row).encode()) + 2
        if room < 0:
            break
        kept.append(row)
    return {**body, "rows": kept, "truncated": len(kept) < len(rows)}


def _keep_source_samples(execution: WorkflowExecution, datasets: Mapping[Port, Dataset]) -> None:
    reads: Mapping[str, str] = (execution.preview or {})["reads"]
    for (node_id, port), dataset in datasets.items():
        if node_id in reads and port != "error":
            SourceSample.objects.update_or_create(
                workflow_id=execution.workflow_id,
                node_id=node_id,
                port=port,
                defaults={"digest": reads[node_id], "dataset": dataset.as_json(), "at": clock.now()},
            )
