"""How many workflows the plan allows."""

from __future__ import annotations

from apps.tenants.features import limit, require_within
from apps.workflows.models import Workflow

LIMIT = "workflows"


def living_workflows() -> int:
    return Workflow.objects.living().count()


def require_room() -> None:
    """Raises LimitReached where one workflow more is too many."""
    if limit(LIMIT) is not None:  # counting is for plans that have a limit
        require_within(LIMIT, living_workflows())
