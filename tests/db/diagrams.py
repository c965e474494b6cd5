"""Diagrams as people draw them, for tests."""

from __future__ import annotations

from typing import Any


def node(node_id: str, category: str, /, **config: Any) -> dict[str, Any]:
    """A node of the canvas; `config` holds the operation."""
    return {
        "id": node_id,
        "type": "custom-node",
        "position": {"x": 0, "y": 40},
        "data": {"label": node_id.title(), "nodeType": category, "config": config},
    }


def edge(source: str, target: str, **handles: str) -> dict[str, Any]:
    return {"id": f"{source}-{target}", "source": source, "target": target, "type": "custom-edge", **handles}


def diagram(nodes: list[dict[str, Any]], edges: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"nodes": nodes, "edges": edges or []}


def ferries(connector_id: str | None = None) -> dict[str, Any]:
    """Read ferries, keep the late ones, look at the first ten. Without a connector it is a draft."""
    read = node("ferries", "connector", operation="read", table="ferries")
    if connector_id is not None:
        read["data"]["connectorId"] = connector_id
    return diagram(
        [
            read,
            node("late", "transform", operation="filter", expression="minutes_late > 5"),
            node("first", "transform", operation="limit", n=10),
        ],
        [edge("ferries", "late"), edge("late", "first")],
    )
