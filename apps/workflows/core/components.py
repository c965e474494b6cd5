"""Strongly connected components, without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cyclic_components(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The number of the cycle that each node lies on; nodes on no cycle are left out.

    Nodes that reach each other share a number, so a figure of eight counts as one cycle. Tarjan's
    algorithm with a stack of its own: linear, and as deep a graph as memory holds.
    """
    targets: dict[str, list[str]] = {node: [] for node in nodes}
    loops: set[str] = set()
    for source, target in edges:
        targets[source].append(target)
        if source == target:
            loops.add(source)
    found: dict[str, int] = {}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in nodes:
        if root in index:
            continue
        work = [(root, 0)]
        while work:
            node, step = work.pop()
            if step == 0:
                index[node] = low[node] = len(index)
                path.append(node)
                on_path.add(node)
            else:
                low[node] = min(low[node], low[targets[node][step - 1]])
            for position in range(step, len(targets[node])):
                target = targets[node][position]
                if target not in index:
                    work.append((node, position + 1))
                    work.append((target, 0))
                    break
                if target in on_path:
                    low[node] = min(low[node], index[target])
            else:
                if low[node] == index[node]:
                    _close(node, path, on_path, loops, found)
    return found


def _close(node: str, path: list[str], on_path: set[str], loops: set[str], found: dict[str, int]) -> None:
    component: list[str] = []
    while not component or component[-1] != node:
        component.append(path.pop())
    on_path.difference_update(component)
    if len(component) > 1 or node in loops:
        found.update(dict.fromkeys(component, len(found)))  # grows with each component, so it names one
