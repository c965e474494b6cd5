"""Prefect is told behind the work: little while executions wait, all of it once none does."""

from __future__ import annotations

import pytest
from redis.exceptions import RedisError

from apps.executions import queue
from apps.executions.flows import reporter
from apps.executions.flows.reporter import Reporter
from apps.executions.queue import Lane


class Round:
    """One round of telling; how much it would have told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.limits: list[int] = []
        self._reporter = Reporter("http://127.0.0.1:1/api")
        monkeypatch.setattr(reporter, "_POLL_SECONDS", 0)
        monkeypatch.setattr(self._reporter, "tell_all", self._tell)

    def _tell(self, *, limit: int) -> int:
        self.limits.append(limit)
        self._reporter.stop()
        return 0

    def run(self) -> int:
        self._reporter.serve()
        [limit] = self.limits
        return limit


@pytest.fixture
def a_round(monkeypatch: pytest.MonkeyPatch) -> Round:
    return Round(monkeypatch)


def waits(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    def waiting(lane: Lane) -> int:
        assert lane is Lane.RUN
        return count

    monkeypatch.setattr(queue, "waiting", waiting)


def test_little_is_told_while_executions_wait(a_round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    waits(monkeypatch, 3)
    assert 0 < a_round.run() < 5


def test_everything_is_told_once_none_waits(a_round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    waits(monkeypatch, 0)
    assert a_round.run() >= 100


def test_everything_is_told_while_redis_is_away(a_round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Lane) -> int:
        raise RedisError

    monkeypatch.setattr(queue, "waiting", away)
    assert a_round.run() >= 100
