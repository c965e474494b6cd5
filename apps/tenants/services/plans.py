"""Changing a subscription and its plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.kernel.errors import Conflict, FieldError, Invalid
from apps.kernel.events import publish
from apps.tenants.events import SubscriptionUpgraded
from apps.tenants.hosts import forget_hosts
from apps.tenants.models import Plan, Subscription
from apps.tenants.services.provisioning import resume, suspend


@transaction.atomic
def change_plan(*, subscription: Subscription, plan_key: str) -> Subscription:
    """Move the subscription to the plan, up or down. Raises Invalid for an unknown plan."""
    plan = Plan.objects.filter(key=plan_key).first()
    if plan is None:
        known = ", ".join(Plan.objects.values_list("key", flat=True))
        raise Invalid(errors=[FieldError("plan", "not_found", f"There is no such plan; there are {known}")])
    old = subscription.plan.key
    # Not saved: its history would name whoever asks, and people of a tenant are not known in the public schema.
    Subscription.objects.filter(pk=subscription.pk).update(plan=plan)
    forget_hosts()
    subscription.plan = plan
    publish(SubscriptionUpgraded(subscription_id=subscription.pk, old_plan=old, new_plan=plan.key))
    return subscription


def upgrade_plan(*, subscription: Subscription, plan_key: str) -> Subscription:
    """As `change_plan`, upwards only. Raises Conflict `not_an_upgrade`."""
    plan = Plan.objects.filter(key=plan_key).first()
    if plan is not None and plan.rank <= subscription.plan.rank:
        raise Conflict(
            f"{plan.name} is not above {subscription.plan.name}",
            code="not_an_upgrade",
            remedy="Ask the operator to move to a smaller plan",
        )
    return change_plan(subscription=subscription, plan_key=plan_key)


@transaction.atomic
def change(*, subscription: Subscription, changes: Mapping[str, Any]) -> Subscription:
    """Change name, description, registration_open, plan (its key) and status (active, suspended)."""
    plain = [name for name in ("name", "description", "registration_open") if name in changes]
    for name in plain:
        setattr(subscription, name, changes[name])
    if plain:
        subscription.save(update_fields=[*plain, "updated_at"])
    if "plan" in changes:
        change_plan(subscription=subscription, plan_key=changes["plan"])
    wanted = changes.get("status", subscription.status)
    if wanted != subscription.status:
        (suspend if wanted == Subscription.Status.SUSPENDED else resume)(subscription=subscription)
    return subscription
