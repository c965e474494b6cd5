"""What accounts does when something happens below it."""

from __future__ import annotations

from apps.accounts.models import Role, User
from apps.tenants.events import SubscriptionProvisioned


def create_first_owner(event: SubscriptionProvisioned) -> None:
    """A new tenant gets the owner it was provisioned with; without a password they ask for one by mail."""
    if event.owner is not None:
        User.objects.create_superuser(
            event.owner.email, event.owner.password, name=event.owner.name, role=Role.objects.get(name="owner")
        )
