"""Nothing that hangs may hang us: work on another thread, watched.

Drivers block in C, where Python cannot interrupt them. So they run on threads of their own, and whoever
waits looks up several times a second: whether it is cancelled, whether the time is over. Then the driver
is told to stop (`cancel`), and the waiting ends whether it obeys or not.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from apps.connectors.sdk.errors import failure

T = TypeVar("T")
LOOK_UP_SECONDS = 0.1


def _nothing() -> None:
    """No one to ask, no one to tell."""


def call(
    work: Callable[[], T],
    *,
    seconds: float,
    what: str = "the connector",
    check: Callable[[], None] = _nothing,
    cancel: Callable[[], None] = _nothing,
) -> T:
    """Do `work` within `seconds`. Raises what it raises, `timeout`, or what `check` raises."""
    done: queue.SimpleQueue[tuple[bool, T | BaseException]] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put((True, work()))
        except BaseException as error:
            done.put((False, error))

    threading.Thread(target=run, name="connector-call", daemon=True).start()
    deadline = time.monotonic() + seconds
    while True:
        try:
            fine, value = done.get(timeout=max(0.0, min(LOOK_UP_SECONDS, deadline - time.monotonic())))
        except queue.Empty:
            with _stopping(cancel):
                check()
                if time.monotonic() >= deadline:
                    raise failure("timeout", f"{what} did not answer within {seconds:g} s") from None
            continue
        if fine:
            return value  # type: ignore[return-value]
        raise value  # type: ignore[misc]


def stream(
    source: Iterable[T],
    *,
    idle_seconds: float,
    what: str = "the connector",
    check: Callable[[], None] = _nothing,
    cancel: Callable[[], None] = _nothing,
    ahead: int = 2,
) -> Iterator[T]:
    """The items of `source`, fetched up to `ahead` of need on another thread.

    Raises `timeout` when the next item takes longer than `idle_seconds`; `check` is called between items
    and while waiting, and what it raises ends the stream.
    """
    items: queue.Queue[tuple[str, T | BaseException | None]] = queue.Queue(maxsize=ahead)
    stopped = threading.Event()

    def put(kind: str, value: T | BaseException | None) -> bool:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                items.put((kind, value), timeout=LOOK_UP_SECONDS)
                return True
        return False

    def run() -> None:
        try:
            for item in source:
                if not put("item", item):
                    return
            put("end", None)
        except BaseException as error:
            put("error", error)

    thread = threading.Thread(target=run, name="connector-stream", daemon=True)
    thread.start()
    try:
        waited_since = time.monotonic()
        while True:
            with _stopping(cancel):
                check()
            try:
                kind, value = items.get(timeout=LOOK_UP_SECONDS)
            except queue.Empty:
                if time.monotonic() - waited_since >= idle_seconds:
                    with _stopping(cancel):
                        raise failure("timeout", f"{what} sent nothing for {idle_seconds:g} s") from None
                continue
            if kind == "end":
                return
            if kind == "error":
                raise value  # type: ignore[misc]
            yield value  # type: ignore[misc]
            waited_since = time.monotonic()
    finally:
        if not stopped.is_set():
            stopped.set()
        until = time.monotonic() + 2
        while thread.is_alive() and time.monotonic() < until:
            cancel()  # again for a statement that has begun since
            thread.join(timeout=LOOK_UP_SECONDS)


@contextlib.contextmanager
def _stopping(cancel: Callable[[], None]) -> Iterator[None]:
    """Tell the driver to stop when waiting ends early."""
    try:
        yield
    except BaseException:
        cancel()
        raise
