"""Finding the subscription that a command line names."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError

from apps.tenants.models import Subscription


def subscription_named(text: str) -> Subscription:
    """By id or by host. Raises CommandError."""
    found: Subscription | None
    try:
        found = Subscription.objects.select_related("plan").filter(pk=UUID(text)).first()
    except ValueError:
        found = Subscription.objects.select_related("plan").filter(domains__domain=text.lower()).first()
    if found is None:
        raise CommandError(f"There is no subscription {text!r}: give its id or its host")
    return found
