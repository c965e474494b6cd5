"""Loops of a diagram: which nodes are the body of which loop, what the body may name, what is drawn wrong.

The body of a loop is what hangs behind its port `each`. Nothing leads out of it but `collect`, so a
node behind both `each` and `done` is a problem. Bodies lie inside each other or apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apps.nodes.columns import DataType, Schema
from apps.nodes.loops import EACH, LoopSpec
from apps.nodes.problems import Problem
from apps.workflows.core.graph import Edge, Graph, topological_order
from apps.workflows.core.templating import Reference

MAX_LOOPS = 100
MAX_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Loop:
    """`body` in execution order, with the bodies of the loops in it; `inside`: the loop around it."""

    id: str
    spec: LoopSpec
    body: tuple[str, ...]
    inside: str | None = None


@dataclass(frozen=True, slots=True)
class Loops:
    """All loops of a diagram. `owner`: node → the innermost loop that it is in the body of."""

    by_id: Mapping[str, Loop] = field(default_factory=dict)
    owner: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def around(self, node_id: str) -> Iterator[Loop]:
        """The loops that a node is in the body of, the innermost first."""
        owner = self.owner.get(node_id)
        while owner is not None:
            yield self.by_id[owner]
            owner = self.by_id[owner].inside

    def collecting(self, node_id: str) -> Loop | None:
        """The loop that puts the rows of this node together."""
        loop = self.by_id.get(self.owner.get(node_id, ""))
        return loop if loop is not None and loop.spec.collect == node_id else None

    def inference_order(self, graph: Graph) -> tuple[str, ...]:
        """The order of the graph, in which also what reads `done` stands behind what is collected for it."""
        collected = [
            Edge(loop.spec.collect, "", edge.target, "", "order")
            for loop in self.by_id.values()
            if loop.spec.collect in loop.body and loop.spec.collect is not None
            for edge in graph.outgoing[loop.id]
            if edge.source_port != EACH
        ]
        if not collected:
            return graph.order
        drawn = [edge for edges in graph.incoming.values() for edge in edges]
        order = topological_order(graph.nodes, [*drawn, *collected])
        return order if len(order) == len(graph.order) else graph.order

    def items(self, node_id: str, names: Collection[str]) -> dict[str, tuple[Loop, str]]:
        """Those of the names that mean a column of the row that a loop is at: name → loop and column."""
        found: dict[str, tuple[Loop, str]] = {}
        for loop in self.around(node_id):
            prefix = f"{loop.spec.item or 'item'}."
            for name in names:
                if name.startswith(prefix) and name not in found:
                    found[name] = (loop, name.removeprefix(prefix))
        return found

    def item_types(
        self, node_id: str, references: Sequence[Reference], rows: Callable[[str], Schema]
    ) -> tuple[dict[str, DataType | None], list[Problem]]:
        """Types of the columns of loops' rows that a node names; `rows(loop)` are the columns of `each`."""
        if node_id not in self.owner or not references:
            return {}, []
        fields = {each.name: each.field for each in reversed(references)}
        types: dict[str, DataType | None] = {}
        problems: list[Problem] = []
        for name, (loop, column) in self.items(node_id, fields).items():
            found = rows(loop.id).get(column)
            types[name] = found.type if found is not None else None
            if loop.spec.item is None:
                message = f"{{{{ {name} }}}} needs a loop of one row at a time; {loop.id!r} has a larger batchSize"
                problems.append(Problem("invalid_config", message, fields[name]))
            elif found is None and not rows(loop.id).dynamic:
                message = f"the rows of the loop {loop.id!r} have no column {column!r}"
                problems.append(Problem("unknown_column", message, fields[name]))
        return types, problems


def find_loops(graph: Graph, specs: Mapping[str, LoopSpec]) -> Loops:
    """The loops of a graph; `specs` has an entry for each node that loops."""
    if not specs:
        return Loops()
    problems: list[Problem] = []
    if len(specs) > MAX_LOOPS:
        problems.append(Problem("too_complex", f"a workflow has at most {MAX_LOOPS} loops"))
        return Loops(problems=tuple(problems))
    by_id: dict[str, Loop] = {}
    owner: dict[str, str] = {}
    for loop_id in graph.order:
        if loop_id in specs:
            body, leaks = _body(graph, loop_id)
            problems += leaks
            loop = Loop(loop_id, specs[loop_id], body, owner.get(loop_id))
            problems += _overlaps(loop, owner)
            by_id[loop_id] = loop
            owner.update(dict.fromkeys(body, loop_id))
    for loop in by_id.values():
        problems += _wrong(loop, by_id, owner)
    return Loops(by_id, owner, tuple(problems))


def _body(graph: Graph, loop_id: str) -> tuple[tuple[str, ...], list[Problem]]:
    edges = graph.outgoing[loop_id]
    each = _behind(graph, [edge.target for edge in edges if edge.source_port == EACH])
    others = _behind(graph, [edge.target for edge in edges if edge.source_port != EACH])
    leaks = []
    for node_id in graph.order:
        if node_id in each and node_id in others and _enters(graph, node_id, loop_id, each - others):
            message = (
                f"it is behind both 'each' and another port of the loop {loop_id!r}; to read rows of the loop after "
                "it, name the node that gives them in its 'collect' and read 'done'"
            )
            leaks.append(Problem("invalid_config", message, None, node_id))
    return tuple(node_id for node_id in graph.order if node_id in each and node_id not in others), leaks


def _enters(graph: Graph, node_id: str, loop_id: str, inside: Collection[str]) -> bool:
    """Whether an edge leads to the node from the body itself, rather than from one that is drawn wrong already."""
    return any(
        edge.source in inside or (edge.source == loop_id and edge.source_port == EACH)
        for edge in graph.incoming[node_id]
    )


def _behind(graph: Graph, starts: Sequence[str]) -> set[str]:
    found: set[str] = set()
    work = list(starts)
    while work:
        node_id = work.pop()
        if node_id not in found:
            found.add(node_id)
            work += [edge.target for edge in graph.outgoing[node_id]]
    return found


def _overlaps(loop: Loop, owner: Mapping[str, str]) -> Iterator[Problem]:
    for node_id in loop.body:
        other = owner.get(node_id)
        if other != loop.inside:
            message = f"it is in the bodies of the loops {other!r} and {loop.id!r}, of which neither is in the other"
            yield Problem("invalid_config", message, None, node_id)
            return


def _wrong(loop: Loop, by_id: Mapping[str, Loop], owner: Mapping[str, str]) -> Iterator[Problem]:
    depth, around = 1, loop.inside
    while around is not None:
        depth, around = depth + 1, by_id[around].inside
    if depth == MAX_DEPTH + 1:
        yield Problem("too_complex", f"loops are at most {MAX_DEPTH} deep", None, loop.id)
    if not loop.body:
        message = "nothing hangs behind 'each', so the loop does nothing"
        yield Problem("invalid_config", message, None, loop.id, "warning")
    collect = loop.spec.collect
    if collect is not None and owner.get(collect) != loop.id:
        if collect in loop.body:
            message = f"{collect!r} is in the body of the inner loop {owner[collect]!r}; collect it there, then that"
        else:
            message = f"{collect!r} is no node of the loop's body, which is what hangs behind 'each'"
        yield Problem("invalid_config", message, "config.collect", loop.id)
