"""Rows that executions left behind: found by reference, read in slices, given out in several forms."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import polars as pl
import pyarrow as pa

from apps.executions.core.dataset import Dataset
from apps.executions.core.records import StageResult
from apps.executions.models import StageResult as StageRow
from apps.executions.models import WorkflowExecution
from apps.executions.store import whole_store
from apps.kernel.errors import Conflict, Gone, NotFound
from apps.nodes.values import encode_rows
from apps.workflows.core.plan import Plan, Port

MAX_ROWS = 100_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def datasets_of(execution_id: UUID) -> dict[Port, Dataset]:
    """Every dataset that the execution's finished stages stored, by node and port."""
    found: dict[Port, Dataset] = {}
    for result in StageRow.objects.filter(execution_id=execution_id).values_list("result", flat=True):
        found.update(StageResult.from_json(result).datasets)
    return found


def find_output(execution: WorkflowExecution, node_id: str, port: str) -> Dataset:
    """The rows of one port of one node.

    Raises NotFound for a node or port that is not there, Conflict `not_materialised` for one whose rows
    were not kept or are not there yet, Gone after the retention.
    """
    plan = Plan.from_json(execution.plan)
    node = plan.nodes.get(node_id)
    if node is None:
        raise NotFound(f"The execution has no node {node_id!r}")
    datasets = datasets_of(execution.id)
    dataset = datasets.get((node_id, port)) or datasets.get((node_id, _alias(node.primary, port)))
    if dataset is None or _lacks_columns(plan, (node_id, _alias(node.primary, port)), dataset):
        if port not in {"output", "success", "error", node.primary, *node.schemas}:
            raise NotFound(f"The node {node_id!r} has no port {port!r}")
        raise Conflict(
            f"The rows of {node_id}.{port} were not kept",
            code="not_materialised",
            remedy="Set keepOutput on the node and run the workflow again, or preview the node",
        )
    if execution.data_removed_at is not None:
        raise Gone("The rows of this execution were removed after the retention")
    return dataset


def _lacks_columns(plan: Plan, port: Port, dataset: Dataset) -> bool:
    """Whether a read left out columns that nothing downstream used."""
    planned = plan.nodes[port[0]].schemas.get(port[1])
    if port in plan.kept or planned is None or planned.dynamic:
        return False
    return not set(planned.names) <= set(dataset.schema.names)


def _alias(primary: str | None, port: str) -> str:
    """`success` is the same data as the node's primary port."""
    return primary if port == "success" and primary is not None else port


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of a dataset, and how many it has; how many of these were kept, where that is not all."""

    dataset: Dataset
    frame: pl.DataFrame

    def as_json(self) -> dict[str, Any]:
        columns, rows = encode_rows(self.frame, self.dataset.schema)
        body = {"columns": columns, "rows": rows, "row_count": self.dataset.rows}
        return (
            body if self.dataset.of is None else {**body, "row_count": self.dataset.of, "rows_kept": self.dataset.rows}
        )

    def as_arrow_stream(self) -> bytes:
        sink = io.BytesIO()
        table = self.frame.to_arrow()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return sink.getvalue()

    def as_parquet(self) -> bytes:
        sink = io.BytesIO()
        self.frame.write_parquet(sink)
        return sink.getvalue()

    def as_csv(self) -> bytes:
        """CSV in which no cell is a formula (THREATS 34): text that a spreadsheet would run gets an
        apostrophe, as spreadsheets themselves write it. Numbers stay numbers."""
        columns, rows = encode_rows(self.frame, self.dataset.schema)
        header = [_harmless(column["name"]) for column in columns]
        texts: Mapping[str, list[Any]] = {
            f"{index}": [_cell(row[index], columns[index]["type"]) for row in rows] for index in range(len(columns))
        }
        body = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))
        sink = io.BytesIO()
        pl.DataFrame([header], schema=[f"{index}" for index in range(len(header))], orient="row").write_csv(
            sink, include_header=False
        )
        body.write_csv(sink, include_header=False)
        return sink.getvalue()


def read_output(dataset: Dataset, *, offset: int, limit: int) -> Slice:
    """At most 100,000 rows; more is clamped. Raises Gone, Conflict `not_materialised` for rows behind those that
    were kept."""
    limit = min(limit, MAX_ROWS)
    if dataset.of is not None and dataset.rows <= offset < dataset.of:
        raise Conflict(
            f"Of {dataset.of:,} rows the first {dataset.rows:,} were kept",
            code="not_materialised",
            remedy="Look them up where they were written, or set keepOutput on the node and run the workflow again",
        )
    return Slice(dataset, whole_store().slice(dataset, offset=offset, limit=limit))


def _cell(value: Any, type_: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return _harmless(json.dumps(value, ensure_ascii=False))
    text = str(value)
    return _harmless(text) if type_ in ("string", "json") or type_.startswith("list") else text


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
