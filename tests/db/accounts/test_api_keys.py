"""API keys: shown once, kept as a digest, scoped, expiring."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.accounts.models import ApiKey, User
from apps.kernel.clock import now
from tests.db.conftest import HOST, TenantClient

KEYS = "/api/v1/auth/api-keys"
ME = "/api/v1/auth/me"


def by_key(key: str) -> TenantClient:
    client = TenantClient(HOST)
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return client


def test_a_key_is_shown_once_works_and_ends(api: Any, viewer: User) -> None:
    vera = api(viewer)
    made = vera.post(KEYS, {"name": "Nightly script"})
    assert made.status_code == 201
    key = made.json()["key"]
    row = ApiKey.objects.get()
    assert key not in (row.digest, row.prefix)
    assert key.startswith(row.prefix)
    listed = vera.get(KEYS).json()["results"]
    assert [each["prefix"] for each in listed] == [row.prefix]
    assert "key" not in listed[0]
    assert by_key(key).get(ME).json()["email"] == viewer.email
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert vera.delete(f"{KEYS}/{row.pk}").status_code == 204
    assert by_key(key).get(ME).status_code == 401


def test_a_key_that_is_over_wrong_or_almost_right_is_401(api: Any, viewer: User) -> None:
    key = api(viewer).post(KEYS, {"name": "x", "expires_at": (now() + timedelta(hours=1)).isoformat()}).json()["key"]
    for wrong in ("", "x", key[:-1], f"{key}x", key.swapcase(), "é", "a b"):
        assert by_key(wrong).get(ME).status_code == 401
    assert by_key(key).get(ME).status_code == 200
    ApiKey.objects.update(expires_at=now())
    assert by_key(key).get(ME).json()["code"] == "api_key_expired"


def test_a_key_that_ends_before_it_begins_is_refused(api: Any, viewer: User) -> None:
    answer = api(viewer).post(KEYS, {"name": "x", "expires_at": "2020-01-01T00:00:00Z"})
    assert answer.json()["errors"][0]["field"] == "expires_at"


def test_a_reading_key_of_the_owner_only_reads(api: Any, owner: User) -> None:
    reading = by_key(api(owner).post(KEYS, {"name": "Dashboard", "scopes": ["read"]}).json()["key"])
    assert reading.get("/api/v1/workspaces").status_code == 200
    assert reading.post("/api/v1/workspaces", {"name": "Harbour"}).status_code == 403
    assert reading.get("/api/v1/users").status_code == 403
    assert reading.patch(ME, {"name": "X"}).status_code == 403


def test_a_key_makes_no_keys_and_no_passwords(api: Any, owner: User) -> None:
    made = api(owner).post(KEYS, {"name": "All"}).json()
    client = by_key(made["key"])
    assert client.post(KEYS, {"name": "Another"}).status_code == 403
    assert client.delete(f"{KEYS}/{made['id']}").status_code == 403
    assert client.post("/api/v1/auth/change-password", {"current_password": "x", "password": "y"}).status_code == 403
    assert client.post("/api/v1/workspaces", {"name": "Harbour"}).status_code == 201


def test_nobody_sees_or_ends_anothers_key(api: Any, viewer: User, owner: User) -> None:
    made = api(viewer).post(KEYS, {"name": "Vera's"}).json()
    assert api(owner).get(f"{KEYS}/{made['id']}").status_code == 404
    assert api(owner).delete(f"{KEYS}/{made['id']}").status_code == 404
    assert api(owner).get(KEYS).json()["count"] == 0
