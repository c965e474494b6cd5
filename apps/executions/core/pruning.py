"""Which columns of a node's output anything downstream uses: what a read may leave out.

The stages that read the rows are lowered over an empty source that notes which columns Polars asks it
for. So the answer is the optimiser's own, and never a guess. The in-memory engine is asked, one output
at a time, since it visits every source; the streaming one leaves out a side of a join to empty rows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from apps.executions.core.run_context import LowerValues
from apps.nodes.columns import Schema
from apps.nodes.config import NodeConfig
from apps.nodes.registry import find
from apps.nodes.types import LazyNodeType
from apps.transforms.schemas import remember
from apps.workflows.core.node_config import read_config
from apps.workflows.core.plan import Plan, PlanEdge, Port, Stage
from apps.workflows.core.templating import fill

logger = logging.getLogger(__name__)


def columns_needed(plan: Plan, node_id: str, parameters: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Names of the columns of the node's primary output that later stages use; None where that cannot be
    told, where something uses them all, or where the rows are kept."""
    node = plan.nodes[node_id]
    port = (node_id, node.primary or "")
    schema = node.schemas.get(port[1])
    if schema is None or schema.dynamic or port in plan.kept:
        return None
    if any(node_id in other.scalars.values() for other in plan.nodes.values()):
        return None
    stage_of = {each: stage for stage in plan.stages for each in stage.nodes}
    readers = {stage_of[edge.target].id: stage_of[edge.target] for edge in plan.edges if edge.port == port}
    needed: set[str] = set()
    for stage in readers.values():
        found = _asked_for(plan, stage, port, schema, parameters) if stage.kind == "fused" else None
        if found is None:
            return None
        needed |= found
    return tuple(name for name in schema.names if name in needed)


def _asked_for(plan: Plan, stage: Stage, port: Port, schema: Schema, parameters: Mapping[str, Any]) -> set[str] | None:
    """None where the stage cannot be lowered before it runs: a scalar is missing, only the data will tell a
    column.

    A count needs no column, but Polars asks for the first one behind a join. So where counting asks for
    columns that the outputs do not, it is asked again with the columns in another order: what it needs it
    asks for both times.
    """
    found = _asked(plan, stage, port, schema, parameters)
    if found is None:
        return None
    stored, counted = found
    if spare := counted - stored:
        turned = _asked(plan, stage, port, Schema(schema.columns[::-1]), parameters)
        spare = spare if turned is None else spare & turned[1]
    return stored | spare


def _asked(
    plan: Plan, stage: Stage, port: Port, schema: Schema, parameters: Mapping[str, Any]
) -> tuple[set[str], set[str]] | None:
    """What the stage's outputs ask for, and what counting the rows of all its ports does."""
    asked: set[str] = set()

    def source(with_columns: list[str] | None, predicate: pl.Expr | None, *_: object) -> Iterator[pl.DataFrame]:
        names = list(schema.names) if with_columns is None else with_columns
        asked.update(names)
        if predicate is not None:
            asked.update(predicate.meta.root_names())
        yield schema.empty().select(names).collect()

    frames: dict[Port, pl.LazyFrame] = {port: remember(register_io_source(source, schema=schema.to_polars()), schema)}
    for node_id in stage.nodes:
        if not _lower(plan, node_id, frames, parameters):
            return None
    outputs = [frames[output] for output in stage.outputs if output in frames]
    counts = [frame.select(pl.len()) for each, frame in frames.items() if each != port]
    found: list[set[str]] = []
    try:
        for wanted in (outputs, counts):
            asked.clear()
            for frame in wanted:
                frame.collect(engine="in-memory")
            found.append(set(asked))
    except pl.exceptions.PolarsError:
        return None
    return found[0], found[1]


def _lower(plan: Plan, node_id: str, frames: dict[Port, pl.LazyFrame], parameters: Mapping[str, Any]) -> bool:
    node = plan.nodes[node_id]
    node_type = find(node.category, node.operation)
    if node.scalars or any(schema.dynamic for schema in node.schemas.values()):  # it depends on what is not there
        return False
    if not isinstance(node_type, LazyNodeType):  # a scan, of which only the columns matter here
        for name, schema in node.schemas.items():
            frames.setdefault((node_id, name), remember(schema.empty(), schema))  # the one that notes is there already
        return bool(node.schemas)
    inputs: dict[str, list[pl.LazyFrame]] = {}
    for edge in _incoming(plan, node_id):
        if edge.port not in frames:
            source = plan.nodes.get(edge.source)
            planned = source.schemas.get(edge.source_port) if source is not None else None
            if planned is None or planned.dynamic:
                return False
            frames[edge.port] = remember(planned.empty(), planned)
        inputs.setdefault(edge.target_port, []).append(frames[edge.port])
    try:
        config = read_config(node_type.Config, fill(node.config, node_type.Config, parameters.__getitem__))
        if not isinstance(config, NodeConfig):
            return False
        lowered = node_type.lower(config, inputs, LowerValues(parameters, plan.parameter_types))
    except Exception:
        # Leaving columns out only saves work: what cannot be worked out here is read whole, and a
        # config that is really wrong fails where its node runs.
        logger.debug("node %s is not looked through, its inputs are read whole", node_id, exc_info=True)
        return False
    frames.update({(node_id, name): frame for name, frame in lowered.items()})
    return True


def _incoming(plan: Plan, node_id: str) -> list[PlanEdge]:
    return [edge for edge in plan.edges if edge.target == node_id]
