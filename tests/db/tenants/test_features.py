"""Override, plan, default: what a tenant may, and how much of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.kernel.clock import now
from apps.kernel.errors import FeatureDisabled, LimitReached
from apps.tenants import features, services
from apps.tenants.models import Feature, FeatureOverride


@pytest.fixture
def standard(tenant: Any) -> Any:
    return services.change_plan(subscription=tenant, plan_key="standard")


def test_the_editions_have_the_limits_they_are_sold_with(tenant: Any) -> None:
    said = {}
    for plan in ("standard", "premium", "enterprise"):
        services.change_plan(subscription=tenant, plan_key=plan)
        said[plan] = tuple(features.limit(name) for name in ("workflows", "connectors", "executions"))
    assert said["standard"] == (10, 10, 100)
    assert said["premium"][1:] == (50, 1000)
    assert said["enterprise"] == (None, None, None)


def test_the_tenth_fits_and_the_eleventh_is_402_with_what_would_lift_it(standard: Any) -> None:
    features.require_within("workflows", 9)
    with pytest.raises(LimitReached) as refused:
        features.require_within("workflows", 10)
    assert refused.value.status == 402
    assert refused.value.extra["plans"] == ["Premium", "Enterprise"]


def test_an_override_goes_before_the_plan_until_it_is_over(standard: Any) -> None:
    lineage = Feature.objects.get(key="lineage")
    assert not features.enabled("lineage")
    override = FeatureOverride.objects.create(subscription=standard, feature=lineage, is_enabled=True)
    assert features.enabled("lineage")
    override.expires_at = now() - timedelta(seconds=1)
    override.save()
    with pytest.raises(FeatureDisabled) as refused:
        features.require_enabled("lineage")
    assert refused.value.extra["plans"] == ["Premium", "Enterprise"]


def test_a_feature_no_plan_names_has_its_default(standard: Any) -> None:
    Feature.objects.create(key="tides", name="Tides", kind="switch", default_enabled=True)
    assert features.all_features()["tides"].source == "default"
    assert features.enabled("tides")


def test_anyone_signed_in_can_ask(standard: Any, viewer: User, api: Any) -> None:
    vera = api(viewer)
    lineage = vera.get("/api/v1/features/check/lineage").json()
    assert (lineage["enabled"], lineage["source"]) == (False, "plan")
    assert vera.get("/api/v1/features/check/tides").status_code == 404
    enabled = vera.get("/api/v1/features/enabled").json()
    assert "job_packages" in {each["key"] for each in enabled["results"]}
    assert "lineage" not in {each["key"] for each in enabled["results"]}
    usage = vera.get("/api/v1/features/usage/users").json()
    assert usage == {"type": "users", "used": 4, "limit": 5, "remaining": 1}
    assert vera.get("/api/v1/features/usage/tides").status_code == 404


def test_the_owner_upgrades_and_others_do_not(standard: Any, owner: User, editor: User, api: Any) -> None:
    path = "/api/v1/subscriptions/upgrade"
    assert api(editor).post(path, {"plan": "premium"}).status_code == 403
    assert api(owner).post(path, {"plan": "premium"}).json()["plan"] == "premium"
    down = api(owner).post(path, {"plan": "standard"})
    assert (down.status_code, down.json()["code"]) == (409, "not_an_upgrade")
    assert api(owner).post(path, {"plan": "gold"}).status_code == 400


def test_the_sixth_person_of_a_standard_tenant_is_402(standard: Any, owner: User, api: Any) -> None:
    olive = api(owner)
    assert olive.post("/api/v1/users", {"email": "fifth@harbour.example"}).status_code == 201
    sixth = olive.post("/api/v1/users", {"email": "sixth@harbour.example"})
    assert (sixth.status_code, sixth.json()["code"]) == (402, "limit_reached")


def test_the_plan_is_told_with_what_is_used_and_what_would_lift_it(standard: Any, viewer: User, api: Any) -> None:
    told = api(viewer).get("/api/v1/features/plan").json()
    assert told["plan"]["key"] == "standard"
    assert [plan["key"] for plan in told["plans"]] == ["standard", "premium", "enterprise"]
    features_told = {each["key"]: each for each in told["features"]}
    assert (features_told["users"]["used"], features_told["users"]["limit"]) == (4, 5)
    assert features_told["users"]["plans"] == ["premium", "enterprise"]
    assert (features_told["lineage"]["enabled"], features_told["lineage"]["plans"]) == (
        False,
        ["premium", "enterprise"],
    )
    assert features_told["sso"]["plans"] == ["enterprise"]
    assert (features_told["job_packages"]["enabled"], features_told["job_packages"]["plans"]) == (True, [])
    services.change_plan(subscription=standard, plan_key="enterprise")
    told = api(viewer).get("/api/v1/features/plan").json()
    assert {tuple(each["plans"]) for each in told["features"]} == {()}
    assert all(each["limit"] is None for each in told["features"] if each["kind"] == "limit")
