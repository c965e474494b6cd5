"""How much of the run store a tenant may take, and takes.

Counting looks at every file, so what was counted is kept in Redis for a while with what was added since: near
enough for a limit. Nobody is refused before it was counted again.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError

from apps.executions.core.objects import Objects
from apps.executions.core.store_usage import StoreUsage, usage_of
from apps.executions.object_store import objects
from apps.kernel.connections import connection
from apps.kernel.errors import NodeError
from apps.kernel.redis import client, key
from apps.tenants import features

logger = logging.getLogger(__name__)
LIMIT = "run_store_bytes"
_KEY = "run_store"
_COUNTED_SECONDS = 900
_LIMIT_SECONDS = 30
_SMALL_BYTES = 65_536
"""What is never refused: the row of an error, a count, a value."""
_limits: dict[str, tuple[float, int | None]] = {}


def limit() -> int | None:
    """Bytes that the present tenant's plan allows; None is without limit."""
    return features.limit(LIMIT)


def used() -> int:
    """Bytes that the present tenant takes; up to a quarter of an hour's deletions may be missing."""
    return _used(objects(), connection.schema_name)


def counted(seconds: float) -> StoreUsage:
    """What the present tenant takes, counted at most so many seconds ago; bytes that were added since are in it."""
    schema = connection.schema_name
    known = _known(schema)
    if known is None or time.time() - known[0] >= seconds:
        return _count(objects(), schema)
    _, usage, added = known
    return replace(usage, bytes=usage.bytes + added)


@dataclass(frozen=True, slots=True)
class Room:
    """What a run store asks before it keeps a file. It may be called on any thread."""

    files: Objects
    schema: str
    limit: int | None

    @classmethod
    def of_tenant(cls, files: Objects) -> Room:
        schema = connection.schema_name
        until, allowed = _limits.get(schema, (0.0, None))
        if time.monotonic() >= until:
            allowed = limit()
            _limits[schema] = (time.monotonic() + _LIMIT_SECONDS, allowed)
        return cls(files, schema, allowed)

    def __call__(self, size: int) -> None:
        """Raise NodeError `limit_reached` where a file of so many bytes is too much."""
        if self.limit is None:
            return
        if size > _SMALL_BYTES and _used(self.files, self.schema) + size > self.limit:
            taken = _count(self.files, self.schema).bytes
            if taken + size > self.limit:
                raise NodeError(
                    f"The run store would hold {taken + size:,} bytes, and your plan allows {self.limit:,}",
                    code="limit_reached",
                    remedy="Filter earlier, keep fewer outputs, wait until the rows of old runs are removed, "
                    "or have the owner upgrade the plan.",
                )
        _add(self.schema, size)


def _used(files: Objects, schema: str) -> int:
    known = _known(schema)
    return _count(files, schema).bytes if known is None else known[1].bytes + known[2]


def _known(schema: str) -> tuple[float, StoreUsage, int] | None:
    """When it was counted, what was found, and the bytes that were added since."""
    try:
        told: Any = client().hgetall(key(schema, _KEY))
    except RedisError:
        return None
    if b"at" not in told:
        return None
    oldest = datetime.fromisoformat(told[b"oldest"].decode()) if told[b"oldest"] else None
    usage = StoreUsage(int(told[b"bytes"]), int(told[b"datasets"]), oldest)
    return float(told[b"at"]), usage, int(told.get(b"added", 0))


def _count(files: Objects, schema: str) -> StoreUsage:
    found = usage_of(files, schema)
    oldest = "" if found.oldest_at is None else found.oldest_at.isoformat()
    told: Any = {"at": time.time(), "bytes": found.bytes, "datasets": found.datasets, "oldest": oldest, "added": 0}
    try:
        with client().pipeline() as pipe:
            pipe.hset(key(schema, _KEY), mapping=told)
            pipe.expire(key(schema, _KEY), _COUNTED_SECONDS)
            pipe.execute()
    except RedisError as error:
        logger.warning("%s: what the run store takes cannot be remembered: %s", schema, error)
    return found


def _add(schema: str, size: int) -> None:
    try:
        client().hincrby(key(schema, _KEY), "added", size)
    except RedisError as error:
        logger.warning("%s: what the run store takes cannot be remembered: %s", schema, error)
