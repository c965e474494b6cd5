"""What every worker host tells of itself, in Redis: for people to look at, never the truth.

A host writes its record every two seconds and takes it away when it ends. One that was killed stays for
a minute, so that one sees since when it is silent; whichever host writes next removes it after that.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from redis.exceptions import RedisError

from apps.kernel import clock
from apps.kernel.redis import client

logger = logging.getLogger(__name__)
_HOSTS = "uzo:executions:hosts"
BEAT_SECONDS = 2.0
SILENT_SECONDS = 10.0
"""A host that has said nothing for this long is taken to be gone."""
_FORGET_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Child:
    """One warm process. `schema` and `execution_id` are what it runs, None while it waits."""

    name: str
    lane: str
    pid: int | None
    ready: bool
    memory_bytes: int
    schema: str | None
    execution_id: UUID | None


@dataclass(frozen=True, slots=True)
class Host:
    name: str
    pid: int
    started_at: datetime
    seen_at: datetime
    children: tuple[Child, ...]

    @property
    def silent(self) -> bool:
        """Whether it should have been heard by now."""
        return (clock.now() - self.seen_at).total_seconds() > SILENT_SECONDS


def beat(host: Host) -> None:
    """Tell of this host. When Redis is away nothing is told: the work goes on."""
    try:
        client().hset(_HOSTS, host.name, json.dumps(asdict(host), default=str))
        gone = [each.name for each in hosts() if (host.seen_at - each.seen_at).total_seconds() > _FORGET_SECONDS]
        forget(gone)
    except RedisError as error:
        logger.debug("this host cannot be told of: %s", error)


def forget(names: Sequence[str]) -> None:
    """Take hosts off the list. Raises RedisError when Redis is away."""
    if names:
        client().hdel(_HOSTS, *names)


def hosts() -> list[Host]:
    """The hosts that were heard in the last minute, by name. Raises RedisError when Redis is away."""
    records = cast(dict[bytes, bytes], client().hgetall(_HOSTS))
    return sorted((_read(json.loads(each)) for each in records.values()), key=lambda host: host.name)


def _read(record: dict[str, Any]) -> Host:
    children = tuple(
        Child(**{**each, "execution_id": each["execution_id"] and UUID(each["execution_id"])})
        for each in record["children"]
    )
    started, seen = (datetime.fromisoformat(record[name]) for name in ("started_at", "seen_at"))
    return Host(record["name"], record["pid"], started, seen, children)
