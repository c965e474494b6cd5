"""What tells workers of new executions at once, tenant by tenant in turns: a hint, never the truth.

A hint may be lost (Redis flushed, a worker killed that had just taken it), come twice, or come for an
execution that is over: the claim in PostgreSQL decides (`apps.executions.leases`), and whatever nobody
was told of is found there.

Turns: each hint gets a number one above the last one of its tenant, or above the last one taken, if that
is greater. The least is taken first. So a tenant that queues a thousand waits for its own; another that
queues one is next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from redis.exceptions import RedisError

from apps.kernel.redis import client

logger = logging.getLogger(__name__)
_CANCELS = "uzo:executions:cancels"
_KEPT_SECONDS = 86_400
_LOOKED_AT = 2_000
_PUSH = """
local own = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
local last = math.max(own, tonumber(redis.call('GET', KEYS[3]) or '0'))
redis.call('HSET', KEYS[2], ARGV[1], last + 1)
redis.call('EXPIRE', KEYS[2], ARGV[3])
return redis.call('ZADD', KEYS[1], 'NX', last + 1, ARGV[2])
"""


class Lane(StrEnum):
    """Previews have processes of their own, so that no long run keeps a person waiting."""

    RUN = "run"
    PREVIEW = "preview"

    @property
    def turns(self) -> str:
        """The hints by their numbers."""
        return f"uzo:executions:{self.value}:turns"

    @property
    def of_tenants(self) -> str:
        """The last number of each tenant."""
        return f"uzo:executions:{self.value}:tenants"

    @property
    def taken(self) -> str:
        """The number that was taken last."""
        return f"uzo:executions:{self.value}:taken"


@dataclass(frozen=True, slots=True)
class Hint:
    """One execution to claim."""

    schema: str
    execution_id: UUID

    @property
    def member(self) -> str:
        return f"{self.schema} {self.execution_id}"

    @classmethod
    def of(cls, member: bytes) -> Hint:
        schema, _, execution = member.decode().rpartition(" ")
        return cls(schema, UUID(execution))


def push(lane: Lane, schema: str, execution_id: UUID) -> None:
    """Tell the workers. When Redis is away they find the row by themselves within two seconds."""
    hint = Hint(schema, execution_id)
    try:
        client().eval(_PUSH, 3, lane.turns, lane.of_tenants, lane.taken, schema, hint.member, str(_KEPT_SECONDS))
    except RedisError as error:
        logger.warning("workers were not told of execution %s, they will find it: %s", execution_id, error)


def take(lane: Lane, *, block_ms: int) -> Hint | None:
    """The next hint, waiting up to `block_ms`; raises RedisError when Redis is away."""
    answer = cast(Any, client().bzpopmin(lane.turns, timeout=block_ms / 1000))
    if answer is None:
        return None
    _, member, number = answer
    client().set(lane.taken, str(int(number)), ex=_KEPT_SECONDS)
    return Hint.of(member)


def hinted(lane: Lane, hints: Iterable[Hint]) -> frozenset[Hint]:
    """Those that workers will be told of in their turn; none when Redis is away."""
    asked = list(hints)
    if not asked:
        return frozenset()
    try:
        numbers = cast(Any, client().zmscore(lane.turns, [hint.member for hint in asked]))
    except RedisError:
        return frozenset()
    return frozenset(hint for hint, number in zip(asked, numbers, strict=True) if number is not None)


def waiting(lane: Lane) -> int:
    """How many hints wait."""
    return int(cast(Any, client().zcard(lane.turns)))


def waiting_of(lane: Lane, schema: str) -> int:
    """How many of the next hints, of which it looks at 2,000, are one tenant's."""
    members = cast(Any, client().zrange(lane.turns, 0, _LOOKED_AT - 1))
    return sum(Hint.of(member).schema == schema for member in members)


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
