"""The diagram as a person drew it: React Flow JSON read into typed parts, nothing thrown away.

Reading is tolerant. What a draft may be wrong about becomes a Problem; only a body that cannot be
called a diagram (no list of nodes, a node without an id) is refused with the wrong fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from apps.kernel.errors import FieldError, Invalid, TooComplex
from apps.nodes.problems import Problem

MAX_NODES = 20_000
MAX_EDGES = 100_000
MAX_ID_LENGTH = 200
_MAX_FIELD_ERRORS = 50


@dataclass(frozen=True, slots=True)
class DiagramNode:
    """One node. `index` is its place in `nodes`; `config` is `data.config` as it was written, and
    `connector_id` stands beside it or inside it."""

    id: str
    index: int
    category: str
    operation: str
    config: Mapping[str, Any]
    connector_id: str | None


@dataclass(frozen=True, slots=True)
class DiagramEdge:
    """One drawn edge. A handle that the canvas left out is None."""

    id: str
    index: int
    source: str
    target: str
    source_handle: str | None
    target_handle: str | None


@dataclass(frozen=True, slots=True)
class Diagram:
    """Nodes and edges in the order they were drawn, and what is wrong with their shape.

    Of nodes that share an id only the first is here; `drawn_nodes` and `drawn_edges` count all.
    """

    nodes: tuple[DiagramNode, ...]
    edges: tuple[DiagramEdge, ...]
    drawn_nodes: int
    drawn_edges: int
    problems: tuple[Problem, ...] = ()


def parse(body: object, *, field: str = "workflow_diagram") -> Diagram:
    """Read React Flow JSON.

    `field` is the name under which the body was sent, for messages. Raises Invalid where it is not
    a diagram, TooComplex above `MAX_NODES` nodes or `MAX_EDGES` edges.
    """
    if not isinstance(body, Mapping):
        raise Invalid("A diagram is an object", errors=[FieldError(field, "invalid", "must be an object")])
    errors: list[FieldError] = []
    nodes = _list(body, "nodes", field, errors)
    edges = _list(body, "edges", field, errors)
    _refuse(errors)
    if len(nodes) > MAX_NODES or len(edges) > MAX_EDGES:
        raise TooComplex(
            f"The diagram has {len(nodes):,} nodes and {len(edges):,} edges",
            remedy=f"A diagram holds at most {MAX_NODES:,} nodes and {MAX_EDGES:,} edges; split it into sub-workflows.",
        )
    problems: list[Problem] = []
    parsed_nodes = _nodes(nodes, f"{field}.nodes", errors, problems)
    parsed_edges = _edges(edges, f"{field}.edges", errors)
    _refuse(errors)
    return Diagram(parsed_nodes, parsed_edges, len(nodes), len(edges), tuple(problems))


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise Invalid("This is not a diagram", errors=errors[:_MAX_FIELD_ERRORS])


def _list(body: Mapping[str, Any], key: str, field: str, errors: list[FieldError]) -> Sequence[Any]:
    value = body.get(key)
    if isinstance(value, list | tuple):
        return value
    message = "is required" if key not in body else "must be a list"
    errors.append(FieldError(f"{field}.{key}", "required" if key not in body else "invalid", message))
    return ()


def _identifier(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID_LENGTH


def _nodes(
    items: Sequence[Any], field: str, errors: list[FieldError], problems: list[Problem]
) -> tuple[DiagramNode, ...]:
    nodes: dict[str, DiagramNode] = {}
    for index, item in enumerate(items):
        if not isinstance(item, Mapping):
            errors.append(FieldError(f"{field}.{index}", "invalid", "must be an object"))
            continue
        node_id = item.get("id")
        if not _identifier(node_id):
            errors.append(
                FieldError(f"{field}.{index}.id", "invalid", f"must be a text of 1 to {MAX_ID_LENGTH} characters")
            )
            continue
        if node_id in nodes:
            problems.append(
                Problem("invalid_config", f"another node has the id {node_id!r} already; ids are unique", "id", node_id)
            )
            continue
        nodes[node_id] = _node(node_id, index, item.get("data"), problems)
    return tuple(nodes.values())


def _node(node_id: str, index: int, data: object, problems: list[Problem]) -> DiagramNode:
    def wrong(path: str, message: str) -> None:
        problems.append(Problem("invalid_config", message, path, node_id))

    if not isinstance(data, Mapping):  # as if it were empty; the analysis says that it names no operation
        data = {}
    config = data.get("config")
    if config is not None and not isinstance(config, Mapping):
        wrong("config", "must be an object")
    config = config if isinstance(config, Mapping) else {}
    category, operation = data.get("nodeType"), config.get("operation")
    connector_id = _connector_id(data.get("connectorId"), config.get("connectorId"), wrong)
    return DiagramNode(
        node_id,
        index,
        category if isinstance(category, str) else "",
        operation if isinstance(operation, str) else "",
        config,
        connector_id,
    )


def _connector_id(beside: object, inside: object, wrong: Any) -> str | None:
    if beside is not None and not isinstance(beside, str):
        wrong("connectorId", "must be the id of a connector")
        beside = None
    if isinstance(inside, str) and inside:
        if isinstance(beside, str) and beside and beside != inside:
            wrong("config.connectorId", "differs from the connectorId beside config; name one connector")
        return inside
    return beside if isinstance(beside, str) and beside else None


def _edges(items: Sequence[Any], field: str, errors: list[FieldError]) -> tuple[DiagramEdge, ...]:
    edges: list[DiagramEdge] = []
    for index, item in enumerate(items):
        if not isinstance(item, Mapping):
            errors.append(FieldError(f"{field}.{index}", "invalid", "must be an object"))
            continue
        ends = [item.get("source"), item.get("target")]
        for name, end in zip(("source", "target"), ends, strict=True):
            if not isinstance(end, str):
                errors.append(FieldError(f"{field}.{index}.{name}", "invalid", "must be the id of a node"))
        handles = [item.get("sourceHandle"), item.get("targetHandle")]
        for name, handle in zip(("sourceHandle", "targetHandle"), handles, strict=True):
            if handle is not None and not isinstance(handle, str):
                errors.append(FieldError(f"{field}.{index}.{name}", "invalid", "must be the name of a port"))
        edge_id = item.get("id")
        edges.append(
            DiagramEdge(
                edge_id if isinstance(edge_id, str) else f"{index}",
                index,
                ends[0] if isinstance(ends[0], str) else "",
                ends[1] if isinstance(ends[1], str) else "",
                handles[0] if isinstance(handles[0], str) and handles[0] else None,
                handles[1] if isinstance(handles[1], str) and handles[1] else None,
            )
        )
    return tuple(edges)
