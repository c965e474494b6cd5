"""The templates as somebody is offered them: with the connectors that they may fill the slots with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import NotFound
from apps.workflows.core.template import Slot, Template
from apps.workflows.gallery import templates


def template_named(id: str) -> Template:
    """Raises NotFound."""
    found = templates().get(id)
    if found is None:
        raise NotFound(f"There is no template {id[:80]!r}")
    return found


def offered(viewer: User, *, category: str | None = None, search: str = "") -> list[dict[str, Any]]:
    """Templates of a category in which every word of `search` occurs, by name."""
    words = search.casefold().split()
    return offer(
        viewer,
        [
            each
            for each in templates().values()
            if category in (None, *each.categories) and all(word in _text(each) for word in words)
        ],
    )


def offer(viewer: User, found: Sequence[Template]) -> list[dict[str, Any]]:
    """Templates, JSON-ready; one query, however many they are."""
    types = {slot.connector_type for template in found for slot in template.slots}
    usable = access.visible(viewer, "connector", Level.EXECUTE).filter(connector_type__in=types)
    connectors = list(usable.order_by("name", "pk").values("id", "name", "connector_type"))
    return [
        {
            "id": each.id,
            "name": each.name,
            "description": each.description,
            "categories": each.categories,
            "slots": [_slot(slot, connectors) for slot in each.slots],
            "workflow_diagram": each.diagram,
            "parameters": each.parameters,
            "companions": [companion.name for companion in each.companions],
        }
        for each in found
    ]


def _slot(slot: Slot, connectors: Sequence[dict[str, Any]]) -> dict[str, Any]:
    choices = [each for each in connectors if each["connector_type"] == slot.connector_type]
    named = [each for each in choices if each["name"] == slot.suggested]
    return {
        "name": slot.name,
        "connector_type": slot.connector_type,
        "label": slot.label,
        "description": slot.description,
        "choices": choices,
        "proposed": next((each["id"] for each in named or choices), None),
    }


def _text(template: Template) -> str:
    return " ".join((template.name, template.description, *template.categories)).casefold()
