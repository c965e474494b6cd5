"""Deliveries that were refused: counted by reason and day, so that who looks for a mistake finds it, and nobody
fills a table by sending."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC

from django.db.models import F
from redis.exceptions import RedisError

from apps.kernel import clock, redis
from apps.kernel.connections import connection
from apps.kernel.errors import UzoError
from apps.schedules.core.signing import is_event_id
from apps.schedules.models import Hook, HookRefusal

logger = logging.getLogger(__name__)

SECONDS = 1
"""How often at most the refusals of one hook and reason are written; those between are counted with the next."""
_COUNTED_SECONDS = 3600


@contextmanager
def noted(hook: Hook, event_id: str | None) -> Iterator[None]:
    """Note what is refused within, and raise it on."""
    try:
        yield
    except UzoError as error:
        _note(hook, error.code, event_id)
        raise


def _note(hook: Hook, code: str, event_id: str | None) -> None:
    count = _due(hook, code)
    if not count:
        return
    now = clock.now()
    day = {"hook": hook, "day": now.astimezone(UTC).date(), "code": code[:100]}
    HookRefusal.objects.bulk_create([HookRefusal(**day, first_at=now, last_at=now)], ignore_conflicts=True)
    said = event_id if event_id is not None and is_event_id(event_id) else ""
    HookRefusal.objects.filter(**day).update(count=F("count") + count, event_id=said, last_at=now)


def _due(hook: Hook, code: str) -> int:
    """How many are to be written now; none where some were a moment ago."""
    names = ("refused", str(hook.pk), code)
    waiting = redis.key(connection.schema_name, *names, "waiting")
    written = redis.key(connection.schema_name, *names, "written")
    try:
        messages = redis.client().pipeline(transaction=False)
        messages.incr(waiting)
        messages.expire(waiting, _COUNTED_SECONDS)
        messages.set(written, 1, nx=True, ex=SECONDS)
        *_, first = messages.execute()
        return int(redis.client().getdel(waiting) or 0) if first else 0
    except RedisError as error:
        logger.warning("a refused delivery is written at once, Redis does not answer: %s", error)
        return 1
