"""Which chains of a diagram may run as one: from a read, through transforms, to a write, nothing else looking on.

Such a chain becomes a stage of its own (`pushed`): the source does it in its own SQL where that means the same, or
its rows stream through. Nothing of it is kept, so a node whose rows someone reads, keeps, or whose
failure someone handles, takes no part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from apps.nodes.columns import DataType
from apps.nodes.types import Catalog, EffectNodeType, LazyNodeType
from apps.transforms.sql.relation import Relation, SqlColumn
from apps.transforms.sql.steps import lowered
from apps.transforms.sql.text import NotInSql
from apps.workflows.core.analysis import AnalysedNode
from apps.workflows.core.plan import PlanEdge

LONGEST: Final = 100
"""Nodes of a chain: more SQL than that is no gain to anyone."""


@dataclass(frozen=True, slots=True)
class _Values:
    """`apps.nodes.types.LowerContext`: values of parameters by name, and their declared types."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    parameter_types: Mapping[str, DataType] = field(default_factory=dict)


def find_chains(
    nodes: Mapping[str, AnalysedNode],
    edges: Sequence[PlanEdge],
    *,
    apart: Collection[str],
    catalog: Catalog | None,
    parameters: Mapping[str, Any],
    parameter_types: Mapping[str, DataType],
) -> list[tuple[str, ...]]:
    """The chains, each from its read to its write. `apart`: nodes that stand alone for a reason of their own."""
    arriving, leaving = _by_node(edges)
    chains = []
    for node_id, node in nodes.items():
        kind = _moves(node, catalog)
        if kind is None or node.inputs or node_id in apart:
            continue
        chain = list(_follow(node_id, nodes, arriving, leaving))
        last = nodes[chain[-1]]
        if len(chain) < 2 or len(chain) > LONGEST or not last.inputs or _moves(last, catalog) != kind:
            continue
        steps = [nodes[each] for each in chain[1:-1]]
        if any(each in apart for each in chain) or leaving.get(chain[-1]):
            continue
        if all(map(_is_row_wise, steps)) or is_in_sql(node, steps, parameters, parameter_types):
            chains.append(tuple(chain))
    return chains


def _by_node(edges: Sequence[PlanEdge]) -> tuple[dict[str, list[PlanEdge]], dict[str, list[PlanEdge]]]:
    arriving: dict[str, list[PlanEdge]] = {}
    leaving: dict[str, list[PlanEdge]] = {}
    for edge in edges:
        arriving.setdefault(edge.target, []).append(edge)
        leaving.setdefault(edge.source, []).append(edge)
    return arriving, leaving


def _moves(node: AnalysedNode, catalog: Catalog | None) -> str | None:
    if not isinstance(node.type, EffectNodeType) or node.config is None:
        return None
    return node.type.moves(node.config, catalog)


def _follow(
    start: str,
    nodes: Mapping[str, AnalysedNode],
    arriving: Mapping[str, Sequence[PlanEdge]],
    leaving: Mapping[str, Sequence[PlanEdge]],
) -> Iterator[str]:
    """Along edges that nothing joins and nothing leaves."""
    node_id = start
    while True:
        yield node_id
        edges = leaving.get(node_id, ())
        if len(edges) != 1 or edges[0].source_port != "output":
            return
        node_id = edges[0].target
        if node_id not in nodes or len(arriving[node_id]) != 1 or edges[0].target_port != "input":
            return
        if not isinstance(nodes[node_id].type, LazyNodeType):
            yield node_id
            return


def _is_row_wise(node: AnalysedNode) -> bool:
    return isinstance(node.type, LazyNodeType) and node.type.row_wise


def is_in_sql(
    read: AnalysedNode,
    steps: Sequence[AnalysedNode],
    parameters: Mapping[str, Any],
    parameter_types: Mapping[str, DataType],
) -> bool:
    """Whether SQL can say the transforms, as far as columns and configs tell; the source itself is asked when
    the chain runs."""
    values = _Values(parameters, parameter_types)
    schema = read.outputs.get("output")
    if schema is None or schema.dynamic:
        return False
    relation = Relation.of("source", (SqlColumn(column) for column in schema))
    try:
        for step in steps:
            if step.type is None or step.config is None or step.scalars:
                return False
            relation = lowered(step.type, step.config, relation, values)
    except NotInSql:
        return False
    return True
