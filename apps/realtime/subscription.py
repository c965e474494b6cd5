"""What one socket has sent of one channel, and how it catches up.

A live event is sent straight away if it is the next one. Anything else (a missing id, more waiting
than a socket may hold) is read from the log, so that memory is bounded by construction and nothing
is lost or doubled.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Awaitable, Callable

from apps.realtime import log
from apps.realtime.log import LoggedEvent

Send = Callable[[str], Awaitable[None]]
_MAX_PENDING_BYTES = 256 * 1024


class Subscription:
    """One channel of one socket; `sent` is the id of the last event the client has been given."""

    def __init__(self, schema: str, channel: str, *, sent: int, behind: bool = False) -> None:
        self.schema = schema
        self.channel = channel
        self.sent = sent
        self._from_start = sent == 0
        self._behind = behind
        self._pending: deque[LoggedEvent] = deque()
        self._pending_bytes = 0

    @property
    def waiting(self) -> bool:
        return self._behind or bool(self._pending)

    def offer(self, event: LoggedEvent) -> None:
        """A live event has come."""
        if event.id <= self.sent or self._behind:
            return
        if self._pending_bytes + len(event.data) > _MAX_PENDING_BYTES:
            self._forget()
            self._behind = True
        else:
            self._pending.append(event)
            self._pending_bytes += len(event.data)

    def look_up(self, newest: int | None) -> bool:
        """Told the newest id of the log, decide whether something was missed."""
        if newest is not None and newest > self.sent and not self._pending:
            self._behind = True
        return self.waiting

    async def flush(self, send: Send) -> None:
        """Send all that waits, in order."""
        while self.waiting:
            if self._behind:
                await self._read_log(send)
                continue
            event = self._pending.popleft()
            self._pending_bytes -= len(event.data)
            if event.id <= self.sent:
                continue
            if event.id > self.sent + 1:
                self._forget()
                self._behind = True
                continue
            await self._send(event, send)

    def _forget(self) -> None:
        self._pending.clear()
        self._pending_bytes = 0

    async def _read_log(self, send: Send) -> None:
        self._behind = False
        self._forget()
        events = await log.page(self.schema, self.channel, self.sent)
        if not self._from_start and (not events or events[0].id > self.sent + 1):
            newest = await log.last_id(self.schema, self.channel)
            if newest != self.sent:
                await self.resync(newest, send)
            return
        for event in events:
            await self._send(event, send)
        self._behind = len(events) == log.PAGE

    async def resync(self, newest: int, send: Send) -> None:
        """Tell the client that events are gone: it reads the resource again and goes on from `newest`."""
        self.sent = newest
        self._from_start = False
        await send(json.dumps({"type": "resync", "channel": self.channel, "last_id": newest}))

    async def _send(self, event: LoggedEvent, send: Send) -> None:
        self._from_start = False
        self.sent = event.id
        await send(event.message(self.channel))
