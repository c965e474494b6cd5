"""Opening, suspending, resuming and removing a tenant."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django_tenants.utils import get_public_schema_name, quote_schema_name, schema_context, tenant_context

from apps.kernel.connections import connection
from apps.kernel.errors import Conflict, FieldError, Invalid
from apps.kernel.events import publish
from apps.tenants.events import (
    FirstOwner,
    SubscriptionProvisioned,
    SubscriptionRemoved,
    SubscriptionResumed,
    SubscriptionSuspended,
)
from apps.tenants.models import Domain, Plan, Subscription
from apps.tenants.models.domain import validate_host
from apps.tenants.services.schemas import build_schema


def provision(
    *,
    name: str,
    host: str,
    plan_key: str = "standard",
    description: str = "",
    registration_open: bool = False,
    owner: FirstOwner | None = None,
) -> Subscription:
    """Make the tenant: its row and host, its schema, its first owner. Nothing is left when a step fails.

    Raises Invalid for an unknown plan, and for a host that is wrong or taken.
    """
    host = host.lower()
    plan = _plan(plan_key)
    check_host(host)
    with schema_context(get_public_schema_name()):
        with transaction.atomic():
            subscription = Subscription(
                name=name, description=description, plan=plan, registration_open=registration_open
            )
            subscription.save()
            Domain.objects.create(domain=host, tenant=subscription, is_primary=True)
        try:
            build_schema(subscription.schema_name)
            with tenant_context(subscription), transaction.atomic():
                Subscription.objects.filter(pk=subscription.pk).update(status=Subscription.Status.ACTIVE)
                publish(
                    SubscriptionProvisioned(
                        subscription_id=subscription.pk, schema_name=subscription.schema_name, owner=owner
                    )
                )
        except BaseException:
            _drop_schema(subscription.schema_name)
            with schema_context(get_public_schema_name()):
                Subscription.objects.filter(pk=subscription.pk).delete()
            raise
    subscription.status = Subscription.Status.ACTIVE
    return subscription


@transaction.atomic
def suspend(*, subscription: Subscription) -> Subscription:
    """Close the tenant's host to everybody; nothing is deleted. Raises Conflict if it is not active."""
    _move(subscription, Subscription.Status.ACTIVE, Subscription.Status.SUSPENDED)
    publish(SubscriptionSuspended(subscription_id=subscription.pk, schema_name=subscription.schema_name))
    return subscription


@transaction.atomic
def resume(*, subscription: Subscription) -> Subscription:
    """Open a suspended tenant again. Raises Conflict if it is not suspended."""
    _move(subscription, Subscription.Status.SUSPENDED, Subscription.Status.ACTIVE)
    publish(SubscriptionResumed(subscription_id=subscription.pk, schema_name=subscription.schema_name))
    return subscription


@transaction.atomic
def remove(*, subscription: Subscription) -> None:
    """Drop the schema and forget the subscription: final. Raises Conflict unless it is suspended."""
    if subscription.status != Subscription.Status.SUSPENDED:
        raise Conflict("Only a suspended subscription can be removed", remedy="Suspend it first", code="not_suspended")
    identity = subscription.pk
    with schema_context(get_public_schema_name()):
        _drop_schema(subscription.schema_name)
        Subscription.objects.filter(pk=identity).delete()
        publish(SubscriptionRemoved(subscription_id=identity, schema_name=subscription.schema_name))


def _plan(key: str) -> Plan:
    plan = Plan.objects.filter(key=key).first()
    if plan is None:
        known = ", ".join(Plan.objects.values_list("key", flat=True))
        raise Invalid(errors=[FieldError("plan", "not_found", f"There is no such plan; there are {known}")])
    return plan


def check_host(host: str) -> None:
    """Raises Invalid for a host that is no host name, or belongs to somebody."""
    from django.conf import settings

    try:
        validate_host(host)
    except ValidationError as error:
        raise Invalid(errors=[FieldError("host", "invalid_host", error.messages[0])]) from error
    if host == settings.OPERATOR_HOST or Domain.objects.filter(domain=host).exists():
        raise Invalid(errors=[FieldError("host", "unique", "This host belongs to a subscription already")])


def _move(subscription: Subscription, old: str, new: str) -> None:
    moved = Subscription.objects.filter(pk=subscription.pk, status=old).update(status=new)
    if not moved:
        subscription.refresh_from_db(fields=["status"])
        raise Conflict(f"The subscription is {subscription.status}", code=f"not_{old}")
    subscription.status = new


def _drop_schema(schema_name: str) -> None:
    with connection.cursor() as cursor:
        # What this transaction has written there still waits for its deferred checks; tables in use do not drop.
        cursor.execute("set constraints all immediate")
        cursor.execute(f"drop schema if exists {quote_schema_name(schema_name)} cascade")
