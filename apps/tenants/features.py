"""What the current tenant's plan allows: an override of its own, else its plan, else the default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from apps.kernel.clock import now
from apps.kernel.connections import connection
from apps.kernel.errors import FeatureDisabled, LimitReached, NotFound
from apps.kernel.registry import Registry
from apps.tenants.models import Feature, FeatureOverride, PlanFeature, Subscription


@dataclass(frozen=True, slots=True)
class Grant:
    """A feature as it stands for one tenant. `limit` counts only where `kind` is `limit`; None is no limit.
    `source` says who decided: `override`, `plan` or `default`."""

    key: str
    name: str
    kind: str
    enabled: bool
    limit: int | None
    source: str


Usage = Callable[[], int]
_usage: Registry[Usage] = Registry("usage counter")


def register_usage(limit_name: str, count: Usage) -> None:
    """Tell how to count what a limit limits; call it in `ready()`. `count` runs in the tenant's schema."""
    _usage.register(limit_name, count)


def usage_types() -> tuple[str, ...]:
    return tuple(_usage)


def current_subscription() -> Subscription:
    """The tenant of this request or `schema_context`. Raises NotFound in the public schema."""
    tenant = connection.tenant
    if isinstance(tenant, Subscription):
        return tenant
    found: Subscription | None = (
        Subscription.objects.select_related("plan").filter(schema_name=connection.schema_name).first()
    )
    if found is None:
        raise NotFound("There is no subscription here")
    return found


def all_features(subscription: Subscription | None = None) -> Mapping[str, Grant]:
    """Every feature as it stands for the subscription (by default the current one); three queries."""
    subscription = subscription or current_subscription()
    said: dict[str, tuple[str, PlanFeature | FeatureOverride]] = {}
    for plan_feature in PlanFeature.objects.filter(plan_id=subscription.plan_id).select_related("feature"):
        said[plan_feature.feature.key] = ("plan", plan_feature)
    living = FeatureOverride.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now()), subscription=subscription)
    for override in living.select_related("feature"):
        said[override.feature.key] = ("override", override)
    grants = {}
    for feature in Feature.objects.all():
        source, setting = said.get(feature.key, ("default", None))
        grants[feature.key] = Grant(
            feature.key,
            feature.name,
            feature.kind,
            setting.is_enabled if setting else feature.default_enabled,
            setting.limit if setting else feature.default_limit,
            source,
        )
    return grants


def enabled(feature: str) -> bool:
    """Whether the current tenant has the feature. An unknown name is a programming error (KeyError)."""
    return all_features()[feature].enabled


def require_enabled(feature: str) -> None:
    """Raises FeatureDisabled, naming the plans that include it."""
    grant = all_features()[feature]
    if not grant.enabled:
        plans = list(
            PlanFeature.objects.filter(feature__key=feature, is_enabled=True)
            .order_by("plan__rank")
            .values_list("plan__name", flat=True)
        )
        raise FeatureDisabled(
            f"{grant.name} is not part of your plan",
            remedy=f"Upgrade to {' or '.join(plans)}" if plans else "Ask the operator",
            extra={"feature": feature, "plans": plans},
        )


def limit(name: str) -> int | None:
    """How many the current tenant may have; None is without limit. Unknown names raise KeyError."""
    return all_features()[name].limit


def require_within(limit_name: str, current: int) -> None:
    """Raises LimitReached when `current` things already fill the limit, so that one more is too many."""
    allowed = limit(limit_name)
    if allowed is not None and current >= allowed:
        plans = list(
            PlanFeature.objects.filter(Q(limit=None) | Q(limit__gt=allowed), feature__key=limit_name)
            .order_by("plan__rank")
            .values_list("plan__name", flat=True)
        )
        raise LimitReached(
            f"Your plan allows {allowed} {limit_name}",
            remedy=f"Upgrade to {' or '.join(plans)}" if plans else "Ask the operator for more",
            extra={"limit": limit_name, "allowed": allowed, "used": current, "plans": plans},
        )


def used(limit_name: str) -> int:
    """How many the current tenant has now. Raises NotFound for what nobody counts."""
    count = _usage.get(limit_name)
    if count is None:
        raise NotFound(f"Nothing counts {limit_name!r}", remedy=f"Known: {', '.join(_usage)}")
    return count()
