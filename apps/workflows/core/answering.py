"""Which node's rows are what a workflow gives to whoever runs it as part of another."""

from __future__ import annotations

from apps.nodes.ports import OutputPort
from apps.workflows.core.analysis import Analysis


def answering_node(analysis: Analysis, named: str | None) -> str | None:
    """The named node, or the only one on which nothing hangs; None where no node gives rows.

    Raises ValueError whose text says why it cannot be told.
    """
    if named is not None:
        if named not in analysis.graph.nodes:
            raise ValueError(f"the workflow has no node {named!r}")
        config = analysis.nodes[named].config
        if not _ends(analysis, named) and not (config is not None and config.keep_output):
            raise ValueError(f"nodes hang on {named!r}, so its rows are kept only with keepOutput")
        return named
    ends = [node_id for node_id in analysis.graph.order if _ends(analysis, node_id) and _data(analysis, node_id)]
    if len(ends) > 1:
        raise ValueError(f"nothing hangs on any of {', '.join(ends[:10])}; name the one whose rows are wanted")
    return ends[0] if ends else None


def accepting_node(analysis: Analysis, named: str) -> None:
    """Raise ValueError if rows cannot come to that node from outside."""
    node = analysis.nodes.get(named)
    if node is None:
        raise ValueError(f"the workflow has no node {named!r}")
    if node.inputs is not None and len(node.inputs) != 1:
        raise ValueError(f"{named!r} has {len(node.inputs)} inputs; rows from outside come to a node with one")
    if any(True for _ in analysis.loops.around(named)):
        raise ValueError(f"{named!r} is in the body of a loop")


def _ends(analysis: Analysis, node_id: str) -> bool:
    outgoing = analysis.graph.outgoing[node_id]
    return node_id not in analysis.loops.owner and all(edge.source_port in ("error", "each") for edge in outgoing)


def _data(analysis: Analysis, node_id: str) -> list[OutputPort]:
    return [port for port in analysis.nodes[node_id].ports or () if port.kind == "data"]
