"""The plan as clients read it: which nodes run together, in which way, and what the source does by itself."""

from __future__ import annotations

from typing import Any

from apps.workflows.core.analysis import MANY_NODES, Analysis
from apps.workflows.core.plan import Stage, compile_plan
from apps.workflows.core.pushdown import is_in_sql


def outline(analysis: Analysis) -> list[dict[str, Any]] | None:
    """The stages `{id, kind, nodes, after, in_sql}` in an order in which they may run. `in_sql`: the source
    does the chain's transforms in its own SQL, as far as is known before it runs. None where the diagram has
    errors, and for diagrams of very many nodes, whose plan takes longer than anyone waits for while drawing."""
    if not analysis.executable or len(analysis.graph.nodes) >= MANY_NODES:
        return None
    return [
        {
            "id": stage.id,
            "kind": stage.kind,
            "nodes": list(stage.nodes),
            "after": list(stage.after),
            "in_sql": _in_sql(analysis, stage),
        }
        for stage in compile_plan(analysis).stages
    ]


def _in_sql(analysis: Analysis, stage: Stage) -> bool:
    if stage.kind != "pushed":
        return False
    read, *steps, _ = (analysis.nodes[node_id] for node_id in stage.nodes)
    return is_in_sql(read, steps, analysis.parameters.values, analysis.parameters.types)
