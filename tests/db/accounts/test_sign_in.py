"""Signing in, staying signed in, and being out at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.core import mail
from django_tenants.utils import tenant_context

from apps.accounts.models import RefreshToken, SignIn, User
from apps.accounts.tokens import read_access
from apps.kernel.clock import now
from apps.kernel.errors import NotAuthenticated
from tests.db.conftest import HOST, PASSWORD, RIVAL_HOST, TenantClient

LOGIN = "/api/v1/auth/login"
ME = "/api/v1/auth/me"


def login(client: Any, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"email": email, "password": password})


@pytest.fixture
def signed_in(api: Any, viewer: User) -> dict[str, Any]:
    answer = login(api(), viewer.email)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def bearer(api: Any, access: str) -> TenantClient:
    client: TenantClient = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client


def test_vera_signs_in_whatever_the_case_of_her_address(api: Any, viewer: User) -> None:
    answer = login(api(), "VERA@Harbour.example")
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "user"}
    assert answer.json()["user"]["id"] == str(viewer.pk)
    assert "password" not in answer.content.decode().replace("password_", "")
    me = bearer(api, answer.json()["access"]).get(ME).json()
    assert (me["email"], me["role"], me["is_owner"]) == (viewer.email, "viewer", False)


@pytest.mark.parametrize(
    ("email", "password"), [("vera@harbour.example", "wrong"), ("nobody@harbour.example", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_address_are_told_the_same(
    api: Any, tenant: Any, email: str, password: str
) -> None:
    answer = login(api(), email, password)
    assert answer.status_code == 401
    assert answer.json()["code"] == "wrong_credentials"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_refresh_token_is_good_once_and_its_second_use_ends_the_family(api: Any, signed_in: dict[str, Any]) -> None:
    first = api().post("/api/v1/auth/refresh", {"refresh": signed_in["refresh"]})
    assert first.status_code == 200
    assert set(first.json()) == {"access", "refresh"}
    again = api().post("/api/v1/auth/refresh", {"refresh": signed_in["refresh"]})
    assert (again.status_code, again.json()["code"]) == (401, "refresh_reused")
    newest = api().post("/api/v1/auth/refresh", {"refresh": first.json()["refresh"]})
    assert newest.status_code == 401
    assert bearer(api, first.json()["access"]).get(ME).status_code == 401


def test_an_old_refresh_token_is_refused(api: Any, signed_in: dict[str, Any]) -> None:
    RefreshToken.objects.update(expires_at=now() - timedelta(seconds=1))
    assert api().post("/api/v1/auth/refresh", {"refresh": signed_in["refresh"]}).status_code == 401


def test_signing_out_ends_access_and_refresh_at_once(api: Any, signed_in: dict[str, Any]) -> None:
    vera = bearer(api, signed_in["access"])
    assert vera.post("/api/v1/auth/logout", {"refresh": signed_in["refresh"]}).status_code == 204
    assert vera.get(ME).status_code == 401
    assert api().post("/api/v1/auth/refresh", {"refresh": signed_in["refresh"]}).status_code == 401


def test_nobody_signs_another_out(api: Any, signed_in: dict[str, Any], editor: User) -> None:
    assert api(editor).post("/api/v1/auth/logout", {"refresh": signed_in["refresh"]}).status_code == 204
    assert bearer(api, signed_in["access"]).get(ME).status_code == 200


def test_t05_a_token_is_refused_at_another_tenant_before_anybody_is_looked_up(
    signed_in: dict[str, Any], rival: Any, django_assert_num_queries: Any
) -> None:
    """Were there a person and a sign-in with these ids at the rival's, the token would still not be theirs."""
    assert read_access(signed_in["access"])
    with tenant_context(rival), django_assert_num_queries(0), pytest.raises(NotAuthenticated):
        read_access(signed_in["access"])


def test_a_token_is_good_on_its_tenants_host_only(api: Any, owner: User, rival: Any) -> None:
    access = login(api(), owner.email).json()["access"]
    elsewhere = TenantClient(RIVAL_HOST)
    elsewhere.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    assert elsewhere.get(ME).status_code == 401
    at_the_operators = TenantClient("operator.localhost")
    at_the_operators.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    assert at_the_operators.get(ME).status_code == 401


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a b",
        "é",
        jwt.encode({"sub": "x"}, "another key that is quite long enough", algorithm="HS256"),
        jwt.encode({"sub": "x"}, None, algorithm="none"),
    ],
)
def test_a_token_that_we_did_not_sign_is_401(api: Any, tenant: Any, token: str) -> None:
    client = TenantClient(HOST)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get(ME).status_code == 401


def test_a_token_past_its_end_is_401(api: Any, viewer: User, tenant: Any) -> None:
    sign_in = SignIn.objects.create(user=viewer)
    claims = {"sub": str(viewer.pk), "sid": str(sign_in.pk), "aud": str(tenant.id), "exp": now() - timedelta(seconds=1)}
    answer = bearer(api, jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")).get(ME)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_t10_a_disabled_persons_token_session_and_key_are_dead_at_once(
    api: Any, owner: User, viewer: User, signed_in: dict[str, Any]
) -> None:
    vera = bearer(api, signed_in["access"])
    key = vera.post("/api/v1/auth/api-keys", {"name": "Script"}).json()["key"]
    browser = TenantClient(HOST)
    browser.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(ME).status_code == 200
    assert api(owner).patch(f"/api/v1/users/{viewer.pk}", {"is_active": False}).status_code == 200
    by_key = TenantClient(HOST)
    by_key.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    assert [client.get(ME).status_code for client in (vera, browser, by_key)] == [401, 401, 401]
    assert api().post("/api/v1/auth/refresh", {"refresh": signed_in["refresh"]}).status_code == 401
    assert api(owner).patch(f"/api/v1/users/{viewer.pk}", {"is_active": True}).status_code == 200
    assert [client.get(ME).status_code for client in (vera, browser)] == [401, 401]


def test_a_browser_signs_in_with_its_csrf_token_and_not_without(api: Any, viewer: User) -> None:
    browser = TenantClient(HOST, enforce_csrf_checks=True)
    body = {"email": viewer.email, "password": PASSWORD}
    refused = browser.post("/api/v1/auth/session", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    token = "c" * 32
    browser.cookies["csrftoken"] = token
    assert browser.post("/api/v1/auth/session", body, headers={"X-CSRFToken": token}).status_code == 200
    assert browser.get(ME).json()["email"] == viewer.email
    refused = browser.patch(ME, {"name": "Vera V."})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    token = browser.cookies["csrftoken"].value
    assert browser.patch(ME, {"name": "Vera V."}, headers={"X-CSRFToken": token}).status_code == 200
    assert browser.delete("/api/v1/auth/session", headers={"X-CSRFToken": token}).status_code == 204
    assert browser.get(ME).status_code == 401


def test_registration_gives_an_account_without_any_grant_where_it_is_open(api: Any, tenant: Any) -> None:
    body = {"email": "New@Harbour.example", "password": "a pier in the fog", "name": "Nell"}
    closed = api().post("/api/v1/auth/register", body)
    assert (closed.status_code, closed.json()["code"]) == (403, "registration_closed")
    tenant.registration_open = True
    tenant.save(update_fields=["registration_open"])
    made = api().post("/api/v1/auth/register", body)
    assert made.status_code == 201
    assert made.json()["email"] == "new@harbour.example"
    assert (made.json()["role"], made.json()["is_owner"]) == (None, False)
    assert "access" not in made.json()
    again = api().post("/api/v1/auth/register", body)
    assert again.status_code == 400
    assert again.json()["errors"] == [
        {"field": "email", "code": "unique", "message": "Somebody has this address already"}
    ]


def test_a_weak_password_is_refused_with_every_reason(api: Any, tenant: Any) -> None:
    type(tenant).objects.filter(pk=tenant.pk).update(registration_open=True)
    answer = api().post("/api/v1/auth/register", {"email": "nell@harbour.example", "password": "1234567"})
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"password"}
    assert {"password_too_short", "password_too_common"} <= {error["code"] for error in answer.json()["errors"]}


def test_forgot_password_answers_everyone_alike_and_its_link_works_once(
    api: Any, viewer: User, signed_in: dict[str, Any], eager_tasks: None
) -> None:
    known = api().post("/api/v1/auth/forgot-password", {"email": viewer.email})
    unknown = api().post("/api/v1/auth/forgot-password", {"email": "nobody@harbour.example"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    [letter] = mail.outbox
    assert letter.to == [viewer.email]
    assert f"http://{HOST}/reset-password?token=" in letter.body
    token = letter.body.split("token=")[1].split()[0]
    body = {"token": token, "password": "herring and toast"}
    assert api().post("/api/v1/auth/reset-password", body).status_code == 204
    assert login(api(), viewer.email, "herring and toast").status_code == 200
    assert bearer(api, signed_in["access"]).get(ME).status_code == 401
    again = api().post("/api/v1/auth/reset-password", body)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "token")


@pytest.mark.parametrize("token", ["", "x", "x.y", "0" * 32 + ".c0ffee-1", "😀"])
def test_a_made_up_reset_token_is_400(api: Any, tenant: Any, token: str) -> None:
    answer = api().post("/api/v1/auth/reset-password", {"token": token, "password": "herring and toast"})
    assert answer.status_code == 400


def test_changing_ones_password_needs_the_old_one(api: Any, viewer: User) -> None:
    vera = api(viewer)
    body = {"current_password": "wrong", "password": "herring and toast"}
    assert vera.post("/api/v1/auth/change-password", body).status_code == 400
    body["current_password"] = PASSWORD
    assert vera.post("/api/v1/auth/change-password", body).status_code == 204
    assert login(api(), viewer.email, "herring and toast").status_code == 200


def test_the_same_address_is_another_person_at_the_rivals(rival: Any, owner: User) -> None:
    with tenant_context(rival):
        assert User.objects.create_user(owner.email, "another one here").pk != owner.pk
