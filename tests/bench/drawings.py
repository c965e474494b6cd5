"""Diagrams that figures measure with."""

from __future__ import annotations

from typing import Any

from tests.e2e.client import diagram, edge, node

STEPS: tuple[dict[str, Any], ...] = (
    {"operation": "filter", "expression": "dep_delay > {n} OR dep_delay IS NULL"},
    {"operation": "derive", "expressions": {"minutes": "air_time + {n}", "far": "distance > {n}00"}},
    {"operation": "sort", "by": [{"column": "dep_delay", "descending": True}]},
    {"operation": "fill_null", "columns": ["arr_delay"], "value": 0},
    {"operation": "window", "function": "row_number", "partitionBy": ["carrier"], "orderBy": ["dep_delay"],
     "outputColumn": "place"},
    {"operation": "derive", "expressions": {"route": "origin || '-' || dest", "late": "arr_delay >= {n}"}},
    {"operation": "drop", "columns": ["minutes", "far", "place", "route", "late"]},
    {"operation": "limit", "n": 100_000},
)  # fmt: skip
"""What a person does in a row; eight of them leave the columns as they were."""


def _numbered(value: Any, number: int) -> Any:
    """The step with `{n}` filled in, so that no two nodes say the same."""
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {key: _numbered(inner, number) for key, inner in value.items()}
    return [_numbered(inner, number) for inner in value] if isinstance(value, list) else value


def long_chain(connector: str, *, nodes: int) -> dict[str, Any]:
    """A read of the demo's flights and a chain of transforms behind it, `nodes` in all."""
    drawn = [node("flights", "connector", "read", connector=connector, table="flights")]
    edges = []
    for number in range(nodes - 1):
        config = _numbered(STEPS[number % len(STEPS)], number)
        drawn.append(node(f"step_{number}", "transform", config.pop("operation"), **config))
        edges.append(edge(drawn[-2]["id"], drawn[-1]["id"]))
    return diagram(drawn, edges)
