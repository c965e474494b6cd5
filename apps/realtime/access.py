"""Who holds a socket, and what they may hear (THREATS 10, 17, 20).

Decisions are asked of the database in the tenant's schema, on a few threads of their own, and
remembered for a moment: a thousand sockets of one person on one channel ask once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from channels.db import DatabaseSyncToAsync
from django_tenants.utils import schema_context

from apps.kernel.errors import NotFound, UzoError
from apps.realtime import channels, identity
from apps.realtime.log import group as log_group

T = TypeVar("T")
Snapshot = list[tuple[str, str, str]]
"""Events to send first: name, data as JSON text, time."""

_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="socket-access")
_MAX_REMEMBERED = 20_000
_remembered: dict[tuple[Person, str], tuple[float, UzoError | None]] = {}
_PRESENCE = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who came through the handshake, by which credential; looked up again and again, never trusted."""

    schema: str
    tenant_id: UUID
    user_id: UUID
    credential: identity.Credential


def group(schema: str) -> str:
    """The Channels group of all sockets of a tenant, told when anyone's access has changed."""
    return log_group(schema, "access")


async def in_schema(schema: str, function: Callable[..., T], *args: Any) -> T:
    """Call a synchronous function in a thread, in a tenant's schema, and leave no schema behind."""
    answer: T = await DatabaseSyncToAsync(
        partial(_call, schema, function, *args), thread_sensitive=False, executor=_threads
    )()
    return answer


def _call(schema: str, function: Callable[..., T], *args: Any) -> T:
    with schema_context(schema):
        return function(*args)


async def require(person: Person, channel: str, *, since: float | None = None) -> None:
    """Raise NotFound unless the person may hear the channel, by a decision no older than `since` (monotonic)."""
    await _decide(person, channel, since)


async def still_there(person: Person, *, since: float | None = None) -> bool:
    """Whether the person is active and their credential good."""
    try:
        await _decide(person, _PRESENCE, since)
    except UzoError:
        return False
    return True


async def snapshot(person: Person, channel: str) -> Snapshot:
    """What a new subscriber is sent first: the present state of what the channel is about."""
    return await in_schema(person.schema, _snapshot, person, channel)


async def _decide(person: Person, channel: str, since: float | None) -> None:
    known = _remembered.get((person, channel))
    if known is None or since is None or known[0] < since:
        asked_at = time.monotonic()
        refusal = await in_schema(person.schema, _ask, person, channel)
        if len(_remembered) >= _MAX_REMEMBERED:
            _remembered.clear()
        known = _remembered[person, channel] = (asked_at, refusal)
    if known[1] is not None:
        raise known[1]


def _ask(person: Person, channel: str) -> UzoError | None:
    try:
        viewer = identity.viewer(person.user_id, person.credential)
        if channel != _PRESENCE:
            channels.require(viewer, person.tenant_id, channel)
    except UzoError as error:
        return error
    return None


def _snapshot(person: Person, channel: str) -> Snapshot:
    try:
        return channels.snapshot(identity.viewer(person.user_id, person.credential), channel)
    except NotFound:
        return []


def forget() -> None:
    """Remember no decision (tests)."""
    _remembered.clear()
