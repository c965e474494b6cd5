"""How well the two sides of a join fit: a diagram that counts, made from the one that was drawn.

Nothing is computed here. The counting nodes are ordinary ones beside the join, so that a preview of the last of
them answers with one row, from the same engine and the same samples as any other preview.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from apps.kernel.errors import NotFound, Unprocessable

Side = Literal["left", "right"]
KEYED: Final = frozenset({"inner", "left", "right", "outer", "full", "semi", "anti"})
"""Joins whose rows match or do not; a cross join has no keys, and asof looks for the nearest."""
_VARIABLES: Final[Mapping[Side, str]] = {"left": "inputVariable", "right": "rightVariable"}


@dataclass(frozen=True, slots=True)
class Tap:
    """An input of a counting node that reads what arrives at one side of the join."""

    node_id: str
    port: str
    side: Side


@dataclass(frozen=True, slots=True)
class Counting:
    """The diagram with the counting nodes; `node_id` gives one row with a column for each count."""

    diagram: Mapping[str, Any]
    node_id: str
    taps: tuple[Tap, ...]


def counting_node(join_id: str) -> str:
    """The id of the node whose sample holds the counts of a join."""
    return f"matches:{join_id}"


def counting(diagram: Mapping[str, Any], join_id: str) -> Counting:
    """The drawn diagram and, beside the join, nodes that count: `left`, `right` (rows that arrive), `rows` (that
    come out), and where the join has keys `matched_left`, `matched_right` (rows with a partner).

    Raises NotFound for a node that is not there, Unprocessable `not_a_join` for one that is none.
    """
    join = next((each for each in diagram["nodes"] if each.get("id") == join_id), None)
    if join is None:
        raise NotFound(f"The workflow has no node {join_id!r}")
    config: Mapping[str, Any] = join.get("data", {}).get("config", {})
    if join["data"].get("nodeType") != "transform" or config.get("operation") != "join":
        raise Unprocessable(
            f"{join_id!r} is no join", code="not_a_join", remedy="Ask for the matches of a node that joins"
        )
    return _Drawing(diagram, join_id, config).finished()


class _Drawing:
    def __init__(self, diagram: Mapping[str, Any], join_id: str, config: Mapping[str, Any]) -> None:
        self._diagram = diagram
        self._join = join_id
        self._config = config
        self._end = counting_node(join_id)
        self._nodes: list[dict[str, Any]] = []
        self._edges: list[dict[str, Any]] = []
        self._taps: list[Tap] = []

    def finished(self) -> Counting:
        counts = [self._count_at("left"), self._count_at("right"), self._count("rows", self._join)]
        if self._config.get("joinType", "inner") in KEYED:
            counts.append(self._count("matched_left", self._partnered("left", "right")))
            counts.append(self._count("matched_right", self._partnered("right", "left")))
        self._side_by_side(counts)
        drawn = {
            **self._diagram,
            "nodes": [*self._diagram["nodes"], *self._nodes],
            "edges": [*self._diagram.get("edges", ()), *self._edges],
        }
        return Counting(drawn, self._end, tuple(self._taps))

    def _add(self, name: str, operation: str, **config: Any) -> str:
        node_id = self._end if name == "" else f"{self._end}:{name}"
        data = {"label": name, "nodeType": "transform", "category": "transform"}
        self._nodes.append({"id": node_id, "data": {**data, "config": {"operation": operation, **config}}})
        return node_id

    def _edge(self, source: str, source_port: str | None, target: str, port: str) -> None:
        edge = {"id": f"{self._end}:{len(self._edges)}", "source": source, "target": target, "targetHandle": port}
        self._edges.append(edge if source_port is None else {**edge, "sourceHandle": source_port})

    def _wire(self, target: str, port: str, variable: str, side: Side) -> None:
        """Let an input read what a side of the join reads: along the same edges, or under the same name."""
        self._taps.append(Tap(target, port, side))
        name = self._config.get(_VARIABLES[side])
        if name is not None:
            node = next(each for each in self._nodes if each["id"] == target)
            node["data"]["config"][variable] = name
        for edge in self._diagram.get("edges", ()):
            if edge.get("target") == self._join and edge.get("targetHandle") == side:
                self._edge(edge["source"], edge.get("sourceHandle"), target, port)

    def _partnered(self, one: Side, other: Side) -> str:
        """Rows of one side that have a partner on the other."""
        left, right = self._config.get("leftOn"), self._config.get("rightOn") or self._config.get("leftOn")
        on = (left, right) if one == "left" else (right, left)
        node_id = self._add(f"with_partner_{one}", "join", joinType="semi", leftOn=on[0], rightOn=on[1])
        self._wire(node_id, "left", "inputVariable", one)
        self._wire(node_id, "right", "rightVariable", other)
        return node_id

    def _count(self, name: str, source: str) -> str:
        node_id = self._counter(name)
        self._edge(source, None, node_id, "input")
        return node_id

    def _count_at(self, side: Side) -> str:
        """Count all rows that arrive at a side."""
        node_id = self._counter(side)
        self._wire(node_id, "input", "inputVariable", side)
        return node_id

    def _counter(self, name: str) -> str:
        return self._add(name, "aggregate", groupBy=[], aggregations={name: {"function": "count"}})

    def _side_by_side(self, counts: Sequence[str]) -> None:
        """Put the counts into one row."""
        joined = counts[0]
        for index, each in enumerate(counts[1:], 1):
            node_id = self._add("" if index == len(counts) - 1 else f"beside_{index}", "join", joinType="cross")
            self._edge(joined, None, node_id, "left")
            self._edge(each, None, node_id, "right")
            joined = node_id
