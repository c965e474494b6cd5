"""The editions that UZO is delivered with; `None` is without limit. Operators change them in the admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps.registry import Apps

GIGABYTE = 10**9
SWITCHES: Mapping[str, str] = {
    "lineage": "Lineage and impact analysis",
    "monitoring": "Monitoring",
    "job_packages": "Job packages",
    "sso": "Single sign-on",
    "dedicated_infrastructure": "Dedicated infrastructure",
    "genai": "GenAI nodes",
}
LIMITS: Mapping[str, str] = {
    "workflows": "Workflows",
    "connectors": "Connectors",
    "executions": "Executions a month",
    "concurrent_executions": "Executions at once",
    "users": "Users",
    "run_store_bytes": "Bytes of run data",
}
PLANS: Mapping[str, Mapping[str, Any]] = {
    "standard": {
        "name": "Standard",
        "price": 99,
        "rank": 1,
        "switches": ["job_packages"],
        "limits": {
            "workflows": 10,
            "connectors": 10,
            "executions": 100,
            "concurrent_executions": 2,
            "users": 5,
            "run_store_bytes": 5 * GIGABYTE,
        },
    },
    "premium": {
        "name": "Premium",
        "price": 299,
        "rank": 2,
        "switches": ["job_packages", "lineage", "monitoring", "genai"],
        "limits": {
            "workflows": 100,
            "connectors": 50,
            "executions": 1000,
            "concurrent_executions": 10,
            "users": 50,
            "run_store_bytes": 50 * GIGABYTE,
        },
    },
    "enterprise": {
        "name": "Enterprise",
        "price": None,
        "rank": 3,
        "switches": list(SWITCHES),
        "limits": dict.fromkeys(LIMITS),
    },
}


WITHOUT_LIMIT = frozenset({"concurrent_executions"})
"""Limits that do not hold where a plan does not mention them: what an operator's own plan allowed stays allowed."""


def install(apps: Apps) -> None:
    """Write the editions; what is there already stays as operators left it."""
    plan_model, feature_model, plan_feature = (
        apps.get_model("tenants", name) for name in ("Plan", "Feature", "PlanFeature")
    )
    features: dict[str, Any] = {}
    for kind, names in (("switch", SWITCHES), ("limit", LIMITS)):
        for key, name in names.items():
            features[key], _ = feature_model.objects.get_or_create(
                key=key,
                defaults={
                    "name": name,
                    "kind": kind,
                    "default_limit": 0 if kind == "limit" and key not in WITHOUT_LIMIT else None,
                },
            )
    for key, says in PLANS.items():
        plan, _ = plan_model.objects.get_or_create(
            key=key, defaults={name: says[name] for name in ("name", "price", "rank")}
        )
        for switch in SWITCHES:
            plan_feature.objects.get_or_create(
                plan=plan, feature=features[switch], defaults={"is_enabled": switch in says["switches"]}
            )
        for limit, number in says["limits"].items():
            plan_feature.objects.get_or_create(plan=plan, feature=features[limit], defaults={"limit": number})
