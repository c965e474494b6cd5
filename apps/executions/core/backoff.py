"""How long to wait before a node is tried again."""

from __future__ import annotations

LONGEST_SECONDS = 3600.0


def backoff(delay: float, attempt: int, luck: float) -> float:
    """Seconds before the attempt after `attempt` (from 1): `delay` doubled each time, at most an hour,
    of which `luck` (0 to 1, random) takes up to half away, so that many nodes do not come back at once."""
    whole = min(delay * 2.0 ** min(attempt - 1, 64), LONGEST_SECONDS)
    return whole * (1 - luck / 2)
