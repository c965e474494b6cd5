"""Whose a host is: asked by every request, and remembered for a moment."""

from __future__ import annotations

import copy
import time

from apps.tenants.models import Domain, Subscription

_REMEMBERED_SECONDS = 1.0
"""How long other processes may still answer for a tenant that was suspended."""
_MOST_REMEMBERED = 10_000
_remembered: dict[str, tuple[float, Subscription]] = {}


def subscription_of(host: str) -> Subscription | None:
    """The subscription of a host (no port; exactly as it is written, but for upper case), or None."""
    domain = Domain.objects.select_related("tenant__plan").filter(domain=host.lower()).first()
    return None if domain is None else domain.tenant


def forget_hosts(**_: object) -> None:
    """Hosts, subscriptions or plans have changed."""
    _remembered.clear()


def tenant_of(host: str) -> Subscription | None:
    """The same, as it was within the last second: every request asks, and hardly one gets another answer. Each
    has an object of its own. Hosts that are nobody's are not remembered: strangers could fill the memory."""
    known = _remembered.get(host)
    if known is None or time.monotonic() - known[0] > _REMEMBERED_SECONDS:
        found = subscription_of(host)
        if found is None:
            return None
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        known = _remembered[host] = (time.monotonic(), found)
    return copy.copy(known[1])
