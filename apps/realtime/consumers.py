"""The socket: one connection, many channels (CONTRACT "Socket").

Reading, sending and watching are separate: a message from Redis only marks what waits, one task sends
with the client's own pace, one looks again at permissions and for events that were missed. A client
that does not take a message in time is dropped; it never slows another.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from redis.exceptions import RedisError

from apps.kernel.errors import UzoError
from apps.realtime import access, log
from apps.realtime.log import LoggedEvent
from apps.realtime.subscription import Subscription

logger = logging.getLogger(__name__)
MAX_MESSAGE_BYTES = 16 * 1024
_POLICY_VIOLATION, _TOO_BIG, _SIGNED_OUT = 1008, 1009, 4401


class EventsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """`scope["uzo"]` holds the Person that the handshake let in."""

    person: access.Person

    async def __call__(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve until the client leaves or is dropped (a send that hangs cannot be closed politely)."""
        self._dropped = asyncio.Event()
        serving = asyncio.create_task(super().__call__(scope, receive, send))
        dropping = asyncio.create_task(self._dropped.wait())
        try:
            await asyncio.wait({serving, dropping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (dropping, serving):
                if not task.done():
                    task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving
            await self._stop_tasks()

    async def connect(self) -> None:
        self.person = self.scope["uzo"]
        self._subscriptions: dict[str, Subscription] = {}
        self._waiting = asyncio.Event()
        self._sending = asyncio.Lock()
        await self.accept()
        await self.channel_layer.group_add(access.group(self.person.schema), self.channel_name)
        self._tasks = [asyncio.create_task(self._deliver()), asyncio.create_task(self._watch())]

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        for channel in tuple(self._subscriptions):
            await self._leave(channel)
        await self.channel_layer.group_discard(access.group(self.person.schema), self.channel_name)
        await self._stop_tasks()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        if text_data is None or len(text_data) > MAX_MESSAGE_BYTES:
            await self.close(_TOO_BIG)
            return
        try:
            message = json.loads(text_data)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            await self._error("invalid", None)
            return
        channel = message.get("channel")
        match message.get("type"):
            case "ping":
                await self._send({"type": "pong"})
            case "subscribe" if isinstance(channel, str):
                await self._subscribe(channel, message.get("last_event_id"))
            case "unsubscribe" if isinstance(channel, str):
                await self._leave(channel)
            case _:
                await self._error("invalid", channel if isinstance(channel, str) else None)

    # What Redis brings

    async def log_events(self, message: dict[str, Any]) -> None:
        """Live events of a channel that this socket may have subscribed to."""
        subscription = self._subscriptions.get(message["channel"])
        if subscription is not None:
            for number, data in enumerate(message["data"], message["first"]):
                subscription.offer(LoggedEvent(number, message["event"], data, message["at"]))
            self._waiting.set()

    async def access_changed(self, message: dict[str, Any]) -> None:  # noqa: ARG002
        """Permissions, groups or people of the tenant have changed."""
        await self._recheck(since=time.monotonic())

    # Channels

    async def _subscribe(self, channel: str, last_event_id: object) -> None:
        resume = last_event_id is not None
        if resume and (not isinstance(last_event_id, int) or isinstance(last_event_id, bool) or last_event_id < 0):
            await self._error("invalid", channel)
            return
        if channel not in self._subscriptions and len(self._subscriptions) >= settings.SOCKET_MAX_CHANNELS:
            await self._error("too_many_channels", channel)
            return
        try:
            await access.require(self.person, channel)
        except UzoError as error:
            await self._error(error.code, channel)
            return
        schema = self.person.schema
        # The group first, the log second: what happens in between comes by both ways and is sent once.
        self._subscriptions.pop(channel, None)
        await self.channel_layer.group_add(log.group(schema, channel), self.channel_name)
        newest = await log.last_id(schema, channel)
        subscription = Subscription(schema, channel, sent=newest)
        async with self._sending:
            await self._send({"type": "subscribed", "channel": channel, "last_id": newest})
            if isinstance(last_event_id, int):
                if last_event_id and await log.has_gap(schema, channel, last_event_id):
                    await subscription.resync(newest, self._send_text)
                else:
                    subscription = Subscription(schema, channel, sent=last_event_id, behind=newest > last_event_id)
            else:
                await self._send_snapshot(channel, newest)
            self._subscriptions[channel] = subscription
        self._waiting.set()

    async def _send_snapshot(self, channel: str, newest: int) -> None:
        events = await access.snapshot(self.person, channel)
        for back, (event, data, at) in zip(range(len(events) - 1, -1, -1), events, strict=True):
            # Numbered so that ids still grow, and end where the live events go on.
            await self._send_text(LoggedEvent(newest - back, event, data, at).message(channel))

    async def _leave(self, channel: str) -> None:
        if self._subscriptions.pop(channel, None) is not None:
            await self.channel_layer.group_discard(log.group(self.person.schema, channel), self.channel_name)

    # Tasks

    async def _deliver(self) -> None:
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            try:
                async with self._sending:
                    for subscription in tuple(self._subscriptions.values()):
                        await subscription.flush(self._send_text)
            except RedisError as error:
                # Nothing is lost: `_watch` finds what is missing once Redis is back.
                logger.warning("a socket waits for Redis: %s", error)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(settings.SOCKET_RECHECK_SECONDS)
            await self._recheck(since=time.monotonic() - settings.SOCKET_RECHECK_SECONDS)
            try:
                await self._look_for_missed()
            except RedisError as error:
                logger.warning("a socket waits for Redis: %s", error)

    async def _look_for_missed(self) -> None:
        channels = list(self._subscriptions)
        for channel, newest in zip(channels, await log.last_ids(self.person.schema, channels), strict=True):
            subscription = self._subscriptions.get(channel)
            if subscription is not None and subscription.look_up(newest):
                self._waiting.set()

    async def _recheck(self, *, since: float) -> None:
        """Close, or leave channels, where what was allowed no longer is (THREATS 10, 20)."""
        if not await access.still_there(self.person, since=since):
            await self.close(_SIGNED_OUT)
            self._dropped.set()
            return
        for channel in tuple(self._subscriptions):
            try:
                await access.require(self.person, channel, since=since)
            except UzoError as error:
                await self._leave(channel)
                await self._error(error.code, channel)

    async def _stop_tasks(self) -> None:
        tasks = [task for task in getattr(self, "_tasks", ()) if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Sending

    async def _error(self, code: str, channel: str | None) -> None:
        await self._send({"type": "error", "code": code, "channel": channel})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._send_text(json.dumps(message))

    async def _send_text(self, text: str) -> None:
        try:
            async with asyncio.timeout(settings.SOCKET_SEND_SECONDS):
                await self.send(text_data=text)
        except TimeoutError:
            self._dropped.set()
            raise
