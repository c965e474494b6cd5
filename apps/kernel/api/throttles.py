"""Throttles: a counter per person, or per address of a stranger, and minute."""

from __future__ import annotations

import logging
import time
from typing import Any

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from apps.kernel import redis
from apps.kernel.connections import connection

log = logging.getLogger("uzo.api")


class WindowThrottle(SimpleRateThrottle):
    """Two counters make a sliding window; DRF's own keeps a list of every request instead.

    Without Redis nobody is refused: the database is the truth and the API must outlive its cache.
    """

    duration: int
    num_requests: int
    _wait: float = 0

    def get_rate(self) -> str | None:
        rate: str | None = api_settings.DEFAULT_THROTTLE_RATES.get(self.scope or "")  # type: ignore[assignment]
        return rate

    def allow_request(self, request: Request, view: APIView) -> bool:
        ident = self.get_cache_key(request, view)
        if self.rate is None or ident is None:
            return True
        moment = time.time()
        window = int(moment // self.duration)
        into = moment / self.duration - window
        try:
            before, current = self._count(ident, window)
        except RedisError as error:
            log.warning("throttling is off, Redis does not answer: %s", error)
            return True
        self._wait = self.duration * (1 - into)
        return before * (1 - into) + current <= self.num_requests

    def _count(self, ident: str, window: int) -> tuple[int, int]:
        """Requests of the window before, and of this one with the present request; one message to Redis."""
        before, current = (
            redis.key(connection.schema_name, "throttle", ident, str(each), operators=True)
            for each in (window - 1, window)
        )
        messages = redis.client().pipeline(transaction=False)
        messages.get(before)
        messages.incr(current)
        messages.expire(current, self.duration * 2)
        counted, number, _ = messages.execute()
        return int(counted or 0), int(number)

    def wait(self) -> float:
        return self._wait


class UserThrottle(WindowThrottle):
    scope = "user"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002
        return f"user:{request.user.pk}" if request.user is not None else None


class AddressThrottle(WindowThrottle):
    scope = "anon"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002
        return f"address:{self.get_ident(request)}" if request.user is None else None
