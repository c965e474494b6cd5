"""When a running execution will be over, from how long earlier ones took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_LOW, _HIGH = 0.1, 0.9
_RECENT = 20


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected end, and an interval that four of five runs fall into."""

    expected: datetime
    earliest: datetime
    latest: datetime


def forecast(*, started_at: datetime, at: datetime, progress: float, history: Sequence[float]) -> Forecast | None:
    """`history`: seconds that earlier successful runs took, the latest first; `progress` from 0 to 1.

    Where there is history, the runs that took longer than this one has already are what it may still
    be like. A run slower than all of them, or the first of its kind, is judged by its own progress;
    None while that says nothing either.
    """
    elapsed = max(0.0, (at - started_at).total_seconds())
    alike = sorted(seconds for seconds in history[:_RECENT] if seconds >= elapsed)
    if alike:
        low, middle, high = (quantile(alike, part) for part in (_LOW, 0.5, _HIGH))
    elif progress > 0 and elapsed > 0:
        middle = elapsed / progress
        low, high = elapsed + (middle - elapsed) / 2, elapsed + (middle - elapsed) * 2
    else:
        return None
    return Forecast(*(started_at + timedelta(seconds=seconds) for seconds in (middle, low, high)))


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which that part of the ordered numbers lies, linear between neighbours."""
    place = part * (len(ordered) - 1)
    below, above = math.floor(place), math.ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
