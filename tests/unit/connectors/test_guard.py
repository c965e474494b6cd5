"""What hangs does not hang us."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from apps.connectors.sdk import ConnectorError, guard


class Cancelled(Exception):
    pass


def test_a_call_answers_or_raises_as_it_would() -> None:
    assert guard.call(lambda: 7, seconds=5) == 7
    with pytest.raises(ZeroDivisionError):
        guard.call(lambda: 1 // 0, seconds=5)


def test_a_call_that_hangs_is_a_timeout_and_told_to_stop() -> None:
    stopped = threading.Event()
    with pytest.raises(ConnectorError) as late:
        guard.call(lambda: stopped.wait(20), seconds=0.2, cancel=stopped.set)
    assert late.value.code == "timeout"
    assert late.value.recovery == "transient"
    assert stopped.is_set()


def test_a_call_is_cancelled_within_a_moment() -> None:
    stopped = threading.Event()
    begun = time.monotonic()

    def check() -> None:
        if time.monotonic() - begun > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        guard.call(lambda: stopped.wait(20), seconds=60, check=check, cancel=stopped.set)
    assert time.monotonic() - begun < 10


def test_a_stream_passes_items_and_errors_on() -> None:
    def numbers() -> Iterator[int]:
        yield from range(5)
        raise ValueError("cut")

    seen = []
    with pytest.raises(ValueError, match="cut"):  # noqa: PT012
        for number in guard.stream(numbers(), idle_seconds=5):
            seen.append(number)
    assert seen == [0, 1, 2, 3, 4]


def test_a_stream_that_stalls_is_a_timeout() -> None:
    stopped = threading.Event()

    def stalling() -> Iterator[int]:
        yield 1
        stopped.wait(20)

    with pytest.raises(ConnectorError) as late:
        list(guard.stream(stalling(), idle_seconds=0.3, cancel=stopped.set))
    assert late.value.code == "timeout"


def test_a_stream_that_is_left_early_stops_its_source() -> None:
    closed = threading.Event()
    begun: list[int] = []

    def endless() -> Iterator[int]:
        for number in range(10**9):
            begun.append(number)
            yield number

    for number in guard.stream(endless(), idle_seconds=5, cancel=closed.set):
        if number == 3:
            break
    time.sleep(0.3)
    assert len(begun) < 10
    assert closed.is_set()
