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
