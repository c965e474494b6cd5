"""The connector types that are there: every folder of the catalog is one."""

from __future__ import annotations

import inspect
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from apps.connectors import catalog
from apps.connectors.sdk.config import form, secret_fields
from apps.connectors.sdk.connector import Connector

AnyConnector = Connector[Any]


@cache
def types() -> dict[str, type[AnyConnector]]:
    """Every type by name, in the order of names. Raises TypeError for a folder without exactly one class
    of the folder's name: a mistake of whoever added it."""
    found: dict[str, type[AnyConnector]] = {}
    for folder in iter_modules(catalog.__path__):
        module = import_module(f"{catalog.__name__}.{folder.name}")
        classes = [item for item in vars(module).values() if _is_type(item) and item.type == folder.name]
        if len(classes) != 1:
            raise TypeError(f"the folder {folder.name} must hold one connector class with that type")
        found[folder.name] = classes[0]
    return found


def _is_type(item: Any) -> bool:
    return inspect.isclass(item) and issubclass(item, Connector) and not inspect.isabstract(item)


def find(name: str) -> type[AnyConnector] | None:
    return types().get(name)


def describe(kind: type[AnyConnector]) -> dict[str, Any]:
    """Everything pages need to offer a type: form, icon, abilities."""
    return {
        "type": kind.type,
        "label": kind.label,
        "description": kind.description,
        "category": kind.category,
        "icon": kind.icon,
        "color": kind.color,
        "capabilities": kind.capabilities.as_json(),
        "config_schema": form(kind.Config),
        "secret_fields": sorted(secret_fields(kind.Config)),
        "documentation": inspect.cleandoc(kind.__doc__ or ""),
    }
