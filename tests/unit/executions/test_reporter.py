"""Prefect is told behind the work: with long rests while executions run, with short ones once none does."""

from __future__ import annotations

import time
from itertools import chain, repeat
from uuid import UUID, uuid4

import pytest

from apps.executions.flows import reporter
from apps.executions.flows.reporter import Reporter, Untold

UNTOLD = [Untold("public", uuid4()) for _ in range(20)]
TAKES = 0.5
"""Seconds that telling takes, on a clock that only telling moves."""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The executions that Prefect has been told of, out of twenty that it does not know."""
    found: list[UUID] = []
    monkeypatch.setattr(reporter, "active_schemas", lambda: ["public"])
    monkeypatch.setattr(reporter, "close_old_connections", lambda: None)
    monkeypatch.setattr(reporter, "find_untold", lambda _, *, limit: UNTOLD[:limit])
    monkeypatch.setattr(Reporter, "tell", lambda *about: found.append(about[-1]))
    monkeypatch.setattr(time, "monotonic", lambda: TAKES * len(found))
    return found


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> tuple[Reporter, list[float]]:
    """A reporter, and how long it rests after each telling."""
    made, rests = Reporter("http://127.0.0.1:1/api"), list[float]()
    monkeypatch.setattr(made._stop, "wait", rests.append)
    return made, rests


def test_everything_is_told_with_short_rests_while_nothing_runs(
    told: list[UUID], telling: tuple[Reporter, list[float]]
) -> None:
    made, rests = telling
    made.tell_all(lambda: False)
    assert told == [each.execution_id for each in UNTOLD]
    assert set(rests) == {TAKES}


def test_telling_takes_a_tenth_of_the_time_from_the_moment_that_an_execution_runs(
    told: list[UUID], telling: tuple[Reporter, list[float]]
) -> None:
    made, rests = telling
    at_work = chain([False, False], repeat(True))
    made.tell_all(lambda: next(at_work))
    assert told == [each.execution_id for each in UNTOLD]
    assert rests == [TAKES, TAKES, *[9 * TAKES] * (len(UNTOLD) - 2)]


def test_nothing_more_is_told_once_the_host_stops(told: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    made = Reporter("http://127.0.0.1:1/api")
    made.stop()
    made.tell_all(lambda: False)
    assert told == [UNTOLD[0].execution_id]
