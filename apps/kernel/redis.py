"""Redis: hints, event logs, tickets. Nothing that must survive lives here; PostgreSQL is the truth.

Every key begins with `uzo:` and the tenant's schema (THREATS 3): build keys with `key`, never by hand.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import redis
import redis.asyncio

_TIMEOUTS: dict[str, Any] = {"socket_connect_timeout": 2, "socket_timeout": 10, "health_check_interval": 30}
_ASYNC_CONNECTIONS, _POOL_SECONDS = 50, 20
_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()


def key(schema: str, *parts: str, operators: bool = False) -> str:
    """The name of a tenant's key, or with `operators` of the operators' own; raises ValueError without a tenant."""
    if not schema or (schema == "public" and not operators):
        raise ValueError("there is no tenant here: run inside schema_context")
    return ":".join(("uzo", schema, *parts))


@cache
def client() -> redis.Redis:
    """The process's connection pool, for synchronous code. Safe after a fork."""
    from django.conf import settings

    return redis.Redis.from_url(settings.REDIS_URL, **_TIMEOUTS)


def async_client() -> redis.asyncio.Redis:
    """The running event loop's connection pool."""
    from django.conf import settings

    loop = asyncio.get_running_loop()
    found = _by_loop.get(loop)
    if found is None:
        # A thousand sockets ask at once: they wait for each other, where an ordinary pool refuses the hundred-first.
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            settings.REDIS_URL, max_connections=_ASYNC_CONNECTIONS, timeout=_POOL_SECONDS, **_TIMEOUTS
        )
        found = _by_loop[loop] = redis.asyncio.Redis.from_pool(pool)
    return found
