"""What changed from one diagram to another, node by node: by what it says, not by how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
_DEEPEST = 4
"""Changes below so many keys are told as a change of the key above them."""


def compare(before: Json, after: Json, parameters: tuple[Json, Json] = ({}, {})) -> dict[str, Any]:
    """`{same, nodes: {added, removed, changed, moved}, edges: {added, removed}, parameters: {…}}`, JSON-ready.

    A changed node has `changes` `[{field, before, after}]`, with `field` a path into `data`; a value that is not
    there is left out. A node that only lies elsewhere is moved. An edge is what it connects: its id is no matter.
    """
    nodes = _nodes(_by_id(before), _by_id(after))
    edges = _edges(_ends(before), _ends(after))
    named = _named(*parameters)
    drawn = (*nodes.values(), *edges.values(), *named.values())
    same = not any(drawn) and _rest(before) == _rest(after)
    return {"same": same, "nodes": nodes, "edges": edges, "parameters": named}


def _nodes(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, list[dict[str, Any]]]:
    changed, moved = [], []
    for id, node in after.items():
        if id not in before or _same(before[id], node):
            continue
        changes = list(_changes(_data(before[id]), _data(node)))
        if changes:
            changed.append({**_said(id, node), "changes": changes})
        if before[id].get("position") != node.get("position"):
            moved.append(_said(id, node))
    return {
        "added": [_said(id, node) for id, node in after.items() if id not in before],
        "removed": [_said(id, node) for id, node in before.items() if id not in after],
        "changed": changed,
        "moved": moved,
    }


def _changes(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    if _same(before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and len(path) < _DEEPEST:
        keys = [*before, *(key for key in after if key not in before)]
        inner = [
            change
            for key in keys
            for change in _changes(before.get(key, _ABSENT), after.get(key, _ABSENT), (*path, str(key)))
        ]
        # With all values equal, only the order of keys differs: it is the order of a derive's columns.
        yield from inner or [_change(path, before, after)]
    else:
        yield _change(path, before, after)


_ABSENT = object()


def _change(path: tuple[str, ...], before: Any, after: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"field": ".".join(path)}
    if before is not _ABSENT:
        said["before"] = before
    if after is not _ABSENT:
        said["after"] = after
    return said


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON, the order of keys included."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)


def _edges(before: Mapping[tuple[str, ...], Json], after: Mapping[tuple[str, ...], Json]) -> dict[str, list[Any]]:
    return {
        "added": [_drawn(ends, edge) for ends, edge in after.items() if ends not in before],
        "removed": [_drawn(ends, edge) for ends, edge in before.items() if ends not in after],
    }


def _named(before: Json, after: Json) -> dict[str, list[str]]:
    return {
        "added": [name for name in after if name not in before],
        "removed": [name for name in before if name not in after],
        "changed": [name for name in after if name in before and not _same(before[name], after[name])],
    }


def _rest(diagram: Json) -> dict[str, Any]:
    """Notes and whatever else a diagram holds, but where one looked."""
    return {key: value for key, value in diagram.items() if key not in ("nodes", "edges", "viewport")}


def _data(node: Json) -> Json:
    data = node.get("data")
    return data if isinstance(data, Mapping) else {}


def _by_id(diagram: Json) -> dict[str, Json]:
    return {str(node["id"]): node for node in diagram.get("nodes") or [] if isinstance(node, Mapping) and "id" in node}


def _ends(diagram: Json) -> dict[tuple[str, ...], Json]:
    edges = [edge for edge in diagram.get("edges") or [] if isinstance(edge, Mapping)]
    return {
        (
            str(edge.get("source")),
            str(edge.get("sourceHandle") or "output"),
            str(edge.get("target")),
            str(edge.get("targetHandle") or "input"),
        ): edge
        for edge in edges
    }


def _said(id: str, node: Json) -> dict[str, Any]:
    return {"node_id": id, "label": str(_data(node).get("label") or id)}


def _drawn(ends: tuple[str, ...], edge: Json) -> dict[str, Any]:
    source, source_handle, target, target_handle = ends
    return {
        "id": edge.get("id"),
        "source": source,
        "source_handle": source_handle,
        "target": target,
        "target_handle": target_handle,
    }
