"""The host decides the tenant, exactly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django_tenants.utils import schema_context, tenant_context
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.tenants.models import Subscription
from tests.db.conftest import HOST, RIVAL_HOST, CommittedTenant, TenantClient

HEALTH = "/api/v1/health"


@pytest.mark.parametrize(
    "host",
    [
        "nobody.example", f"www.{HOST}", f"{HOST}.", f"x.{HOST}", "127.0.0.1", "[::1]", "harbour.example.evil.example",
        "a b", "-", "public", "harbour_.example",
    ],
)  # fmt: skip
def test_t04_an_unknown_host_is_404(tenant: Any, host: str) -> None:
    answer = TenantClient(host).get(HEALTH)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("host", [HOST, HOST.upper(), f"{HOST}:8000"])
def test_the_tenants_host_opens_it_in_any_case_and_at_any_port(tenant: Any, host: str) -> None:
    assert TenantClient(host).get(HEALTH).status_code == 200


def test_a_suspended_tenant_is_closed_with_a_problem(tenant: Any) -> None:
    Subscription.objects.filter(pk=tenant.pk).update(status="suspended")
    answer = TenantClient(HOST).get(HEALTH)
    assert (answer.status_code, answer.json()["code"]) == (403, "suspended")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/users/", "/api/v1/schema", "/api/v1/docs", "/api//v1/users", "/api/v1/nothing", "/api/",
        "/api/v1/auth/login/", "/api/v1/USERS", "/api/v1/users/not-a-uuid",
    ],
)  # fmt: skip
def test_any_other_spelling_of_a_path_is_404_and_never_a_redirect(owner: User, api: Any, path: str) -> None:
    answer = api(owner).get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_t06_a_path_that_ends_like_a_public_one_is_not_public(tenant: Any, api: Any) -> None:
    assert api().get("/api/v1/users?x=/api/v1/health").status_code == 401
    assert api().get("/api/v1/features/check/health").status_code == 401


def test_t01_no_request_leaves_its_schema_on_the_connection(tenant: Any) -> None:
    client = APIClient(HTTP_HOST=HOST)  # ours would put the schema back by itself
    for path in (HEALTH, "/api/v1/auth/me", "/nothing"):
        client.get(path)
        assert connection.schema_name == "public", path


def test_t01_a_failing_request_leaves_nothing_either(tenant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.kernel.api.health import HealthView

    def fail(*_: Any) -> None:
        raise RuntimeError("the pier is closed")

    monkeypatch.setattr(HealthView, "get", fail)
    client = APIClient(HTTP_HOST=HOST, raise_request_exception=False)
    client.raise_request_exception = False
    answer = client.get(HEALTH)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "pier" not in answer.content.decode()
    assert connection.schema_name == "public"


def test_t02_a_task_keeps_no_tenant(tenant: Any, viewer: User, eager_tasks: None) -> None:
    from apps.accounts.tasks import send_reset_mail

    connection.set_schema_to_public()
    send_reset_mail.delay(schema_name=tenant.schema_name, email=viewer.email, base_url="http://x")
    assert connection.schema_name == "public"


def test_t03_two_tenants_share_no_cache_key(tenant: Any, rival: Any) -> None:
    with tenant_context(tenant):
        cache.set("tide", "high", 30)
    with tenant_context(rival):
        assert cache.get("tide") is None
    with schema_context("public"):
        assert cache.get("tide") is None


def test_t03_content_types_never_mix_between_threads(committed_tenant: CommittedTenant, django_db_blocker: Any) -> None:
    """In our schema the content type has another id: with one cache for all, a thread that looks it up while
    another fills the cache in the public schema gets that one's."""
    from django.contrib.contenttypes.models import ContentType
    from guardian.shortcuts import _get_ct_cached

    ours = committed_tenant.subscription.schema_name
    with django_db_blocker.unblock():
        right = {}
        for schema in ("public", ours):
            with schema_context(schema):
                ContentType.objects.filter(app_label="accounts", model="user").delete()
                if schema == ours:
                    for number in range(5):
                        ContentType.objects.create(app_label="gap", model=f"gap{number}")
                right[schema] = ContentType.objects.create(app_label="accounts", model="user").pk

        assert right["public"] != right[ours]
        inside, filled, looked_up = Event(), Event(), Event()

        def ours_late() -> int:
            with schema_context(ours):
                inside.set()
                assert filled.wait(10)
                found = ContentType.objects.get_for_model(User).pk
                looked_up.set()
            connection.close()
            return int(found)

        def public_meanwhile() -> None:
            assert inside.wait(10)
            with schema_context("public"):
                ContentType.objects.get_for_model(User)
                filled.set()
                assert looked_up.wait(10)  # leaving the schema would empty the cache
            connection.close()

        with ThreadPoolExecutor(2) as pool:
            late = pool.submit(ours_late)
            pool.submit(public_meanwhile).result()
            assert late.result() == right[ours]
        assert _get_ct_cached.cache_info().maxsize == 0


def test_t05_the_rivals_owner_finds_none_of_our_people(api: Any, rival: Any, rival_owner: User, viewer: User) -> None:
    rosa = api(rival_owner, host=RIVAL_HOST, tenant=rival)
    assert rosa.get(f"/api/v1/users/{viewer.pk}").status_code == 404
    assert rosa.patch(f"/api/v1/users/{viewer.pk}", {"is_active": False}).status_code == 404
    assert viewer.email not in rosa.get("/api/v1/users").content.decode()
