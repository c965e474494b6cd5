"""What an event says for the audit: who did what to which object, in words that stay.

Events are read by the names of their fields, so that a new one needs a line in the wiring and none here:
`by` is who did it, `object_type` with `object_id`, or else the first field that ends in `_id`, is what it
was done to, `name` and `workspace_id` are its own, and small plain values are kept as details.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from apps.kernel.events import Event

LONGEST = 500
_WORDS = re.compile(r"(?<!^)(?=[A-Z])")
_OWN = frozenset({"by", "object_type", "object_id", "name", "workspace_id"})


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the audit. `details` are JSON-ready."""

    action: str
    object_type: str
    object_id: UUID | None
    object_name: str
    workspace_id: UUID | None
    by: UUID | None
    details: Mapping[str, Any]


def read(event: Event) -> Said:
    """The audit's view of an event. Nested objects, which may hold secrets, are never kept."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    subject, object_id = _subject(values)
    object_type = str(values.get("object_type", subject.removesuffix("_id")))
    kept = {
        name: small
        for name, value in values.items()
        if name not in _OWN | {subject} and (small := _small(value)) is not None
    }
    by = values.get("by")
    # What a person does alone, like signing in, names no second person.
    actor = by if by is not None else object_id if object_type == "user" else None
    return Said(
        action=_action(type(event).__name__, object_type),
        object_type=object_type,
        object_id=object_id,
        object_name=str(values.get("name", ""))[:LONGEST],
        workspace_id=values.get("workspace_id"),
        by=actor,
        details=kept,
    )


def _subject(values: Mapping[str, Any]) -> tuple[str, UUID | None]:
    if "object_id" in values:
        return "object_id", values["object_id"]
    for name, value in values.items():
        if name.endswith("_id") and isinstance(value, UUID):
            return name, value
    return "", None


def _action(name: str, object_type: str) -> str:
    """`PermissionGranted` → `permission_granted`; of a resource its kind: `folder_moved`."""
    words = _WORDS.sub("_", name).lower()
    return f"{object_type}_{words.removeprefix('resource_')}" if words.startswith("resource_") else words


def _small(value: Any) -> Any:
    match value:
        case bool() | int() | float():
            return value
        case str():
            return value[:LONGEST]
        case UUID():
            return str(value)
        case tuple() | list():
            return [_small(item) for item in value[:50]]
        case Mapping():
            return {str(key)[:LONGEST]: _small(item) for key, item in list(value.items())[:50]}
        case _:
            return None
