"""Redis streams that tell workers of new executions at once: a hint, never the truth.

A hint may be lost (Redis flushed), come twice, or come for an execution that is over: the claim in
PostgreSQL decides (`apps.executions.leases`). An entry that a worker read and did not acknowledge is
taken over by another.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from redis.exceptions import RedisError, ResponseError

from apps.kernel.redis import client

logger = logging.getLogger(__name__)
_GROUP = "workers"
_CANCELS = "uzo:executions:cancels"
_MAX_HINTS = 100_000
_LOOKED_AT = 2_000


class Lane(StrEnum):
    """Previews have processes of their own, so that no long run keeps a person waiting."""

    RUN = "run"
    PREVIEW = "preview"

    @property
    def stream(self) -> str:
        return f"uzo:executions:{self.value}"


@dataclass(frozen=True, slots=True)
class Hint:
    """One execution to claim; `entry` is the stream's id, None for one that PostgreSQL told of."""

    schema: str
    execution_id: UUID
    entry: str | None = None


def push(lane: Lane, schema: str, execution_id: UUID) -> None:
    """Tell the workers. When Redis is away they find the row by themselves within two seconds."""
    try:
        client().xadd(
            lane.stream, {"schema": schema, "execution": str(execution_id)}, maxlen=_MAX_HINTS, approximate=True
        )
    except RedisError as error:
        logger.warning("workers were not told of execution %s, they will find it: %s", execution_id, error)


def take(lane: Lane, consumer: str, *, block_ms: int) -> Hint | None:
    """The next hint, waiting up to `block_ms`; raises RedisError when Redis is away."""
    try:
        answer = cast(Any, client().xreadgroup(_GROUP, consumer, {lane.stream: ">"}, count=1, block=block_ms))
    except ResponseError as error:
        _create_group(lane, error)
        return None
    return _hint(answer[0][1]) if answer else None


def take_over(lane: Lane, consumer: str, *, idle_ms: int) -> Hint | None:
    """A hint that another worker read and has not acknowledged for `idle_ms`."""
    try:
        answer = cast(Any, client().xautoclaim(lane.stream, _GROUP, consumer, min_idle_time=idle_ms, count=1))
    except ResponseError as error:
        _create_group(lane, error)
        return None
    return _hint(answer[1])


def acknowledge(lane: Lane, hint: Hint) -> None:
    """Strike the hint off: its execution is claimed, or is none of ours."""
    if hint.entry is None:
        return
    try:
        with client().pipeline(transaction=False) as pipeline:
            pipeline.xack(lane.stream, _GROUP, hint.entry)
            pipeline.xdel(lane.stream, hint.entry)
            pipeline.execute()
    except RedisError as error:
        logger.warning("a hint stays in its stream, its claim will fail: %s", error)


def waiting(lane: Lane) -> int:
    """How many hints the stream holds."""
    return int(cast(Any, client().xlen(lane.stream)))


def waiting_of(lane: Lane, schema: str) -> int:
    """How many of the stream's oldest hints, of which it looks at 2,000, are one tenant's."""
    entries = cast(Any, client().xrange(lane.stream, count=_LOOKED_AT))
    return sum(fields.get(b"schema") == schema.encode() for _, fields in entries)


def ask_to_cancel(schema: str, execution_id: UUID) -> None:
    """Tell every host at once; when Redis is away they see it in PostgreSQL within half a second."""
    try:
        client().publish(_CANCELS, f"{schema} {execution_id}")
    except RedisError as error:
        logger.warning("workers were not told to cancel %s, they will see: %s", execution_id, error)


def cancels() -> Any:
    """A subscription to what `ask_to_cancel` says; messages hold `schema execution_id`."""
    subscription = cast(Any, client()).pubsub(ignore_subscribe_messages=True)
    subscription.subscribe(_CANCELS)
    return subscription


def _hint(entries: list[tuple[bytes, dict[bytes, bytes] | None]]) -> Hint | None:
    for entry, fields in entries:
        if fields:
            return Hint(fields[b"schema"].decode(), UUID(fields[b"execution"].decode()), entry.decode())
    return None


def _create_group(lane: Lane, error: ResponseError) -> None:
    if "NOGROUP" not in str(error):
        raise error
    try:
        client().xgroup_create(lane.stream, _GROUP, id="0", mkstream=True)
    except ResponseError as clash:
        if "BUSYGROUP" not in str(clash):
            raise
