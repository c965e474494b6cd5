"""Parking: a node that waits for long leaves its worker, and comes back to what it left."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from apps.executions.core.records import Parking
from apps.kernel.clock import now
from apps.kernel.errors import NodeError
from apps.nodes.types import Parked

MIN_SECONDS = 5.0
"""A shorter time is waited for where the node is: leaving the worker and coming back would take as long."""
_MAX_STATE = 64 * 1024


def park(
    answer: Parked,
    *,
    stage_id: str,
    node_id: str,
    started_at: datetime,
    since: datetime,
    attempt: int,
    timeout: float | None,
) -> Parking:
    """What to keep of a node that parks. Its `timeout` goes on while it is parked: it is woken for that, too.

    Raises NodeError `parked_state_too_large`.
    """
    size = len(json.dumps(answer.state).encode())
    if size > _MAX_STATE:
        raise NodeError(f"The node wants to keep {size:,} bytes while it waits", code="parked_state_too_large")
    ends = [answer.until, None if timeout is None else since + timedelta(seconds=timeout)]
    until = min((end for end in ends if end is not None), default=None)
    return Parking(stage_id, node_id, answer.reason, until, dict(answer.state), started_at, since, attempt)


def seconds_left(parking: Parking) -> float | None:
    """How long a parked node waits at most; None: until it is woken."""
    return None if parking.until is None else max(0.0, (parking.until - now()).total_seconds())


def waits_in_place(parking: Parking) -> bool:
    """Whether its time is too short to leave the worker for."""
    left = seconds_left(parking)
    return left is not None and left <= MIN_SECONDS


def is_too_late(parking: Parking, timeout: float | None) -> bool:
    """Whether the node's time was up while it was parked."""
    return timeout is not None and now() >= parking.since + timedelta(seconds=timeout)


def not_in_a_preview() -> NodeError:
    """What a node fails with that parks in a preview, which people wait for."""
    return NodeError("The node would have to wait here", code="not_previewable", remedy="Preview what comes before it.")
