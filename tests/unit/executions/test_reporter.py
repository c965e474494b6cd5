"""Prefect is told behind the work: with long rests while executions run, with short ones once none does."""

from __future__ import annotations

import time
from itertools import chain, repeat
from uuid import UUID, uuid4

import pytest
from redis.exceptions import RedisError

from apps.executions import queue
from apps.executions.flows import reporter
from apps.executions.flows.pool import Pool
from apps.executions.flows.reporter import Reporter, Untold
from apps.executions.queue import Hint, Lane

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


def test_a_host_is_at_work_while_something_runs_in_it_or_waits_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = dict.fromkeys(Lane, 0)
    monkeypatch.setattr(queue, "waiting", waiting.__getitem__)
    host = Pool(runs=1, previews=1)
    assert not host.is_at_work()
    host.slots[1].running = Hint("harbour", uuid4())
    assert host.is_at_work()
    host.slots[1].running = None
    waiting[Lane.RUN] = 1
    assert host.is_at_work()


def test_a_host_that_cannot_ask_redis_goes_by_what_runs_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Lane) -> int:
        raise RedisError

    monkeypatch.setattr(queue, "waiting", away)
    assert not Pool(runs=1, previews=0).is_at_work()
