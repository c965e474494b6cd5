"""Telling sockets, behind the caller's back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from apps.realtime import announcer
from apps.realtime.announcer import Announcer


class Layer:
    """Hears what is sent; what a group named `fog` is sent is lost on the way. Waits for `open` before each."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.open = threading.Event()
        self.came = threading.Semaphore(0)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        assert self.open.wait(5)
        self.came.release()
        if group == "fog":
            raise ConnectionError("Redis is away")
        self.heard.append((group, message["metres"]))

    async def flush(self) -> None:
        return

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self.came.acquire(timeout=5)


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    made = Layer()
    monkeypatch.setattr(announcer, "get_channel_layer", lambda: made)
    return made


@pytest.fixture
def telling(layer: Layer) -> Iterator[Announcer]:
    made = Announcer()
    yield made
    layer.open.set()
    made.close()


def test_messages_come_in_order_and_one_that_is_lost_stops_no_other(telling: Announcer, layer: Layer) -> None:
    for group, metres in (("quay", 1), ("fog", 2), ("quay", 3)):
        telling.send(group, {"metres": metres})
    layer.open.set()
    layer.wait_for(3)
    telling.send("quay", {"metres": 4})
    layer.wait_for(1)
    telling.close()
    assert layer.heard == [("quay", 1), ("quay", 3), ("quay", 4)]


def test_while_nothing_can_be_sent_only_so_many_wait(
    telling: Announcer, layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcer, "_MAX_PENDING", 3)
    telling.send("quay", {"metres": 0})
    while telling._pending:  # until it is on its way
        threading.Event().wait(0.01)
    for metres in range(1, 9):
        telling.send("quay", {"metres": metres})
    layer.open.set()
    layer.wait_for(4)
    telling.close()
    assert [metres for _, metres in layer.heard] == [0, 1, 2, 3]
