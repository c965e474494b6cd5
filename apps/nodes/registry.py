"""The node types that are there, by category and operation."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from apps.kernel.registry import Registry
from apps.nodes.types import NodeType

_types: Registry[NodeType] = Registry("node type")


def register(node_type: type[NodeType]) -> type[NodeType]:
    """Class decorator: make one instance of the type known under its operation and aliases."""
    instance = node_type()
    for operation in (node_type.operation, *node_type.aliases):
        _types.register(f"{node_type.category}.{operation}", instance)
    return node_type


def find(category: str, operation: str) -> NodeType | None:
    return _types.get(f"{category}.{operation}")


def all_types() -> tuple[NodeType, ...]:
    """Every type once, in the order of registration."""
    return tuple(dict.fromkeys(_types.values()))


def load(package: ModuleType) -> None:
    """Import every module of a package, so that its types register themselves."""
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
