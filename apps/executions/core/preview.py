"""Preview of one node: its upstream on a sample, or on mock rows, and no effect outside UZO."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from apps.executions.core.dataset import Dataset
from apps.executions.core.matching import Counting
from apps.executions.core.store import RunStore
from apps.kernel.errors import FieldError, Invalid
from apps.nodes.columns import Column, DataType, Schema
from apps.workflows.core.analysis import Analysis
from apps.workflows.core.parameters import convert, type_of
from apps.workflows.core.plan import Plan, Port, compile_plan, mock_port


def plan_preview(
    analysis: Analysis,
    node_id: str,
    *,
    mock_inputs: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    cached: Mapping[Port, Dataset] | None = None,
    store: RunStore,
) -> tuple[Plan, dict[Port, Dataset]]:
    """The plan of a preview, and the datasets given to it.

    `mock_inputs`: rows by input port, in place of what is upstream. `cached`: samples of upstream ports
    from an earlier preview. Raises Invalid for mock rows that do not fit, NotFound for an unknown node,
    Unprocessable `workflow_invalid` or `not_previewable`.
    """
    given: dict[Port, Dataset] = {port: each for port, each in (cached or {}).items() if port[0] != node_id}
    for port, dataset in _mocked(analysis, node_id, mock_inputs, store).items():
        given[mock_port(node_id, port)] = dataset
    return planned(analysis, node_id, given)


def plan_matches(
    analysis: Analysis,
    join_id: str,
    counting: Counting,
    *,
    mock_inputs: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    cached: Mapping[Port, Dataset] | None = None,
    store: RunStore,
) -> tuple[Plan, dict[Port, Dataset]]:
    """As `plan_preview`, of the node that counts the matches of a join; `analysis` is of `counting.diagram`, and
    rows in place of an input of the join go wherever a counting node reads that input."""
    given = dict(cached or {})
    for port, dataset in _mocked(analysis, join_id, mock_inputs, store).items():
        given[mock_port(join_id, port)] = dataset
        given |= {mock_port(tap.node_id, tap.port): dataset for tap in counting.taps if tap.side == port}
    return planned(analysis, counting.node_id, given)


def _mocked(
    analysis: Analysis, node_id: str, mock_inputs: Mapping[str, Sequence[Mapping[str, Any]]] | None, store: RunStore
) -> dict[str, Dataset]:
    """Rows that were given, as datasets by input port."""
    datasets: dict[str, Dataset] = {}
    for port, rows in (mock_inputs or {}).items():
        _require_input(analysis, node_id, port)
        schema = _input_schema(analysis, node_id, port)
        frame, columns = mock_frame(rows, schema, field=f"mock_inputs.{port}")
        datasets[port] = store.write_frame(frame.lazy(), columns)
    return datasets


def planned(analysis: Analysis, node_id: str, given: Mapping[Port, Dataset]) -> tuple[Plan, dict[Port, Dataset]]:
    """The plan that makes the rows of a node from these datasets, and those of them that it reads. Every transform
    in it stores its rows, so that the next preview has them."""
    schemas = {port: dataset.schema for port, dataset in given.items()}
    plan = compile_plan(analysis, targets=[node_id], given=schemas, materialise=True)
    return plan, {port: dataset for port, dataset in given.items() if port in plan.given}


def given_of(preview: Mapping[str, Any]) -> dict[Port, Dataset]:
    """Datasets that stand in for what an execution does not run: cached samples, mocked inputs, rows of a call."""
    return {(node, port): Dataset.from_json(dataset) for node, port, dataset in preview.get("given", ())}


def preview_port(plan: Plan, node_id: str) -> Port:
    """The port whose rows a preview of a node shows."""
    kept = sorted(port for port in plan.kept if port[0] == node_id)
    primary = plan.nodes[node_id].primary
    return next((port for port in kept if port[1] == primary), kept[0] if kept else (node_id, "output"))


def _require_input(analysis: Analysis, node_id: str, port: str) -> None:
    node = analysis.nodes.get(node_id)
    names = [each.name for each in node.inputs or ()] if node is not None else []
    if node is not None and node.inputs is not None and port not in names:
        message = f"the node's inputs are: {', '.join(names) or 'none'}"
        raise Invalid(errors=[FieldError(f"mock_inputs.{port}", "unknown_port", message)])


def _input_schema(analysis: Analysis, node_id: str, port: str) -> Schema | None:
    edges = analysis.graph.inputs_of(node_id).get(port, []) if node_id in analysis.graph.nodes else []
    if not edges:
        return None
    schema = analysis.nodes[edges[0].source].columns(edges[0].source_port)
    return None if schema.dynamic else schema


def mock_frame(
    rows: Sequence[Mapping[str, Any]], schema: Schema | None, *, field: str = "mock_inputs"
) -> tuple[pl.DataFrame, Schema]:
    """Row objects as a frame, and its columns.

    With a schema the columns are its own: a missing one is null, one that it does not have is refused.
    Without, columns come in the order seen, with the type of their values. Raises Invalid with the
    field of each value that does not fit.
    """
    errors: list[FieldError] = []
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            errors.append(FieldError(f"{field}.{index}", "invalid", "must be an object of columns"))
    if errors:
        raise Invalid(errors=errors[:20])
    columns = schema if schema is not None else _guess(rows)
    for index, row in enumerate(rows):
        for name in row:
            if columns.get(name) is None:
                errors.append(FieldError(f"{field}.{index}.{name}", "unknown_column", "there is no such column"))
    data: dict[str, list[Any]] = {}
    for column in columns:
        data[column.name] = [
            _value(row.get(column.name), column.type, f"{field}.{index}.{column.name}", errors)
            for index, row in enumerate(rows)
        ]
    if errors:
        raise Invalid("The mock rows do not fit the columns", errors=errors[:20])
    return pl.DataFrame(data, schema=columns.to_polars(), strict=False), columns


def _value(value: Any, type_: DataType, field: str, errors: list[FieldError]) -> Any:
    if type_.is_float and isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        return float(value.replace("Infinity", "inf"))  # as rows are given out
    if type_.name == "json" and value is not None and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    try:
        return convert(value, type_)
    except ValueError as error:
        errors.append(FieldError(field, "type_mismatch", str(error)))
        return None


def _guess(rows: Sequence[Mapping[str, Any]]) -> Schema:
    types: dict[str, set[DataType]] = {}
    for row in rows:
        for name, value in row.items():
            types.setdefault(name, set()).add(type_of(value))
    return Schema(tuple(Column(name, _common(found)) for name, found in types.items()))


def _common(found: set[DataType]) -> DataType:
    found = {each for each in found if each.name != "null"}
    if not found:
        return DataType("null")
    if len(found) == 1:
        return found.pop()
    if all(each.is_integer or each.is_float for each in found):
        return DataType("float64")
    return DataType("json")
