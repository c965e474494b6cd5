"""Disjoint sets of nodes, joined step by step: how nodes come into one stage."""

from __future__ import annotations

from collections.abc import Iterable


class Groups:
    """Disjoint sets of nodes."""

    def __init__(self, nodes: Iterable[str]) -> None:
        self._parent = {node: node for node in nodes}

    def of(self, node: str) -> str:
        root = node
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[node] != root:
            self._parent[node], node = root, self._parent[node]
        return root

    def join(self, one: str, other: str) -> None:
        self._parent[self.of(other)] = self.of(one)
