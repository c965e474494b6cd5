"""One log of events per tenant and channel, kept in a Redis stream for replay.

The id of an event is an integer that grows by one in its channel. The first id of a channel comes
from Redis' clock in microseconds, so that ids still only grow after a log has expired or Redis was
flushed; a client that resumes from before then has a gap and is told to read its resource again.
A log is bounded in length and age. Live delivery is only a hint: whoever misses one reads the log.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.kernel import clock
from apps.kernel.connections import connection
from apps.kernel.redis import async_client, client, key
from apps.realtime.announcer import announce

MAX_BYTES = 64 * 1024
PAGE = 16  # of events as large as they may be: what a socket that does not read holds in memory
_TOGETHER = 200
"""Events that are written and announced at once."""
_ENVELOPE = 512  # room for type, id, channel, event and time around an event's data

_LAST = """
local last = redis.call('GET', KEYS[1])
if not last then
  local now = redis.call('TIME')
  last = string.format('%.0f', now[1] * 1000000 + now[2])
  redis.call('SET', KEYS[1], last, 'EX', ARGV[1])
end
"""
_READ_LAST = _LAST + "return last"
_APPEND = (
    _LAST
    + """
local first = redis.call('INCRBY', KEYS[1], #ARGV - 4) - (#ARGV - 5)
redis.call('EXPIRE', KEYS[1], ARGV[1])
for index = 5, #ARGV do
  local id = string.format('%.0f', first + index - 5)
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], id .. '-0', 'event', ARGV[3], 'data', ARGV[index], 'at', ARGV[4])
end
redis.call('EXPIRE', KEYS[2], ARGV[1])
return string.format('%.0f', first)
"""
)


class EventTooLarge(ValueError):
    """An event with its envelope would be larger than 64 KB: its publisher must send less."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event; `data` is JSON text, so that it is encoded once however many sockets get it."""

    id: int
    event: str
    data: str
    at: str

    def message(self, channel: str) -> str:
        """The server's message for this event."""
        head = json.dumps({"type": "event", "id": self.id, "channel": channel, "event": self.event})
        return f'{head[:-1]}, "data": {self.data}, "at": {json.dumps(self.at)}}}'


def group(schema: str, channel: str) -> str:
    """The Channels group of a tenant's channel: readable, unique, and within Channels' 100 characters."""
    digest = hashlib.blake2b(f"{schema}\0{channel}".encode(), digest_size=16).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', schema)[:40]}.{digest}"


def _keys(schema: str, channel: str) -> tuple[str, str]:
    return key(schema, "event-id", channel), key(schema, "events", channel)


def append(channel: str, event: str, data: Mapping[str, Any]) -> int:
    """Add an event to the present tenant's channel and tell the sockets; answers its id.

    Raises EventTooLarge beyond 64 KB, ValueError where there is no tenant or `data` holds NaN.
    """
    return append_all(channel, event, [data])[0]


def append_all(channel: str, event: str, data: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add events of one kind, which happened together, as `append` adds one; answers their ids, in order."""
    texts = [_text(channel, event, each) for each in data]
    ids: list[int] = []
    for together in _bounded(texts):
        ids += _append(channel, event, together)
    return ids


def _text(channel: str, event: str, data: Mapping[str, Any]) -> str:
    text = json.dumps(data, allow_nan=False, default=str)
    if len(text.encode()) + _ENVELOPE > MAX_BYTES:
        raise EventTooLarge(f"{event} on {channel} has {len(text)} characters")
    return text


def _bounded(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in order, as many together as a page holds at most of the largest."""
    together: list[str] = []
    size = 0
    for text in texts:
        if together and (size + len(text) > PAGE * MAX_BYTES or len(together) >= _TOGETHER):
            yield together
            together, size = [], 0
        together.append(text)
        size += len(text)
    if together:
        yield together


def _append(channel: str, event: str, texts: Sequence[str]) -> range:
    schema = connection.schema_name
    at = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    answer = client().eval(
        _APPEND, 2, *_keys(schema, channel), settings.EVENT_LOG_SECONDS, settings.EVENT_LOG_LENGTH, event, at, *texts
    )
    ids = range(int(answer), int(answer) + len(texts))
    announce(
        group(schema, channel),
        {"type": "log.events", "channel": channel, "first": ids[0], "event": event, "data": list(texts), "at": at},
    )
    return ids


async def last_id(schema: str, channel: str) -> int:
    """The id of the channel's newest event, or the one that its next event will grow from."""
    answer = await async_client().eval(_READ_LAST, 1, _keys(schema, channel)[0], settings.EVENT_LOG_SECONDS)
    return int(answer)


async def last_ids(schema: str, channels: list[str]) -> list[int | None]:
    """The newest ids of several channels at once; None where nothing is known."""
    if not channels:
        return []
    answers = await async_client().mget([_keys(schema, channel)[0] for channel in channels])
    return [None if answer is None else int(answer) for answer in answers]


async def page(schema: str, channel: str, after: int) -> list[LoggedEvent]:
    """Up to PAGE events that follow the id `after`, oldest first."""
    entries: Any = await async_client().xrange(_keys(schema, channel)[1], min=f"({after}-0", count=PAGE)
    return [
        LoggedEvent(
            int(entry_id.split(b"-")[0]),
            fields[b"event"].decode(),
            fields[b"data"].decode(),
            fields[b"at"].decode(),
        )
        for entry_id, fields in entries
    ]


async def has_gap(schema: str, channel: str, after: int) -> bool:
    """Whether events that followed the id `after` are no longer kept, or `after` was never given."""
    newest = await last_id(schema, channel)
    if after >= newest:
        return after > newest
    first: Any = await async_client().xrange(_keys(schema, channel)[1], count=1)
    return not first or int(first[0][0].split(b"-")[0]) > after + 1
