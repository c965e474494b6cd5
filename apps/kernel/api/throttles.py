"""Throttles: a counter per person, or per address of a stranger, and minute."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

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
            before = cache.get(f"{ident}:{window - 1}", 0)
            current = self._count(f"{ident}:{window}")
        except RedisError as error:
            log.warning("throttling is off, Redis does not answer: %s", error)
            return True
        self._wait = self.duration * (1 - into)
        return bool(before * (1 - into) + current <= self.num_requests)

    def _count(self, key: str) -> int:
        cache.add(key, 0, timeout=self.duration * 2)
        try:
            return int(cache.incr(key))
        except ValueError:  # expired between the two calls
            cache.set(key, 1, timeout=self.duration * 2)
            return 1

    def wait(self) -> float:
        return self._wait


class UserThrottle(WindowThrottle):
    scope = "user"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002
        return f"throttle:user:{request.user.pk}" if request.user is not None else None


class AddressThrottle(WindowThrottle):
    scope = "anon"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002
        return f"throttle:address:{self.get_ident(request)}" if request.user is None else None
