"""Executions that waited for a place begin."""

from __future__ import annotations

from apps.executions import limits, queue
from apps.executions.queue import Hint, Lane
from apps.kernel.connections import connection


def start_waiting() -> int:
    """Tell the workers of those of the present tenant for whom there is a place now; answers of how many. What this
    misses the workers find by themselves within a second."""
    schema = connection.schema_name
    hints = [Hint(schema, id) for id in limits.give()]
    told = queue.hinted(Lane.RUN, hints)  # their turn comes
    for hint in hints:
        if hint not in told:
            queue.push(Lane.RUN, schema, hint.execution_id)
    return len(hints)
