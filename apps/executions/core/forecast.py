"""When a running execution will be over, from how long earlier ones and their nodes took.

Before anything is known of its nodes it is like earlier runs of its workflow. Then every stage that is not
over takes as long as `durations` says for the rows that have arrived at it, and the longest way through the
stages is what is left.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from apps.executions.core.durations import Past, Span, quantile, span
from apps.executions.core.records import NodeState
from apps.executions.core.states import NODE_OVER, NodeStatus

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


@dataclass(frozen=True, slots=True)
class History:
    """Successful runs of a workflow, the latest first: seconds of the whole, and what each node took."""

    whole: Sequence[float] = ()
    nodes: Mapping[str, Sequence[Past]] = field(default_factory=dict)


def forecast_run(
    plan: Mapping[str, Any],
    states: Mapping[str, NodeState],
    *,
    started_at: datetime,
    at: datetime,
    progress: float,
    history: History,
) -> Forecast | None:
    """The end of a run of a plan (as JSON). None while nothing can be said."""
    elapsed = _ms(started_at, at)
    by_nodes = _through_stages(plan, states, started_at, elapsed, history.nodes)
    if by_nodes is None or all(state.status not in NODE_OVER for state in states.values()):
        return forecast(started_at=started_at, at=at, progress=progress, history=history.whole)
    return Forecast(
        *(started_at + timedelta(milliseconds=each) for each in (by_nodes.expected, by_nodes.low, by_nodes.high))
    )


def as_json(known: Forecast, started_at: datetime) -> dict[str, Any]:
    """`{expected_ms, low_ms, high_ms, error}` of the whole run; the error is not known before its end."""
    expected, low, high = (round(_ms(started_at, end)) for end in (known.expected, known.earliest, known.latest))
    return {"expected_ms": expected, "low_ms": low, "high_ms": high, "error": None}


def judged(told: Mapping[str, Any], *, actual_ms: float) -> dict[str, Any]:
    """A forecast with its error: by how much of the real time it was too long or, below 0, too short."""
    return {**told, "error": round(told["expected_ms"] / max(actual_ms, 1.0) - 1, 4)}


def _through_stages(
    plan: Mapping[str, Any],
    states: Mapping[str, NodeState],
    started_at: datetime,
    elapsed: float,
    history: Mapping[str, Sequence[Past]],
) -> Span | None:
    """Milliseconds from the start to the end of the longest way; None where a stage has no history."""
    sources: dict[str, list[str]] = {}
    for source, _, target, _ in plan.get("edges", ()):
        sources.setdefault(target, []).append(source)
    ends: dict[str, _End] = {}
    for stage in plan.get("stages", ()):
        nodes = [node for segment in stage["segments"] for node in segment]
        here = [states.get(node) or NodeState(node, NodeStatus.PENDING) for node in nodes]
        if all(state.status in NODE_OVER for state in here):
            over = [_ms(started_at, state.finished_at) for state in here if state.finished_at is not None]
            ends[stage["id"]] = _End(max(over, default=0.0))
            continue
        spans = [
            (rows is not None, told)
            for node in nodes
            if (told := span(history.get(node, ()), rows := _rows_arriving(sources.get(node, ()), states))) is not None
        ]
        if not spans:
            return None
        # The nodes of a stage share its time; one whose rows are known tells it best.
        _, told = max(spans, key=lambda each: (each[0], each[1].expected))
        before = max((ends[each] for each in stage["after"] if each in ends), default=_End(0.0))
        running = [state.started_at for state in here if state.started_at is not None]
        begin = min(_ms(started_at, each) for each in running) if running else max(before.expected, elapsed)
        ends[stage["id"]] = _End(
            max(elapsed, begin + told.expected),
            (0.0 if running else before.below) + (told.expected - told.low) ** 2,
            (0.0 if running else before.above) + (told.high - told.expected) ** 2,
        )
    last = max(ends.values(), default=None)
    if last is None:
        return None
    low, high = last.expected - math.sqrt(last.below), last.expected + math.sqrt(last.above)
    return Span(last.expected, max(min(elapsed, last.expected), low), high)


@dataclass(frozen=True, slots=True, order=True)
class _End:
    """When a stage is over, and the squares of how much sooner or later it may be: stages are wrong
    independently of each other."""

    expected: float
    below: float = 0.0
    above: float = 0.0


def _rows_arriving(sources: Sequence[str], states: Mapping[str, NodeState]) -> int | None:
    """Rows that come to a node; None until all of them have been counted."""
    counted = [state.rows_out for each in sources if (state := states.get(each)) and state.status is NodeStatus.SUCCESS]
    known = [count for count in counted if count is not None]
    return sum(known) if known and len(known) == len(sources) else None


def _ms(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() * 1000
