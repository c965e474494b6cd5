"""Tells sockets of new events from synchronous code, behind the caller's back.

`async_to_sync(layer.group_send)` would open a Redis connection per event. Here one thread keeps an
event loop, and with it one connection, for the whole process. What is lost here (a full queue, a
restart of Redis, the end of the process) is no loss: sockets read the log when an id is missing, and
look for missing ids by themselves.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)
_MAX_PENDING = 2000


class Announcer:
    """One event loop in a daemon thread; started at the first announcement."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pid: int | None = None
        self._lock = threading.Lock()
        self._pending: deque[tuple[str, dict[str, Any]]] = deque()
        self._delivering = False

    def send(self, group: str, message: Mapping[str, Any]) -> None:
        """Queue a message for a group; never blocks and never raises for what Redis does."""
        loop = self._running_loop()
        with self._lock:
            if len(self._pending) >= _MAX_PENDING:
                return
            self._pending.append((group, dict(message)))
            if self._delivering:
                return  # whoever delivers comes to this one as well: waking a thread costs more than sending
            self._delivering = True
        asyncio.run_coroutine_threadsafe(self._deliver_all(), loop)

    def close(self) -> None:
        """Stop the thread; the next announcement starts another."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
            self._forget()
        if loop is not None and thread is not None and thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._disconnect(), loop).result(timeout=5)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=5)
            loop.close()

    def _forget(self) -> None:
        self._pending.clear()
        self._delivering = False

    async def _deliver_all(self) -> None:
        """Deliver what is queued, in order, until nothing is."""
        while (told := self._next()) is not None:
            try:
                await get_channel_layer().group_send(*told)
            except Exception as error:
                logger.warning("sockets were not told at once, they will find out: %s", error)

    def _next(self) -> tuple[str, dict[str, Any]] | None:
        with self._lock:
            self._delivering = bool(self._pending)
            return self._pending.popleft() if self._pending else None

    async def _disconnect(self) -> None:
        layer = get_channel_layer()
        if layer is not None and hasattr(layer, "flush"):
            await layer._get_layer().flush() if hasattr(layer, "_get_layer") else await layer.flush()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._pid != os.getpid():
                self._loop = asyncio.new_event_loop()
                self._pid = os.getpid()
                self._forget()
                self._thread = threading.Thread(target=self._loop.run_forever, name="announcer", daemon=True)
                self._thread.start()
            return self._loop


_announcer = Announcer()


def announce(group: str, message: Mapping[str, Any]) -> None:
    """Send a message to a Channels group soon, from any thread."""
    _announcer.send(group, message)


def close() -> None:
    """Stop the process's announcer (tests, orderly shutdown)."""
    _announcer.close()
