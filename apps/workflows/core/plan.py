"""The plan: a diagram compiled for execution, as stages with datasets between them. JSON in and out.

A stage is the unit of dispatch and of resuming. A `fused` stage is a set of lazy nodes that run as
one Polars plan; an `effect` stage is one node that acts; a `loop` stage is a node that loops with the
nodes of its body, and holds a plan of these; a `pushed` stage is a chain from a read to a write, whose
rows go from one to the other without being kept (`pushdown`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.kernel.collector import still
from apps.nodes.columns import Column, DataType, Schema
from apps.workflows.core.analysis import MANY_NODES, Analysis

PLAN_VERSION = 1
Port = tuple[str, str]
"""A node and one of its output ports."""


def mock_port(node_id: str, input_port: str) -> Port:
    """The port that rows given for a node's input come from, in place of what is drawn there."""
    return (f"given:{node_id}", input_port)


@dataclass(frozen=True, slots=True)
class PlanEdge:
    """Rows of an output port on their way to an input port. `success` has become the port it copies."""

    source: str
    source_port: str
    target: str
    target_port: str

    @property
    def port(self) -> Port:
        return (self.source, self.source_port)


@dataclass(frozen=True, slots=True)
class PlanNode:
    """What the engine must know of a node; `config` is JSON with the names of parameters still in it.

    `scalars`: name → the upstream node that gives its value. `handled`: a failure does not fail the
    execution. `schemas` are the inferred columns of the ports that may be stored. `primary` is the port
    whose rows are the node's rows out, None for a node without rows.
    """

    id: str
    category: str
    operation: str
    config: Mapping[str, Any]
    connector_id: str | None = None
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    scalars: Mapping[str, str] = field(default_factory=dict)
    primary: str | None = "output"
    handled: bool = False
    error_port: bool = False
    bypass: str | None = None
    """In a preview, the input whose rows are handed on in place of acting."""
    waits: tuple[str, ...] = ()
    """Nodes that must have run before, whose rows it does not read."""
    loop: str | None = None
    """The loop that runs it, and answers for it, as part of its body."""
    revision: int = 0
    """How often it had finished in this execution and was made to run again, by a resume with a newer version."""


@dataclass(frozen=True, slots=True)
class Stage:
    """`after`: stages that must be over before it. `segments`: a fused stage's nodes in execution order,
    cut where one Polars plan would grow too deep. `outputs`: ports that are stored. `body`: the plan of one
    iteration of a loop stage, whose nodes are the loop and then its body."""

    id: str
    kind: Literal["fused", "effect", "loop", "pushed"]
    segments: tuple[tuple[str, ...], ...]
    after: tuple[str, ...] = ()
    outputs: tuple[Port, ...] = ()
    body: Plan | None = None

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(node_id for segment in self.segments for node_id in segment)


@dataclass(frozen=True, slots=True)
class Plan:
    """Stages in an order that respects `after`; `kept` are the ports that stay after the run; `given`
    are ports whose rows come from outside (mock inputs, cached samples). `parameter_types` are the types
    of the parameters' values, which a null does not tell."""

    nodes: Mapping[str, PlanNode]
    edges: tuple[PlanEdge, ...]
    stages: tuple[Stage, ...]
    kept: frozenset[Port] = frozenset()
    given: frozenset[Port] = frozenset()
    parameter_types: Mapping[str, DataType] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "version": PLAN_VERSION,
            "nodes": [_node_json(node) for node in self.nodes.values()],
            "edges": [[edge.source, edge.source_port, edge.target, edge.target_port] for edge in self.edges],
            "stages": [_stage_json(stage) for stage in self.stages],
            "kept": sorted(list(port) for port in self.kept),
            "given": sorted(list(port) for port in self.given),
            "parameter_types": {name: str(type_) for name, type_ in self.parameter_types.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """Read what `as_json` wrote; raises ValueError for a plan of another version."""
        if value.get("version") != PLAN_VERSION:
            raise ValueError(f"this is a plan of version {value.get('version')!r}, not {PLAN_VERSION}")
        nodes = [_node_from_json(node) for node in value["nodes"]]
        return cls(
            nodes={node.id: node for node in nodes},
            edges=tuple(PlanEdge(*edge) for edge in value["edges"]),
            stages=tuple(_stage_from_json(stage) for stage in value["stages"]),
            kept=frozenset((node, port) for node, port in value["kept"]),
            given=frozenset((node, port) for node, port in value["given"]),
            parameter_types={name: DataType.parse(text) for name, text in value["parameter_types"].items()},
        )

    def describe(self) -> str:
        """The stages as text for people: one line each."""
        lines = []
        for stage in self.stages:
            what = " | ".join(" > ".join(segment) for segment in stage.segments)
            after = f" after {', '.join(stage.after)}" if stage.after else ""
            stored = ", ".join(f"{node}.{port}" for node, port in stage.outputs)
            lines.append(f"{stage.id} {stage.kind}{after}: {what}" + (f" => {stored}" if stored else ""))
            if stage.body is not None:
                lines += [f"  {line}" for line in stage.body.describe().splitlines()]
        return "\n".join(lines)


def _stage_json(stage: Stage) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": stage.id,
        "kind": stage.kind,
        "segments": [list(segment) for segment in stage.segments],
        "after": list(stage.after),
        "outputs": [list(port) for port in stage.outputs],
    }
    if stage.body is not None:
        body["body"] = stage.body.as_json()
    return body


def _stage_from_json(body: Mapping[str, Any]) -> Stage:
    return Stage(
        body["id"],
        body["kind"],
        tuple(tuple(segment) for segment in body["segments"]),
        tuple(body["after"]),
        tuple((node, port) for node, port in body["outputs"]),
        Plan.from_json(body["body"]) if "body" in body else None,
    )


def _node_json(node: PlanNode) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": node.id,
        "category": node.category,
        "operation": node.operation,
        "config": dict(node.config),
    }
    if node.schemas:
        body["schemas"] = {
            port: {"columns": [column.as_json() for column in schema], "dynamic": schema.dynamic}
            for port, schema in node.schemas.items()
        }
    defaults = {
        "connector_id": None,
        "primary": "output",
        "handled": False,
        "error_port": False,
        "bypass": None,
        "loop": None,
        "revision": 0,
    }
    body.update({name: value for name, default in defaults.items() if (value := getattr(node, name)) != default})
    if node.scalars:
        body["scalars"] = dict(node.scalars)
    if node.waits:
        body["waits"] = list(node.waits)
    return body


def _node_from_json(body: Mapping[str, Any]) -> PlanNode:
    schemas = {
        port: Schema(tuple(Column.from_json(column) for column in schema["columns"]), schema["dynamic"])
        for port, schema in body.get("schemas", {}).items()
    }
    return PlanNode(**{**body, "schemas": schemas, "waits": tuple(body.get("waits", ()))})


def compile_plan(
    analysis: Analysis,
    *,
    targets: Collection[str] | None = None,
    given: Mapping[Port, Schema] | None = None,
    materialise: bool = False,
) -> Plan:
    """Compile an analysed diagram.

    With `targets` (node ids) only these and what is upstream of them take part, for a preview: nodes
    that would change something outside UZO hand their input on instead. `given`: ports whose rows come
    from outside, so that what lies behind them does not run; `mock_port` stands for whatever arrives
    at an input. With `materialise` every transform stores its rows, though it fuses with others.

    Raises Unprocessable `workflow_invalid` with the problems that stand in the way, `not_previewable`
    where a preview would need an effect.
    """
    from apps.workflows.core.compiling import Compiler

    with still(when=len(analysis.nodes) >= MANY_NODES):
        return Compiler(analysis, targets, given or {}, materialise=materialise).plan()
