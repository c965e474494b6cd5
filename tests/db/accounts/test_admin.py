"""The admin pages: the tenants' own and the operators'."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.utils.timezone import now
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import HistoricalChanges
from unfold.admin import ModelAdmin

from apps.accounts.models import Role, User
from apps.kernel.admin import operator_site
from apps.tenants.models import Plan, Subscription
from apps.workflows.models import WorkflowLock
from apps.workflows.services.saving import create_workflow
from tests.db.conftest import HOST, PASSWORD, TenantClient

INLINE = {
    "accounts.Membership",
    "executions.JobRunStep",
    "executions.StageResult",
    "tenants.FeatureOverride",
    "tenants.PlanFeature",
    "workspaces.JobPackageItem",
}
"""Shown on the page of what they belong to."""
MACHINERY = {
    "accounts.RefreshToken",
    "executions.LoopIteration",
    "executions.NodePreview",
    "executions.ObjectReference",
    "executions.ParkedStage",
    "executions.SourceSample",
    "executions.StoredOutput",
    "kernel.IdempotentAnswer",
    "vault.DataKey",
    "vault.VaultParameters",
    "workflows.WorkflowNode",
}
"""Keys, caches and indexes: nothing that a person looks through or could mend by hand."""
OPERATOR = "operator.localhost"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def olive(owner: User) -> TenantClient:
    client = TenantClient(HOST)
    client.force_login(owner, backend=BACKEND)
    return client


@pytest.fixture
def ada(db: None) -> TenantClient:
    connection.set_schema_to_public()
    client = TenantClient(OPERATOR)
    client.force_login(User.objects.create_superuser("ada@platform.example", PASSWORD), backend=BACKEND)
    return client


def lists(site: Any) -> list[str]:
    return [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in site._registry]


def test_every_list_of_the_tenants_site_opens_searches_and_is_the_owners_alone(
    olive: TenantClient, viewer: User
) -> None:
    vera = TenantClient(HOST)
    vera.force_login(viewer, backend=BACKEND)
    for path in ["/admin/", *lists(admin.site)]:
        assert olive.get(path).status_code == 200, path
        assert olive.get(path, {"q": "a"}).status_code == 200, path
        assert vera.get(path).status_code == 302, path
        assert TenantClient(HOST).get(path).status_code == 302, path


def test_every_list_of_the_operators_site_opens_and_searches(ada: TenantClient) -> None:
    for path in ["/admin/", *lists(operator_site)]:
        assert ada.get(path).status_code == 200, path
        assert ada.get(path, {"q": "a"}).status_code == 200, path


def test_every_model_is_on_a_site_or_belongs_to_the_machinery() -> None:
    models = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and not issubclass(model, HistoricalChanges)
    }
    shown = {model._meta.label for model in (*admin.site._registry, *operator_site._registry)}
    assert models - shown - INLINE == MACHINERY
    assert not shown & (INLINE | MACHINERY)


@pytest.mark.parametrize("site", [admin.site, operator_site], ids=["tenants", "operators"])
def test_every_model_on_a_site_is_searched_and_filtered_and_what_hands_change_has_a_history(site: Any) -> None:
    for model, shown in site._registry.items():
        if model.__module__.startswith("apps."):
            assert shown.search_fields, model
            assert shown.list_filter, model
            # Who overrides nothing may change it by hand.
            by_hand = type(shown).has_change_permission is ModelAdmin.has_change_permission
            assert isinstance(shown, SimpleHistoryAdmin) or not by_hand, model


def test_what_an_operator_changes_of_a_plan_and_its_features_is_kept(ada: TenantClient) -> None:
    premium = Plan.objects.get(key="premium")
    setting = premium.features.first()
    assert setting is not None
    form = {
        "key": premium.key, "name": "Premium plus", "description": "", "price": "1", "rank": premium.rank,
        "features-TOTAL_FORMS": 1, "features-INITIAL_FORMS": 1, "features-0-id": setting.pk,
        "features-0-plan": premium.pk, "features-0-feature": setting.feature_id, "features-0-limit": "7",
    }  # fmt: skip
    page = f"/admin/tenants/plan/{premium.pk}"
    assert ada.post(f"{page}/change/", form, format="multipart").status_code == 302
    assert Plan.history.filter(name="Premium plus").latest().history_user.email == "ada@platform.example"
    assert setting.history.latest().limit == 7
    assert "ada@platform.example" in ada.get(f"{page}/history/").content.decode()


def test_an_owner_lets_go_of_a_workflow_that_somebody_else_holds(
    olive: TenantClient, owner: User, editor: User, place: Any
) -> None:
    workflow = create_workflow(job=place.job, by=owner, name="Tides", diagram={"nodes": [], "edges": []}).workflow
    WorkflowLock.objects.create(workflow=workflow, holder=editor, since=now(), expires_at=now() + timedelta(hours=1))
    chosen = {"action": "release", "_selected_action": workflow.pk}
    assert olive.post("/admin/workflows/workflowlock/", chosen, format="multipart").status_code == 302
    assert not WorkflowLock.objects.exists()


def test_the_sites_do_not_mix(olive: TenantClient) -> None:
    assert olive.get("/admin/tenants/subscription/").status_code == 404


def test_an_operator_opens_suspends_and_removes_a_tenant_by_hand(ada: TenantClient) -> None:
    base = "/admin/tenants/subscription/"
    form = {"name": "Lagoon", "description": "", "plan": Plan.objects.get(key="premium").pk, "host": "lagoon.example"}
    wrong = ada.post(f"{base}add/", {**form, "host": HOST}, format="multipart")
    assert wrong.status_code == 200
    assert "belongs to a subscription already" in wrong.content.decode()
    made = ada.post(f"{base}add/", {**form, "owner_email": "lena@lagoon.example"}, format="multipart")
    assert made.status_code == 302
    lagoon = Subscription.objects.get(name="Lagoon")
    assert lagoon.is_active
    page = f"{base}{lagoon.pk}"
    assert ada.get(f"{page}/change/").status_code == 200
    assert ada.get(f"{page}/history/").status_code == 200
    assert ada.post(f"{page}/delete/", {"post": "yes"}, format="multipart").status_code == 403
    ada.post(base, {"action": "suspend", "_selected_action": lagoon.pk}, format="multipart")
    lagoon.refresh_from_db()
    assert lagoon.status == "suspended"
    assert ada.post(f"{page}/delete/", {"post": "yes"}, format="multipart").status_code == 302
    assert not Subscription.objects.filter(pk=lagoon.pk).exists()


def test_an_owner_makes_a_person_and_switches_one_off_by_hand(olive: TenantClient, viewer: User) -> None:
    role = Role.objects.get(name="runner").pk
    form = {"email": "tom@harbour.example", "name": "Tom", "role": role, "is_active": "on"}
    assert olive.post("/admin/accounts/user/add/", form, format="multipart").status_code == 302
    tom = User.objects.get(email="tom@harbour.example")
    assert not tom.has_usable_password()
    olive.post("/admin/accounts/user/", {"action": "disable", "_selected_action": viewer.pk}, format="multipart")
    viewer.refresh_from_db()
    assert not viewer.is_active


def test_the_last_owner_is_not_switched_off_by_hand(olive: TenantClient, owner: User) -> None:
    olive.post("/admin/accounts/user/", {"action": "disable", "_selected_action": owner.pk}, format="multipart")
    owner.refresh_from_db()
    assert owner.is_active


def test_the_admins_door_closes_like_the_others(tenant: Any, settings: Any) -> None:
    client = Client(HTTP_HOST=HOST)
    body = {"username": "vera@harbour.example", "password": "wrong"}
    statuses = [client.post("/admin/login/", body).status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    connection.set_tenant(tenant)
