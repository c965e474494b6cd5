"""What becomes of fires that are due: which run, and which are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(seconds=60)
"""A fire that is seen this much later than its time is still on time."""
MAX_CATCH_UP = 1000
KEPT_SKIPPED = 100
"""Of fires that were left out, so many, the latest, are recorded one by one."""


class CatchUp(StrEnum):
    """What runs of the fires that nobody saw in time, since nothing ran or the schedule was paused."""

    SKIP = "skip"
    LAST = "last"
    ALL = "all"


class Overlap(StrEnum):
    """What a fire does while a run that the schedule started before is under way."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Due:
    """Fires that run and fires that are left out, each growing."""

    run: tuple[datetime, ...]
    skip: tuple[datetime, ...]


def sort_out(fires: Sequence[datetime], now: datetime, *, policy: CatchUp, limit: int) -> Due:
    """Sort fires that are due, growing and the latest of all that are, by policy. What is on time always
    runs; of those that are late none, the last, or the last `limit`."""
    late = [fire for fire in fires if fire < now - GRACE]
    on_time = [fire for fire in fires if fire >= now - GRACE]
    match policy:
        case CatchUp.SKIP:
            kept = 0
        case CatchUp.LAST:
            kept = 0 if on_time else 1  # the one on time is the last
        case CatchUp.ALL:
            kept = limit
    cut = max(len(late) - kept, 0)
    return Due((*late[cut:], *on_time), tuple(late[:cut][-KEPT_SKIPPED:]))


def enough_to_sort(policy: CatchUp, limit: int) -> int:
    """How many of the latest due fires `sort_out` has to be given: all on time, those to catch up with, and
    those to record as left out."""
    on_time = int(GRACE.total_seconds()) // 10 + 2
    return on_time + KEPT_SKIPPED + (limit if policy is CatchUp.ALL else 1)
