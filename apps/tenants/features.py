"""What the current tenant's plan allows: an override of its own, else its plan, else the default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from apps.kernel.clock import now
from apps.kernel.connections import connection
from apps.kernel.errors import FeatureDisabled, LimitReached, NotFound
from apps.kernel.registry import Registry
from apps.tenants.models import Feature, Plan, PlanFeature, Subscription


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


_AS_THEY_STAND = """
select feature.key, feature.name, feature.kind, own.id is not null, of_plan.id is not null,
    own.is_enabled, own."limit", of_plan.is_enabled, of_plan."limit", feature.default_enabled, feature.default_limit
from public.tenants_feature feature
left join public.tenants_planfeature of_plan on of_plan.feature_id = feature.id and of_plan.plan_id = %s
left join public.tenants_featureoverride own on own.feature_id = feature.id and own.subscription_id = %s
    and (own.expires_at is null or own.expires_at > %s)
order by feature.key
"""
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
    """Every feature as it stands for the subscription (by default the current one); one query."""
    subscription = subscription or current_subscription()
    grants = {}
    with connection.cursor() as cursor:
        cursor.execute(_AS_THEY_STAND, [subscription.plan_id, subscription.pk, now()])
        for key, name, kind, own, of_plan, *settings in cursor.fetchall():
            source = "override" if own else "plan" if of_plan else "default"
            at = 2 * ("override", "plan", "default").index(source)
            grants[key] = Grant(key, name, kind, settings[at], settings[at + 1], source)
    return grants


@dataclass(frozen=True, slots=True)
class Offer:
    """A feature as it stands, with what of a limit is used, and the higher plans that would give (more of) it."""

    grant: Grant
    used: int | None
    plans: tuple[Plan, ...]


def offers(subscription: Subscription) -> tuple[list[Offer], list[Plan]]:
    """All features, and all plans by rank; five queries, and one for each counter of usage."""
    plans = list(Plan.objects.order_by("rank"))
    settings = {(each.feature_id, each.plan_id): each for each in PlanFeature.objects.all()}
    ids = dict(Feature.objects.values_list("key", "pk"))
    above = [plan for plan in plans if plan.rank > subscription.plan.rank]

    def lifts(grant: Grant, plan: Plan) -> bool:
        setting = settings.get((ids[grant.key], plan.pk))
        if setting is None:
            return False
        if grant.kind == Feature.Kind.SWITCH:
            return setting.is_enabled and not grant.enabled
        return grant.limit is not None and (setting.limit is None or setting.limit > grant.limit)

    found = [
        Offer(
            grant,
            used(grant.key) if grant.kind == Feature.Kind.LIMIT and grant.key in _usage else None,
            tuple(plan for plan in above if lifts(grant, plan)),
        )
        for grant in all_features(subscription).values()
    ]
    return found, plans


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
