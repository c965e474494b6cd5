"""The graph behind a diagram: which port feeds which, in what order, and what does not fit.

Everything is iterative and linear in nodes and edges, so that ten thousand nodes in one chain are
no deeper a problem than ten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from apps.nodes.ports import InputPort, OutputPort
from apps.nodes.problems import Problem
from apps.workflows.core.components import cyclic_components
from apps.workflows.core.diagram import Diagram, DiagramEdge, DiagramNode

EdgeKind = Literal["drawn", "variable", "order"]


@dataclass(frozen=True, slots=True)
class Edge:
    """Data on its way from an output port to an input port.

    `drawn`: from the canvas. `variable`: named by `inputVariable` or `rightVariable`. `order`: carries
    no rows, but the target waits for the source (a `{{ name }}` of an upstream scalar, or a drawn edge
    whose port a variable feeds).
    """

    source: str
    source_port: str
    target: str
    target_port: str
    kind: EdgeKind = "drawn"

    @property
    def carries_data(self) -> bool:
        return self.kind != "order"


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the graph must know of a node. `inputs` and `outputs` are None while its type or config is
    broken: then any port is taken as there.

    `name`: under which others refer to its output. `variables`: config key → name it refers to.
    `defines`: further scalar names it sets. `reads`: `(field, name)` of each `{{ name }}` that is no
    declared parameter.
    """

    inputs: tuple[InputPort, ...] | None = None
    outputs: tuple[OutputPort, ...] | None = None
    name: str | None = None
    variables: Mapping[str, str] | None = None
    defines: tuple[str, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in drawn order, edges by target in drawn order, an execution order, and problems.

    `order` leaves out `stuck`: the nodes on or behind a cycle.
    """

    nodes: Mapping[str, DiagramNode]
    incoming: Mapping[str, tuple[Edge, ...]]
    outgoing: Mapping[str, tuple[Edge, ...]]
    order: tuple[str, ...]
    stuck: frozenset[str]
    drawn_edges: int
    scalars: Mapping[str, Mapping[str, str]]
    """For each node that reads upstream scalars: name → the node that gives it."""
    problems: tuple[Problem, ...]

    def inputs_of(self, node_id: str) -> dict[str, list[Edge]]:
        """Edges that bring rows, by input port, in order."""
        ports: dict[str, list[Edge]] = {}
        for edge in self.incoming[node_id]:
            if edge.carries_data:
                ports.setdefault(edge.target_port, []).append(edge)
        return ports


def build(diagram: Diagram, facts: Mapping[str, NodeFacts]) -> Graph:
    """Wire the nodes of a diagram; `facts` has an entry for every node."""
    nodes = {node.id: node for node in diagram.nodes}
    problems: list[Problem] = []
    edges = [
        edge
        for drawn in diagram.edges
        if (edge := _wire(drawn, nodes, facts, problems)) is not None  # a dangling edge is a problem, not an edge
    ]
    edges = _add_variables(edges, nodes, facts, problems)
    scalars = _add_scalars(edges, nodes, facts)
    edges, order, stuck = _order(nodes, edges, facts, scalars, problems)
    incoming, outgoing = _by_end(nodes, edges)
    for node_id in nodes:
        _check_inputs(node_id, incoming[node_id], facts[node_id], problems)
    return Graph(nodes, incoming, outgoing, order, stuck, diagram.drawn_edges, scalars, tuple(problems))


def _by_end(
    nodes: Iterable[str], edges: Sequence[Edge]
) -> tuple[dict[str, tuple[Edge, ...]], dict[str, tuple[Edge, ...]]]:
    incoming: dict[str, list[Edge]] = {node_id: [] for node_id in nodes}
    outgoing: dict[str, list[Edge]] = {node_id: [] for node_id in nodes}
    for edge in edges:
        incoming[edge.target].append(edge)
        outgoing[edge.source].append(edge)
    return {k: tuple(v) for k, v in incoming.items()}, {k: tuple(v) for k, v in outgoing.items()}


def _wire(
    drawn: DiagramEdge,
    nodes: Mapping[str, DiagramNode],
    facts: Mapping[str, NodeFacts],
    problems: list[Problem],
) -> Edge | None:
    def dangling(message: str, node_id: str | None) -> None:
        problems.append(Problem("dangling_edge", f"edge {drawn.id!r} {message}", None, node_id))

    missing = [end for end in (drawn.source, drawn.target) if end not in nodes]
    if missing:
        known = next((end for end in (drawn.source, drawn.target) if end in nodes), None)
        dangling(f"ends at {missing[0]!r}, which is not a node of the diagram", known)
        return None
    source, target = facts[drawn.source], facts[drawn.target]
    source_port = drawn.source_handle or default_output(source.outputs)
    target_port = drawn.target_handle or default_input(target.inputs)
    if source.outputs is not None and not _has_output(source.outputs, source_port):
        names = ", ".join([*(port.name for port in source.outputs), "error"])
        dangling(f"leaves from {source_port!r}; the node's outputs are {names}", drawn.source)
        return None
    if target.inputs is not None and all(port.name != target_port for port in target.inputs):
        if target.variables and target_port == "input":
            # Rows come by name; the line on the canvas only says that one waits for the other.
            return Edge(drawn.source, source_port, drawn.target, target_port, "order")
        names = ", ".join(port.name for port in target.inputs) or "none"
        dangling(f"arrives at {target_port!r}; the node's inputs are: {names}", drawn.target)
        return None
    return Edge(drawn.source, source_port, drawn.target, target_port)


def _has_output(outputs: Sequence[OutputPort], port: str) -> bool:
    return port in ("error", "success") or any(each.name == port for each in outputs)


def default_output(outputs: Sequence[OutputPort] | None) -> str:
    """The port that an edge without a handle, or a name, leaves from."""
    names = [port.name for port in outputs or () if port.kind != "error"]
    return "output" if not names or "output" in names else names[0]


def default_input(inputs: Sequence[InputPort] | None) -> str:
    """The port that an edge without a handle, or `inputVariable`, arrives at."""
    names = [port.name for port in inputs or ()]
    return "input" if not names or "input" in names else names[0]


class _Names:
    """Which node a name means: an `outputVariable`, or else a node id."""

    def __init__(self, nodes: Iterable[str], facts: Mapping[str, NodeFacts]) -> None:
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for node_id in nodes:
            for name in dict.fromkeys((facts[node_id].name or node_id, *facts[node_id].defines)):
                self._by_name[name].append(node_id)
        self._ids = set(nodes)

    def __getitem__(self, name: str) -> Sequence[str]:
        return self._by_name.get(name) or ([name] if name in self._ids else [])


def _add_variables(
    edges: list[Edge],
    nodes: Mapping[str, DiagramNode],
    facts: Mapping[str, NodeFacts],
    problems: list[Problem],
) -> list[Edge]:
    if not any(fact.variables for fact in facts.values()):
        return edges
    names = _Names(nodes, facts)
    fed: dict[tuple[str, str], str] = {}
    for node_id in nodes:
        fact = facts[node_id]
        for key, name in (fact.variables or {}).items():
            field = f"config.{key}"
            sources = names[name]
            if len(sources) != 1:
                what = "nothing upstream has this name" if not sources else "several nodes have this name"
                problems.append(Problem("not_upstream", f"{name!r}: {what}", field, node_id))
                continue
            port = _variable_port(fact.inputs, key)
            if port is None:
                problems.append(Problem("invalid_config", "this node has no such input", field, node_id))
                continue
            fed[node_id, port] = sources[0]
    return _replace_fed(edges, fed, facts)


def _variable_port(inputs: Sequence[InputPort] | None, key: str) -> str | None:
    if inputs is None:
        return "right" if key == "rightVariable" else "input"
    if key == "rightVariable":
        return "right" if any(port.name == "right" for port in inputs) else None
    return default_input(inputs) if inputs else None


def _replace_fed(edges: list[Edge], fed: dict[tuple[str, str], str], facts: Mapping[str, NodeFacts]) -> list[Edge]:
    """Let each named source feed its port; an edge from the same source stays the edge it is, one from
    elsewhere at a port for one edge keeps its place in the order only."""
    result: list[Edge] = []
    for edge in edges:
        source = fed.get((edge.target, edge.target_port))
        if source is None or not edge.carries_data:
            result.append(edge)
        elif source == edge.source:
            del fed[edge.target, edge.target_port]
            result.append(edge)
        elif any(port.name == edge.target_port and port.many for port in facts[edge.target].inputs or ()):
            result.append(edge)
        else:
            result.append(replace(edge, kind="order"))
    named = [
        Edge(source, default_output(facts[source].outputs), target, port, "variable")
        for (target, port), source in fed.items()
    ]
    return result + named


def _add_scalars(
    edges: list[Edge], nodes: Mapping[str, DiagramNode], facts: Mapping[str, NodeFacts]
) -> dict[str, dict[str, str]]:
    """Append an order edge for each `{{ name }}` that names another node; answers who reads what."""
    if not any(fact.reads for fact in facts.values()):
        return {}
    names = _Names(nodes, facts)
    found: dict[str, dict[str, str]] = {}
    for node_id in nodes:
        for _, name in facts[node_id].reads:
            sources = names[name]
            if len(sources) == 1 and name not in found.get(node_id, {}):
                found.setdefault(node_id, {})[name] = sources[0]
                edges.append(Edge(sources[0], "", node_id, name, "order"))
    return found


def _order(
    nodes: Mapping[str, DiagramNode],
    edges: list[Edge],
    facts: Mapping[str, NodeFacts],
    scalars: dict[str, dict[str, str]],
    problems: list[Problem],
) -> tuple[list[Edge], tuple[str, ...], frozenset[str]]:
    order = topological_order(nodes, edges)
    if len(order) == len(nodes):
        return edges, order, frozenset()
    settled = set(order)
    left = [node_id for node_id in nodes if node_id not in settled]
    rest = [edge for edge in edges if edge.source not in settled and edge.target not in settled]
    part = cyclic_components(left, [(edge.source, edge.target) for edge in rest])
    kept: list[Edge] = []
    for edge in edges:
        inside = edge.source in part and part[edge.source] == part.get(edge.target)
        if not inside or edge.kind == "drawn" or (edge.kind == "order" and not _is_read(edge, scalars)):
            kept.append(edge)
        else:
            _not_upstream(edge, facts, scalars, problems)
    if len(kept) < len(edges):
        return _order(nodes, kept, facts, scalars, problems)
    members: dict[int, list[str]] = defaultdict(list)
    for node_id in left:
        if node_id in part:
            members[part[node_id]].append(node_id)
    for ring in members.values():
        shown = ", ".join(ring[:10]) + (", …" if len(ring) > 10 else "")
        problems.append(Problem("cycle", f"these nodes wait for each other: {shown}"))
    return edges, order, frozenset(left)


def _is_read(edge: Edge, scalars: Mapping[str, Mapping[str, str]]) -> bool:
    return edge.source_port == "" and scalars.get(edge.target, {}).get(edge.target_port) == edge.source


def _not_upstream(
    edge: Edge, facts: Mapping[str, NodeFacts], scalars: dict[str, dict[str, str]], problems: list[Problem]
) -> None:
    fact = facts[edge.target]
    if edge.kind == "order":
        del scalars[edge.target][edge.target_port]
        fields = [(field, name) for field, name in fact.reads if name == edge.target_port]
    else:
        variables = fact.variables or {}
        fields = [
            (f"config.{key}", name)
            for key, name in variables.items()
            if _variable_port(fact.inputs, key) == edge.target_port
        ]
    for field, name in fields[:1]:
        problems.append(
            Problem("not_upstream", f"{name!r} runs after this node or with it, not before", field, edge.target)
        )


def topological_order(nodes: Iterable[str], edges: Iterable[Edge]) -> tuple[str, ...]:
    """Level after level, each in the order of `nodes`, so that sources stand before targets. Nodes on or
    behind a cycle are left out."""
    ids = list(nodes)
    place = {node_id: index for index, node_id in enumerate(ids)}
    waits = [0] * len(ids)
    targets: list[list[int]] = [[] for _ in ids]
    for edge in edges:
        waits[place[edge.target]] += 1
        targets[place[edge.source]].append(place[edge.target])
    level = [index for index, count in enumerate(waits) if not count]
    order: list[str] = []
    while level:
        order += [ids[index] for index in level]
        following: list[int] = []
        for index in level:
            for target in targets[index]:
                waits[target] -= 1
                if not waits[target]:
                    following.append(target)
        level = sorted(following)
    return tuple(order)


def _check_inputs(node_id: str, incoming: Sequence[Edge], fact: NodeFacts, problems: list[Problem]) -> None:
    if fact.inputs is None:
        return
    for port in fact.inputs:
        count = sum(1 for edge in incoming if edge.carries_data and edge.target_port == port.name)
        if not count and port.required:
            problems.append(
                Problem("missing_input", f"nothing arrives at {port.name!r}; draw an edge to it", None, node_id)
            )
        elif count > 1 and not port.many:
            problems.append(
                Problem(
                    "invalid_config",
                    f"{count} edges arrive at {port.name!r}, which takes one; put a union or a merge before it",
                    None,
                    node_id,
                )
            )
