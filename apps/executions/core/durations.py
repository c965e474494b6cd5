"""How long a node will take, from how long it took before, with its rows as a feature.

Compared on 60 recorded runs of one workflow with 8,000 to 337,000 rows, on a noisy machine, each node's
time told from the twenty runs before (`tests/unit/executions/test_durations.py` does it again on the record):

| model | error of the whole | median error of one | mean | in the interval |
|---|---|---|---|---|
| last run | 77 % | 67 % | 197 % | 80 % |
| median | 69 % | 60 % | 87 % | 80 % |
| least squares over rows | 22 % | 22 % | 32 % | 79 % |
| median line over rows | 22 % | 22 % | 31 % | 80 % |

The line through medians is taken: as good as least squares where nothing goes wrong, and one run that was
held up for a minute bends it little.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

RECENT = 20
"""Runs that are looked at, the latest first."""
_LOW, _HIGH = 0.05, 0.95
"""Of a model's errors about the runs that it was made from; about the next run they are wider."""
_ENOUGH = 4
"""Runs with a known number of rows from which a line may be drawn."""


@dataclass(frozen=True, slots=True)
class Past:
    """How long a node took once, and for how many rows."""

    ms: float
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds that are expected, and an interval that four of five runs fall into."""

    expected: float
    low: float
    high: float


Model = Callable[[Sequence[Past], int | None], float]


def last_run(history: Sequence[Past], rows: int | None) -> float:  # noqa: ARG001
    """As long as the last time."""
    return history[0].ms


def middle(history: Sequence[Past], rows: int | None) -> float:  # noqa: ARG001
    """As long as half of the runs took at most, whatever their rows."""
    return statistics.median(each.ms for each in history)


def least_squares(history: Sequence[Past], rows: int | None) -> float:
    """On the line with the least squares of errors."""
    known = _with_rows(history, rows)
    if known is None or rows is None:
        return middle(history, rows)
    slope, intercept = statistics.linear_regression([count for count, _ in known], [ms for _, ms in known])
    return max(0.0, intercept + slope * rows)


def middle_line(history: Sequence[Past], rows: int | None) -> float:
    """On the line whose slope is the median of all pairs' slopes, never falling, through the median of what
    is left (Theil and Sen): a run that was held up bends it little."""
    known = _with_rows(history, rows)
    if known is None or rows is None:
        return middle(history, rows)
    slopes = [(ms - other) / (count - few) for (few, other), (count, ms) in combinations(known, 2) if count != few]
    slope = max(0.0, statistics.median(slopes))
    return max(0.0, statistics.median(ms - slope * count for count, ms in known) + slope * rows)


MODELS: Mapping[str, Model] = {
    "last run": last_run,
    "median": middle,
    "least squares": least_squares,
    "median line": middle_line,
}
"""What was compared."""


def span(history: Sequence[Past], rows: int | None = None, model: Model = middle_line) -> Span | None:
    """How long a node with that history will take for so many rows (None: not known yet); None without
    history. The interval is as wide as the model was wrong about that history, in proportion."""
    recent = history[:RECENT]
    if not recent:
        return None
    expected = model(recent, rows)
    ratios = sorted(
        each.ms / told for each in recent if (told := model(recent, each.rows if rows is not None else None)) > 0
    )
    if not ratios:
        return Span(expected, expected, expected)
    return Span(
        expected,
        min(expected, expected * quantile(ratios, _LOW)),
        max(expected, expected * quantile(ratios, _HIGH)),
    )


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which that part of the ordered numbers lies, linear between neighbours."""
    place = part * (len(ordered) - 1)
    below, above = math.floor(place), math.ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _with_rows(history: Sequence[Past], rows: int | None) -> list[tuple[int, float]] | None:
    """(rows, ms) of the runs from which a line can be drawn; None where that says nothing."""
    known = [(each.rows, each.ms) for each in history if each.rows is not None]
    if rows is None or len(known) < _ENOUGH or len({count for count, _ in known}) < 2:
        return None
    return known
