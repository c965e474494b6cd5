"""Analysis: a diagram made sense of without running anything: graph, columns on every edge, problems."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.kernel.collector import still
from apps.nodes.columns import STRING, UNKNOWN, Column, DataType, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.loops import DONE, EACH, LoopNodeType
from apps.nodes.ports import InputPort, OutputPort
from apps.nodes.problems import Problem
from apps.nodes.registry import find
from apps.nodes.types import Catalog, Inference, NodeType, Workflows
from apps.workflows.core import dependencies as deps
from apps.workflows.core.diagram import DiagramNode, parse
from apps.workflows.core.graph import Graph, NodeFacts, build, default_input, default_output
from apps.workflows.core.inference import Names, infer_node
from apps.workflows.core.loops import Loops, find_loops
from apps.workflows.core.node_config import read_config
from apps.workflows.core.parameters import Bound, Parameter, bind, declare
from apps.workflows.core.templating import Reference, fill, references

MANY_NODES = 1_000
"""From here on Python's collector of garbage costs more than it finds."""
ERROR_SCHEMA = Schema(
    (
        Column("node_id", STRING, nullable=False),
        Column("code", STRING, nullable=False),
        Column("message", STRING, nullable=False),
        Column("attempt", DataType("int64"), nullable=False),
        Column("at", DataType("datetime", zone="UTC"), nullable=False),
    )
)
"""The one row that leaves by a node's `error` port."""


@dataclass(frozen=True, slots=True)
class AnalysedNode:
    """One node, made sense of. `type` and `config` are None where they are broken.

    `raw` is the config as JSON with the connector's id inside; references are still names in it.
    `outputs` has the columns of the type's own ports.
    """

    id: str
    category: str
    operation: str
    type: NodeType | None
    config: NodeConfig | None
    raw: Mapping[str, Any]
    connector_id: str | None
    inputs: tuple[InputPort, ...] | None
    ports: tuple[OutputPort, ...] | None
    references: tuple[Reference, ...]
    outputs: Mapping[str, Schema]
    scalars: Mapping[str, DataType]
    written: str = ""
    """The config as JSON text, with samples in place of names."""

    def columns(self, port: str) -> Schema:
        """Columns that leave by a port, `success` and `error` included."""
        if port == "error" and port not in self.outputs:
            return ERROR_SCHEMA
        if port == "success" and port not in self.outputs:
            port = default_output(self.ports)
        return self.outputs.get(port, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Analysis:
    """`problems` in the order of the nodes, `dependencies` and `schema` as clients read them.

    `parameters` are the typed values of one execution (defaults where none were given).
    """

    graph: Graph
    nodes: Mapping[str, AnalysedNode]
    problems: tuple[Problem, ...]
    parameters: Bound
    catalog: Catalog | None
    loops: Loops = field(default_factory=Loops)

    @property
    def executable(self) -> bool:
        """Whether no problem is an error."""
        return all(problem.severity != "error" for problem in self.problems)

    @property
    def dependencies(self) -> dict[str, Any]:
        return deps.dependencies(self.graph)

    @property
    def schema(self) -> dict[str, dict[str, Any]]:
        """`{node_id: {port: [columns]}}`; a port that only the data knows is `{dynamic: true, columns}`."""
        return {node_id: self._ports(node_id) for node_id in self.graph.nodes}

    def _ports(self, node_id: str) -> dict[str, Any]:
        node = self.nodes[node_id]
        ports = dict(node.outputs)
        for edge in self.graph.outgoing[node_id]:
            if edge.source_port in ("success", "error"):
                ports.setdefault(edge.source_port, node.columns(edge.source_port))
        return {name: schema_json(schema) for name, schema in ports.items()}


def schema_json(schema: Schema) -> Any:
    """Columns as clients read them."""
    columns = [column.as_json() for column in schema]
    return {"dynamic": True, "columns": columns} if schema.dynamic else columns


def analyse(
    diagram: object,
    *,
    parameters: Mapping[str, Any] | None = None,
    catalog: Catalog | None = None,
    connectors: Collection[str] | None = None,
    values: Mapping[str, Any] | None = None,
    workflows: Workflows | None = None,
    arriving: Mapping[str, Schema] | None = None,
) -> Analysis:
    """Find everything that can be known of a diagram without running it.

    `parameters`: the workflow's declarations. `catalog`: cached columns of connectors. `connectors`: ids
    that may be used; None leaves that unchecked. `values`: what one execution was given; None while the
    workflow is only drawn, and names without a declaration may still come. `workflows`: those that may be run
    as part of it. `arriving`: columns that come from outside to the input of a node. Raises Invalid for what is no
    diagram at all and TooComplex for one that is too large; all else is a problem.
    """
    drawn = parse(diagram)
    with still(when=len(drawn.nodes) >= MANY_NODES):
        declared, declaration_problems = declare(parameters)
        bound = bind(declared, values or {})
        names = Names(
            types={**{name: each.type for name, each in declared.items()}, **bound.types},
            values=bound.values,
            given=None if values is None else frozenset(bound.values),
        )
        problems: dict[str | None, list[Problem]] = {None: [*declaration_problems, *bound.problems]}
        read = {node.id: _read(node, names, connectors, problems) for node in drawn.nodes}
        graph = build(drawn, {node_id: _facts(node, declared, names) for node_id, node in read.items()})
        loops = find_loops(
            graph,
            {
                node_id: node.type.loop(node.config)
                for node_id, node in read.items()
                if isinstance(node.type, LoopNodeType) and node.config is not None
            },
        )
        for problem in (*drawn.problems, *graph.problems, *loops.problems):
            if problem.code != "missing_input" or problem.node_id not in (arriving or {}):
                problems.setdefault(problem.node_id, []).append(problem)
        nodes = _infer_all(graph, read, names, _Doors(catalog, workflows, arriving or {}), problems, loops)
        ordered = [problem for key in (None, *graph.nodes) for problem in problems.get(key, ())]
        return Analysis(graph, nodes, tuple(dict.fromkeys(ordered)), bound, catalog, loops)


def _read(
    node: DiagramNode,
    names: Names,
    connectors: Collection[str] | None,
    problems: dict[str | None, list[Problem]],
) -> AnalysedNode:
    """Find the type and validate the config of one node."""
    mine = problems.setdefault(node.id, [])
    raw = dict(node.config)
    if node.connector_id is not None and not raw.get("connectorId"):
        raw["connectorId"] = node.connector_id
    node_type = find(node.category, node.operation)
    if node_type is None:
        shown = f"{node.category or '?'}.{node.operation or '?'}"
        message = f"there is no {shown}; data.nodeType and data.config.operation name what a node does"
        mine.append(Problem("unknown_operation", message, "config.operation", node.id))
        return _broken(node, None, raw, ())
    if node.connector_id is not None and connectors is not None and node.connector_id not in connectors:
        field = "config.connectorId" if node.config.get("connectorId") else "connectorId"
        message = "there is no such connector, or you may not use it"
        mine.append(Problem("missing_connector", message, field, node.id))
    written = json.dumps(raw)
    found = references(raw, node_type.Config) if "{{" in written else []
    filled = raw
    if not all(each.verbatim for each in found):
        filled = fill(raw, node_type.Config, names.guessing(raw, node_type.Config, found).sample)
        written = json.dumps(filled)
    config = read_config(node_type.Config, filled, written)
    if not isinstance(config, NodeConfig):
        mine += [problem.at(node.id) for problem in config]
        return _broken(node, node_type, raw, tuple(found))
    found += [Reference(path, name, whole=False, verbatim=True) for path, name in node_type.reads(config)]
    return AnalysedNode(
        id=node.id,
        category=node.category,
        operation=node.operation,
        type=node_type,
        config=config,
        raw=raw,
        connector_id=node.connector_id,
        inputs=node_type.inputs(config),
        ports=node_type.outputs(config),
        references=tuple(found),
        outputs={},
        scalars={},
        written=written,
    )


def _broken(
    node: DiagramNode, node_type: NodeType | None, raw: Mapping[str, Any], found: tuple[Reference, ...]
) -> AnalysedNode:
    return AnalysedNode(
        node.id, node.category, node.operation, node_type, None, raw, node.connector_id, None, None, found, {}, {}
    )


def _facts(node: AnalysedNode, declared: Mapping[str, Parameter], names: Names) -> NodeFacts:
    raw = node.raw
    name = raw.get("outputVariable")
    return NodeFacts(
        inputs=node.inputs,
        outputs=node.ports,
        name=name if isinstance(name, str) and name else None,
        variables={
            key: value for key in ("inputVariable", "rightVariable") if isinstance(value := raw.get(key), str) and value
        },
        defines=node.type.defines(node.config) if node.type is not None and node.config is not None else (),
        reads=tuple(
            (each.field, each.name)
            for each in node.references
            if each.name not in declared and each.name not in names.values
        ),
    )


@dataclass(frozen=True, slots=True)
class _Doors:
    """To what is outside the diagram."""

    catalog: Catalog | None
    workflows: Workflows | None
    arriving: Mapping[str, Schema]


def _infer_all(  # noqa: PLR0917
    graph: Graph,
    read: Mapping[str, AnalysedNode],
    names: Names,
    doors: _Doors,
    problems: dict[str | None, list[Problem]],
    loops: Loops,
) -> dict[str, AnalysedNode]:
    nodes: dict[str, AnalysedNode] = dict(read)
    for node_id in (*loops.inference_order(graph), *(each for each in graph.nodes if each in graph.stuck)):
        mine = problems.setdefault(node_id, [])
        node = read[node_id]
        scalars = {name: scalar_type(nodes[source], name) for name, source in graph.scalars.get(node_id, {}).items()}
        items, found_wrong = loops.item_types(node_id, node.references, lambda loop: nodes[loop].columns(EACH))
        scalars.update(items)
        mine += [problem.at(node_id) for problem in found_wrong]
        mine += [problem.at(node_id) for problem in names.missing(node.references, scalars)]
        if node.type is None or node.config is None:
            continue
        config = _with_scalars(node, names, scalars)
        if not isinstance(config, NodeConfig):
            mine += [problem.at(node_id) for problem in config]
            config = node.config
        inputs = _inputs(graph, node, nodes)
        if node_id in doors.arriving:
            inputs[default_input(node.inputs)] = [doors.arriving[node_id]]
        broken = any(problem.severity == "error" for problem in mine)
        context = names.context(node.type, node.references, scalars, doors.catalog, doors.workflows)
        inference = infer_node(node.type, config, inputs, context, written=node.written)
        found = _about_what_is_known(inference.problems, names.open_fields(node.references))
        mine += [problem.at(node_id) for problem in found]
        broken = broken or len(found) < len(inference.problems) or any(each.severity == "error" for each in found)
        nodes[node_id] = _with_columns(node, inference, broken=broken)
        loop = loops.collecting(node_id)
        if loop is not None:
            rows = nodes[node_id].columns(default_output(node.ports))
            nodes[loop.id] = replace(nodes[loop.id], outputs={**nodes[loop.id].outputs, DONE: rows})
    return nodes


def _about_what_is_known(problems: Sequence[Problem], open_fields: Collection[str]) -> list[Problem]:
    """Without those about a field whose value comes only with the execution, or from a node upstream."""
    return [
        each
        for each in problems
        if each.field is None or not any(f"{each.field}.".startswith(f"{field}.") for field in open_fields)
    ]


def _with_scalars(
    node: AnalysedNode, names: Names, scalars: Mapping[str, DataType | None]
) -> NodeConfig | tuple[Problem, ...]:
    """The config with upstream scalars, whose types are known by now, or how they do not fit the fields that
    name them."""
    assert node.config is not None
    known = {name: type_ for name, type_ in scalars.items() if type_ is not None}
    if not known or node.type is None or all(each.verbatim or each.name not in known for each in node.references):
        return node.config
    model = node.type.Config
    samples = names.guessing(node.raw, model, node.references).knowing(known)
    return read_config(model, fill(node.raw, model, samples.sample))


def _inputs(graph: Graph, node: AnalysedNode, nodes: Mapping[str, AnalysedNode]) -> dict[str, list[Schema]]:
    """Columns that arrive at each port; unknown ones where an edge is missing or comes round in a ring."""
    inputs = {
        port: [
            nodes[edge.source].columns(edge.source_port) if node.id not in graph.stuck else UNKNOWN for edge in edges
        ]
        for port, edges in graph.inputs_of(node.id).items()
    }
    for port in node.inputs or ():
        if port.required and not inputs.get(port.name):
            inputs[port.name] = [UNKNOWN]
    return inputs


def _with_columns(node: AnalysedNode, inference: Inference, *, broken: bool) -> AnalysedNode:
    outputs = dict.fromkeys((port.name for port in node.ports or ()), UNKNOWN) if broken else inference.outputs
    return AnalysedNode(
        id=node.id,
        category=node.category,
        operation=node.operation,
        type=node.type,
        config=node.config,
        raw=node.raw,
        connector_id=node.connector_id,
        inputs=node.inputs,
        ports=node.ports,
        references=node.references,
        outputs=outputs,
        scalars=inference.scalars,
        written=node.written,
    )


def scalar_type(node: AnalysedNode, name: str) -> DataType | None:
    """The type of an upstream scalar: one that the node sets, or the only column of its output."""
    if node.type is not None and node.config is not None and name in node.type.defines(node.config):
        return node.scalars.get(name)
    schema = node.columns(default_output(node.ports))
    return schema.columns[0].type if len(schema) == 1 and not schema.dynamic else None
