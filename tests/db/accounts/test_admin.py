"""The admin pages: the tenants' own and the operators'."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client

from apps.accounts.models import Role, User
from apps.kernel.admin import operator_site
from apps.tenants.models import Plan, Subscription
from tests.db.conftest import HOST, PASSWORD, TenantClient

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


def test_every_list_of_the_operators_site_opens(ada: TenantClient) -> None:
    for path in ["/admin/", *lists(operator_site)]:
        assert ada.get(path).status_code == 200, path


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
