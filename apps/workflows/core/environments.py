"""What an environment does to a diagram: other connectors stand in for those that were drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_connectors(diagram: Any, stand_ins: Mapping[str, str]) -> Any:
    """The diagram with the connectors' ids replaced, wherever a node names one; it is not changed itself."""
    nodes = diagram.get("nodes") if isinstance(diagram, Mapping) else None
    if not stand_ins or not isinstance(nodes, list):
        return diagram
    return {**diagram, "nodes": [_node(node, stand_ins) for node in nodes]}


def _node(node: Any, stand_ins: Mapping[str, str]) -> Any:
    data = node.get("data") if isinstance(node, Mapping) else None
    if not isinstance(data, Mapping):
        return node
    replaced = _named(data, stand_ins)
    if isinstance(data.get("config"), Mapping):
        replaced = {**replaced, "config": _named(data["config"], stand_ins)}
    return {**node, "data": replaced}


def _named(holder: Mapping[str, Any], stand_ins: Mapping[str, str]) -> Mapping[str, Any]:
    named = holder.get("connectorId")
    return {**holder, "connectorId": stand_ins[named]} if isinstance(named, str) and named in stand_ins else holder
