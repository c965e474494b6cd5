"""Work that can be left behind: it runs beside, while the caller watches the clock and the cancel flag.

Neither Polars nor a driver that hangs can be interrupted from Python. So the work runs in a thread of
its own; when its time is up, or the execution is cancelled, the caller goes on without it, and whatever
the thread still wants from the house is refused. The process that ran it should end soon after.
"""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from apps.kernel.errors import TransientNodeError

T = TypeVar("T")
POLL_SECONDS = 0.1
NODE_THREAD = "uzo-node"
GRACE_SECONDS = 0.5
"""How long cancelled work may take to notice by itself and tidy up."""


class ExecutionCancelled(BaseException):
    """The execution is to stop."""


class Desk:
    """Where the working thread asks for things that only the caller's thread may do."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[_Request[Any] | _Done | _Left] = queue.SimpleQueue()
        self._closed = threading.Event()

    def ask(self, action: Callable[[], T]) -> T:
        """Have the caller's thread do something, and wait for the answer."""
        if self._closed.is_set():
            raise ExecutionCancelled
        request: _Request[T] = _Request(action)
        self._queue.put(request)
        while not request.done.wait(POLL_SECONDS):
            if self._closed.is_set():
                raise ExecutionCancelled
        return request.answer()

    @property
    def closed(self) -> bool:
        """Whether the caller has gone on without this work."""
        return self._closed.is_set()

    def check(self) -> None:
        """Raise ExecutionCancelled once the caller has gone on without this work."""
        if self._closed.is_set():
            raise ExecutionCancelled

    def leave(self, message: T) -> None:
        """Tell whoever serves that this work is over."""
        self._queue.put(_Left(message))

    def serve(self) -> Any:
        """Do what is asked for until someone leaves; answers their message."""
        while True:
            item = self._queue.get()
            if isinstance(item, _Request):
                item.serve()
            elif isinstance(item, _Left):
                return item.message

    def close(self) -> None:
        """Go on without those who still work: whatever they ask for is refused."""
        self._closed.set()


@dataclass(frozen=True, slots=True)
class _Left:
    message: Any


class _Request(Generic[T]):
    def __init__(self, action: Callable[[], T]) -> None:
        self._action = action
        self._result: list[T] = []
        self._error: BaseException | None = None
        self.done = threading.Event()

    def serve(self) -> None:
        try:
            self._result.append(self._action())
        except BaseException as error:
            self._error = error
        self.done.set()

    def answer(self) -> T:
        if self._error is not None:
            raise self._error
        return self._result[0]


class _Done:
    def __init__(self) -> None:
        self.result: list[Any] = []
        self.error: BaseException | None = None


def supervise(
    work: Callable[[Desk], T],
    *,
    cancelled: Callable[[], bool],
    timeout: float | None = None,
    look: Callable[[], None] | None = None,
) -> T:
    """Run `work` in a thread and answer its result. `look` is called on this thread meanwhile, again and again.

    Raises ExecutionCancelled soon after `cancelled()` is true, TransientNodeError `timeout` after
    `timeout` seconds; else what the work raised.
    """
    desk = Desk()
    outcome = _Done()
    context = contextvars.copy_context()

    def body() -> None:
        try:
            outcome.result.append(context.run(work, desk))
        except BaseException as error:
            outcome.error = error
        desk._queue.put(outcome)

    thread = threading.Thread(target=body, name=NODE_THREAD, daemon=True)
    thread.start()
    end = None if timeout is None else time.monotonic() + timeout
    try:
        _serve_until_done(desk, cancelled, end, look)
    except ExecutionCancelled:
        thread.join(GRACE_SECONDS)
        raise
    except _TooLate:
        raise timed_out(timeout or 0) from None
    if outcome.error is not None:
        raise outcome.error
    result: T = outcome.result[0]
    return result


class _TooLate(Exception):
    """The time is up."""


def _serve_until_done(
    desk: Desk, cancelled: Callable[[], bool], end: float | None, look: Callable[[], None] | None
) -> None:
    """Leave once the work is done. Raises ExecutionCancelled, _TooLate, what `look` raises: the desk is closed by
    then, so that the work ends when it next asks for something."""
    try:
        while True:
            left = POLL_SECONDS if end is None else min(POLL_SECONDS, max(0.0, end - time.monotonic()))
            try:
                item = desk._queue.get(timeout=left)
            except queue.Empty:
                item = None
            if isinstance(item, _Request):
                item.serve()
            elif isinstance(item, _Done):
                return
            if cancelled():
                raise ExecutionCancelled
            if end is not None and time.monotonic() >= end:
                raise _TooLate
            if look is not None:
                look()
    except BaseException:
        desk.close()
        raise


def timed_out(seconds: float) -> TransientNodeError:
    """What a node fails with that did not finish within its `timeout`."""
    return TransientNodeError(
        f"The node did not finish within {seconds:g} seconds",
        code="timeout",
        remedy="Give it more time, or less to do.",
    )


def pause(seconds: float, cancelled: Callable[[], bool]) -> None:
    """Wait; raises ExecutionCancelled soon after `cancelled()` is true."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if cancelled():
            raise ExecutionCancelled
        time.sleep(min(left, POLL_SECONDS))
