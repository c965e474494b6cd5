"""What a worker wants to know of versions, kept in memory: a version that runs never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.kernel.connections import connection
from apps.workflows.models import WorkflowVersion

_MOST = 1_000
_known: dict[tuple[str, UUID], tuple[Mapping[str, Any], UUID | None]] = {}


def known(id: UUID) -> WorkflowVersion:
    """The version of that id with its parameters. The rest of it, its author too, is read where somebody asks."""
    key = (connection.schema_name, id)
    found = _known.get(key)
    if found is None:
        version = WorkflowVersion.objects.only("parameters", "author_id").get(id=id)
        if len(_known) >= _MOST:
            _known.clear()
        found = _known[key] = (version.parameters, version.author_id)
    parameters, author_id = found
    return WorkflowVersion.from_db(None, ["id", "parameters", "author_id"], [id, parameters, author_id])
