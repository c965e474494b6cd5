"""The same POST sent twice is done once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection
from django_tenants.utils import tenant_context

from apps.accounts.models import User
from apps.kernel.api import idempotency
from apps.kernel.models import IdempotentAnswer
from apps.workspaces.models import Workspace
from tests.db.conftest import PASSWORD, CommittedTenant, TenantClient

PATH = "/api/v1/workspaces"
KEY = {"Idempotency-Key": "tide-1"}


def test_a_replay_gets_the_first_answer_and_makes_nothing(api: Any, owner: User) -> None:
    olive = api(owner)
    first = olive.post(PATH, {"name": "Harbour"}, headers=KEY)
    again = olive.post(PATH, {"name": "Harbour"}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert Workspace.objects.count() == 1


def test_another_body_is_422(api: Any, owner: User) -> None:
    olive = api(owner)
    olive.post(PATH, {"name": "Harbour"}, headers=KEY)
    answer = olive.post(PATH, {"name": "Pier"}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")


def test_refusals_are_not_kept(api: Any, owner: User) -> None:
    olive = api(owner)
    assert olive.post(PATH, {}, headers=KEY).status_code == 400
    assert not IdempotentAnswer.objects.exists()
    assert olive.post(PATH, {"name": "Harbour"}, headers=KEY).status_code == 201


def test_a_key_is_one_persons_and_one_paths(api: Any, owner: User, viewer: User) -> None:
    olive = api(owner)
    made = olive.post(PATH, {"name": "Harbour"}, headers=KEY).json()
    assert api(viewer).post(PATH, {"name": "Harbour"}, headers=KEY).status_code == 403
    assert olive.post(f"{PATH}/{made['id']}/folders", {"name": "Harbour"}, headers=KEY).status_code == 201


def test_a_key_under_auth_is_ignored(api: Any, owner: User) -> None:
    olive = api(owner)
    ids = {olive.post("/api/v1/auth/api-keys", {"name": "x"}, headers=KEY).json()["id"] for _ in range(2)}
    assert len(ids) == 2


def test_a_key_is_forgotten_after_a_day(api: Any, owner: User) -> None:
    olive = api(owner)
    olive.post(PATH, {"name": "Harbour"}, headers=KEY)
    kept = IdempotentAnswer.objects.get()
    IdempotentAnswer.objects.update(created_at=kept.created_at - timedelta(hours=25))
    assert olive.post(PATH, {"name": "Pier"}, headers=KEY).status_code == 201
    IdempotentAnswer.objects.update(created_at=kept.created_at - timedelta(hours=25))
    assert idempotency.forget_old() == 1


def test_an_endless_key_is_400(api: Any, owner: User) -> None:
    assert api(owner).post(PATH, {"name": "x"}, headers={"Idempotency-Key": "k" * 256}).status_code == 400


def test_f07_a_hundred_identical_posts_make_one_workspace(committed_tenant: CommittedTenant) -> None:
    host = committed_tenant.host
    body = {"email": "olive@committed.example", "password": PASSWORD}
    access = TenantClient(host).post("/api/v1/auth/login", body).json()["access"]

    def post(number: int) -> Any:
        client = TenantClient(host)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        try:
            return client.post(PATH, {"name": "Harbour"}, headers=KEY)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(post, range(100)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert statuses[201] >= 1
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    with tenant_context(committed_tenant.subscription):
        assert {str(pk) for pk in Workspace.objects.values_list("pk", flat=True)} == made
    assert len(made) == 1
    assert sum("Idempotency-Replayed" not in answer for answer in answers if answer.status_code == 201) == 1
