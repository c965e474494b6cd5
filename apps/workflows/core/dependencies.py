"""What waits for what, as clients read it: order, levels, critical path, branches side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.workflows.core.graph import Graph


def dependencies(graph: Graph) -> dict[str, Any]:
    """The `dependencies` member of a workflow: `adjacency` of every node, `execution_order` and
    `levels` without the nodes on or behind a cycle, counts of nodes and of drawn edges."""
    return {
        "adjacency": {
            node_id: list(dict.fromkeys(edge.target for edge in edges)) for node_id, edges in graph.outgoing.items()
        },
        "execution_order": list(graph.order),
        "levels": levels(graph),
        "node_count": len(graph.nodes),
        "edge_count": graph.drawn_edges,
    }


def levels(graph: Graph) -> list[list[str]]:
    """Nodes by the number of steps before them on the longest way, each level in the order of `nodes`."""
    level: dict[str, int] = {}
    for node_id in graph.order:
        level[node_id] = 1 + max((level[edge.source] for edge in graph.incoming[node_id]), default=-1)
    result: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for node_id in graph.nodes:
        if node_id in level:
            result[level[node_id]].append(node_id)
    return result


def critical_path(graph: Graph, durations: Mapping[str, float] | None = None) -> list[str]:
    """The chain of nodes that takes longest; `durations` in any unit, one each where none is known."""
    total: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for node_id in graph.order:
        sources = [edge.source for edge in graph.incoming[node_id]]
        slowest = max(sources, key=total.__getitem__, default=None)
        before[node_id] = slowest
        own = 1.0 if durations is None else durations.get(node_id, 1.0)
        total[node_id] = own + (total[slowest] if slowest is not None else 0.0)
    path: list[str] = []
    node: str | None = max(graph.order, key=total.__getitem__, default=None)
    while node is not None:
        path.append(node)
        node = before[node]
    return path[::-1]


def parallel_branches(graph: Graph) -> list[list[str]]:
    """Chains of nodes without a fork or a join between, in order of their first node: what may run
    side by side if nothing orders it."""
    branches: dict[str, list[str]] = {}
    branch_of: dict[str, str] = {}
    for node_id in graph.order:
        sources = {edge.source for edge in graph.incoming[node_id]}
        source = next(iter(sources), None)
        alone = len(sources) == 1 and len({edge.target for edge in graph.outgoing[source or node_id]}) == 1
        head = branch_of[source] if alone and source is not None else node_id
        branch_of[node_id] = head
        branches.setdefault(head, []).append(node_id)
    return list(branches.values())
