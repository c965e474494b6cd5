"""The vault over HTTP: operators only, on their host."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django_tenants.utils import schema_context

PATHS = (("get", "vault"), ("post", "vault/unseal"), ("post", "vault/seal"))


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_tenants_have_no_vault_endpoint(owner: Any, api: Any, method: str, path: str) -> None:
    assert getattr(api(owner), method)(f"/api/v1/{path}").status_code == 404


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_strangers_are_refused(api: Any, method: str, path: str) -> None:
    answer = getattr(api(host=django_settings.OPERATOR_HOST), method)(f"/api/v1/{path}")
    assert answer.status_code == 401


def test_an_operator_seals_and_unseals(tenant: Any, api: Any) -> None:
    from apps.accounts.models import User
    from apps.tenants.models import Domain
    from apps.vault import keyholder, services, state

    services.ensure_initialised()
    assert not Domain.objects.filter(domain=django_settings.OPERATOR_HOST, tenant=tenant).exists()
    with schema_context("public"):
        operator = User.objects.create_user("ottilie@operator.example", "nine white herons at noon", name="Ottilie")
        operator.is_staff = True
        operator.save()
        from apps.accounts.services.sign_in import issue_tokens

        token = issue_tokens(user=operator).access
    client = api(host=django_settings.OPERATOR_HOST)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/v1/vault").json()["sealed"] is False
    password = keyholder.master_password()
    assert client.post("/api/v1/vault/seal").json()["reason"] == "operator"
    assert state.is_sealed()
    wrong = client.post("/api/v1/vault/unseal", {"password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    assert client.post("/api/v1/vault/unseal", {"password": password}).json()["sealed"] is False
    assert password not in client.get("/api/v1/vault").content.decode()  # type: ignore[operator]


def test_the_owner_sees_keys_secrets_and_what_waits_and_others_do_not(api: Any, owner: Any, editor: Any) -> None:
    from apps.connectors.services.connectors import create_connector
    from apps.vault import services

    olive = api(owner)
    before = olive.get("/api/v1/vault/status").json()
    config = {"host": "db.example", "database": "tides", "username": "olive", "password": "a spring tide"}
    create_connector(viewer=owner, name="Tides", connector_type="postgresql", config=config)
    services.rotate_data_key()
    answer = olive.get("/api/v1/vault/status")
    told = answer.json()
    assert (told["sealed"], told["waiting"]) == (False, {"executions": 0})
    assert told["secrets"]["connectors"] == before["secrets"].get("connectors", 0) + 1
    assert [key["retired_at"] is None for key in told["keys"]] == [True, False]
    assert [key["version"] for key in told["keys"]] == [2, 1]
    assert set(told["keys"][0]) == {"id", "version", "created_at", "retired_at"}
    assert api(editor).get("/api/v1/vault/status").status_code == 403
