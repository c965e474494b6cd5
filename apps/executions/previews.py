"""Samples: what a preview reads instead of the whole, and what it leaves for people to look at.

Reads are sampled once and kept for ten minutes, so that the second preview of a chain touches no source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.connectors.selectors import configured_at
from apps.executions import bodies, stored_outputs
from apps.executions.core.addresses import NO_MATTER, Origin
from apps.executions.core.dataset import Dataset
from apps.executions.core.matching import counting_node
from apps.executions.core.statistics import statistics_of
from apps.executions.events import PreviewReady
from apps.executions.leases import Lease, hold
from apps.executions.models import NodePreview, SourceSample, WorkflowExecution
from apps.executions.outputs import MAX_ROWS, datasets_of
from apps.executions.store import whole_store
from apps.kernel import clock
from apps.kernel.errors import Gone, NotFound
from apps.kernel.events import publish
from apps.nodes.values import encode_rows
from apps.workflows.core.analysis import AnalysedNode, Analysis
from apps.workflows.core.parameters import bind, declare
from apps.workflows.core.plan import Plan, Port

SAMPLE_ROWS = 1000
"""Rows that a preview reads from a source."""
_FRESH = timedelta(minutes=10)
_MAX_EVENT_BYTES = 60_000


def sample_key(node: AnalysedNode, parameters: Mapping[str, Any]) -> str:
    """A digest of all that the rows of a sampled read depend on."""
    config = {name: value for name, value in node.raw.items() if name not in NO_MATTER}
    about = [node.category, node.operation, config, node.connector_id, dict(parameters), SAMPLE_ROWS]
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()


def cached_samples(workflow_id: UUID, analysis: Analysis) -> dict[Port, Dataset]:
    """Fresh samples of the diagram's reads: neither they nor their connectors have changed since, nothing is wrong
    with them (that the author may not use the connector any more), and their rows are there."""
    found: dict[Port, Dataset] = {}
    store = whole_store()
    wrong = {problem.node_id for problem in analysis.problems if problem.severity == "error"}
    samples = list(SourceSample.objects.filter(workflow_id=workflow_id, at__gt=clock.now() - _FRESH))
    read = {sample.node_id: node for sample in samples if (node := analysis.nodes.get(sample.node_id)) is not None}
    began = configured_at({node.connector_id for node in read.values() if node.connector_id}) if read else {}
    for sample in samples:
        node = analysis.nodes.get(sample.node_id)
        if node is None or node.config is None or sample.digest != sample_key(node, analysis.parameters.values):
            continue
        changed = began.get(node.connector_id or "")
        if sample.node_id in wrong or (changed is not None and changed > sample.at):
            continue
        dataset = Dataset.from_json(sample.dataset)
        if store.has(dataset):
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
    now = clock.now()
    roots = _keep_source_samples(execution, datasets, at=now)
    stored_outputs.keep(Plan.from_json(execution.plan), datasets, roots, _values(execution))
    if (node_id, port) not in datasets:
        return
    sampled = any(origin.sampled for origin in roots.values())
    read_at = min((origin.read_at for origin in roots.values() if origin.read_at is not None), default=None)
    NodePreview.objects.update_or_create(
        workflow_id=execution.workflow_id,
        node_id=node_id,
        defaults={"execution": execution, "port": port, "sampled": sampled, "read_at": read_at, "at": now},
    )
    body = {"node_id": node_id, "port": port, **sample_body(datasets[node_id, port], limit, sampled=sampled)}
    publish(
        PreviewReady(
            execution_id=execution.id,
            workflow_id=execution.workflow_id,
            preview=True,
            sample=fit({**body, "read_at": bodies.moment(read_at), "at": bodies.moment(now)}),
        )
    )


def sample_body(dataset: Dataset, limit: int, *, sampled: bool) -> dict[str, Any]:
    """Columns and rows of a sample. Raises Gone once the rows were removed."""
    columns, rows = encode_rows(whole_store().slice(dataset, offset=0, limit=limit), dataset.schema)
    return {"columns": columns, "rows": rows, "row_count": dataset.rows, "sampled": sampled}


def last_preview(workflow_id: UUID, node_id: str) -> dict[str, Any]:
    """The last sample of a node. Raises NotFound `no_preview`."""
    row, dataset = _last(workflow_id, node_id)
    try:
        body = sample_body(dataset, (row.execution.preview or {})["limit"], sampled=row.sampled)
    except Gone:
        raise _no_preview() from None
    return {**body, "read_at": bodies.moment(row.read_at), "at": bodies.moment(row.at)}


def last_statistics(workflow_id: UUID, node_id: str) -> dict[str, Any]:
    """What the columns of a node's last sample hold, all its rows looked at. Raises NotFound `no_preview`."""
    row, dataset = _last(workflow_id, node_id)
    try:
        frame = whole_store().slice(dataset, offset=0, limit=MAX_ROWS)
    except Gone:
        raise _no_preview() from None
    return {
        "columns": statistics_of(frame, dataset.schema),
        "rows": frame.height,
        "sampled": row.sampled or frame.height < dataset.rows,
        "at": bodies.moment(row.at),
    }


def last_matches(workflow_id: UUID, node_id: str) -> dict[str, Any]:
    """How the sides of a join fitted when that was last counted. Raises NotFound `no_preview`."""
    sample = last_preview(workflow_id, counting_node(node_id))
    names = [column["name"] for column in sample["columns"]]
    counts = dict(zip(names, sample["rows"][0], strict=True))
    matched = {name: counts.get(name) for name in ("matched_left", "matched_right")}
    return {**counts, **matched, "sampled": sample["sampled"], "at": sample["at"]}


def _no_preview() -> NotFound:
    return NotFound("This node has no preview yet", code="no_preview", remedy="Preview it first")


def _last(workflow_id: UUID, node_id: str) -> tuple[NodePreview, Dataset]:
    row = NodePreview.objects.select_related("execution").filter(workflow_id=workflow_id, node_id=node_id).first()
    dataset = None if row is None else datasets_of(row.execution_id).get((node_id, row.port))
    if row is None or dataset is None:
        raise _no_preview()
    return row, dataset


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


def _keep_source_samples(
    execution: WorkflowExecution, datasets: Mapping[Port, Dataset], *, at: datetime
) -> dict[Port, Origin]:
    """Keep what the preview read from sources; answers where the rows that it began with come from."""
    about = execution.preview or {}
    reads: Mapping[str, str] = about["reads"]
    roots = {(node, port): Origin.from_json(origin) for node, port, origin in about.get("roots", ())}
    for (node_id, port), dataset in datasets.items():
        if node_id in reads and port != "error":
            sampled = dataset.rows >= SAMPLE_ROWS
            roots[node_id, port] = Origin.of_content(dataset, sampled=sampled, read_at=at)
            SourceSample.objects.update_or_create(
                workflow_id=execution.workflow_id,
                node_id=node_id,
                port=port,
                defaults={"digest": reads[node_id], "dataset": dataset.as_json(), "at": at},
            )
    return roots


def _values(execution: WorkflowExecution) -> Mapping[str, Any]:
    declared, _ = declare(execution.version.parameters)
    return bind(declared, execution.parameters).values
