"""The node types that diagrams may use, and what the palette and the forms must know of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from apps.nodes import registry
from apps.nodes.ports import InputPort, OutputPort
from apps.nodes.types import LazyNodeType, NodeType

_PACKAGES = ("apps.transforms.nodes", "apps.connectors.nodes")
"""Control nodes live above, with executions, which loads its own."""


def load_node_types() -> None:
    """Import the packages of node types of this room and those below, so that they register themselves."""
    for name in _PACKAGES:
        registry.load(import_module(name))


@cache
def documents() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Every node type by (category, operation), JSON-ready; an alias leads to the type it names.

    Made once a process, after all rooms have loaded theirs.
    """
    made: dict[tuple[str, str], Mapping[str, Any]] = {}
    for node_type in registry.all_types():
        document = describe(node_type)
        for operation in (node_type.operation, *node_type.aliases):
            made[node_type.category, operation] = document
    return made


@cache
def palette() -> Sequence[Mapping[str, Any]]:
    """Every node type once, by category and operation."""
    once = {(each["category"], each["operation"]): each for each in documents().values()}
    return tuple(once[key] for key in sorted(once))


def describe(node_type: NodeType) -> dict[str, Any]:
    """One node type, JSON-ready. Ports are those of a config with nothing but defaults; where they depend
    on more they are null."""
    ports = _ports(node_type)
    return {
        "category": node_type.category,
        "operation": node_type.operation,
        "aliases": list(node_type.aliases),
        "version": node_type.version,
        "label": node_type.label,
        "description": node_type.description,
        "icon": node_type.icon,
        "documentation": _documentation(node_type),
        "lazy": isinstance(node_type, LazyNodeType),
        "inputs": None if ports is None else [_input(port) for port in ports[0]],
        "outputs": None if ports is None else [_output(port) for port in ports[1]],
        "config_schema": json.loads(json.dumps(node_type.Config.model_json_schema(by_alias=True))),
    }


def _ports(node_type: NodeType) -> tuple[tuple[InputPort, ...], tuple[OutputPort, ...]] | None:
    config = node_type.Config.model_construct(operation=node_type.operation)
    try:
        return node_type.inputs(config), node_type.outputs(config)
    except AttributeError:  # a required field, which has no default, decides about ports
        return None


def _documentation(node_type: NodeType) -> str:
    written = type(node_type).__doc__
    return " ".join(written.split()) if written else node_type.description


def _input(port: InputPort) -> dict[str, Any]:
    return {"name": port.name, "required": port.required, "many": port.many}


def _output(port: OutputPort) -> dict[str, Any]:
    return {"name": port.name, "kind": port.kind}
