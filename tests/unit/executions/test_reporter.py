"""Prefect is told behind the work: little while executions wait, all of it once none does."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from redis.exceptions import RedisError

from apps.executions import queue
from apps.executions.flows import reporter
from apps.executions.flows.reporter import Reporter, Untold
from apps.executions.queue import Lane

UNTOLD = [Untold("public", uuid4()) for _ in range(20)]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The executions that Prefect has been told of, out of twenty that it does not know."""
    found: list[UUID] = []
    monkeypatch.setattr(reporter, "active_schemas", lambda: ["public"])
    monkeypatch.setattr(reporter, "close_old_connections", lambda: None)
    monkeypatch.setattr(reporter, "find_untold", lambda _, *, limit: UNTOLD[:limit])
    monkeypatch.setattr(Reporter, "tell", lambda *about: found.append(about[-1]))
    return found


def waits(monkeypatch: pytest.MonkeyPatch, *counts: int) -> None:
    """How many executions wait, look after look; the last goes on."""
    coming = list(counts)

    def waiting(lane: Lane) -> int:
        assert lane is Lane.RUN
        return coming.pop(0) if len(coming) > 1 else coming[0]

    monkeypatch.setattr(queue, "waiting", waiting)


def tell_all() -> int:
    return Reporter("http://127.0.0.1:1/api").tell_all()


def test_little_is_told_while_executions_wait(told: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    waits(monkeypatch, 3)
    assert tell_all() == len(told)
    assert 0 < len(told) < 5


def test_telling_stops_when_somebody_begins_to_wait(told: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    waits(monkeypatch, 0, 0, 0, 0, 1)
    assert tell_all() == len(told)
    assert 4 < len(told) < len(UNTOLD)


def test_everything_is_told_once_none_waits(told: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    waits(monkeypatch, 0)
    tell_all()
    assert told == [each.execution_id for each in UNTOLD]


def test_everything_is_told_while_redis_is_away(told: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Lane) -> int:
        raise RedisError

    monkeypatch.setattr(queue, "waiting", away)
    tell_all()
    assert told == [each.execution_id for each in UNTOLD]
