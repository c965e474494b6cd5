"""What happens to subscriptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOwner:
    """The first person of a new tenant, who owns it."""

    email: str
    name: str
    password: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionProvisioned(Event):
    """Published in the new tenant's schema, inside the transaction that opens it."""

    subscription_id: UUID
    schema_name: str
    owner: FirstOwner | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionSuspended(Event):
    subscription_id: UUID
    schema_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionResumed(Event):
    subscription_id: UUID
    schema_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionUpgraded(Event):
    subscription_id: UUID
    old_plan: str
    new_plan: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRemoved(Event):
    """The schema is gone; what lies outside the database (files, runs, caches) can go too."""

    subscription_id: UUID
    schema_name: str
