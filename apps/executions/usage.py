"""What the plan's limit on executions counts."""

from __future__ import annotations

from apps.executions.models import WorkflowExecution
from apps.kernel import clock

LIMIT = "executions"


def executions_this_month() -> int:
    """Runs asked for since the month began, in UTC."""
    begin = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return WorkflowExecution.objects.filter(kind=WorkflowExecution.Kind.RUN, created_at__gte=begin).count()
