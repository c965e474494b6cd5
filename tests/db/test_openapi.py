"""The document that clients are made from."""

from __future__ import annotations

from typing import Any

import pytest

PUBLIC = {
    "/api/v1/hooks/{id}",
    "/api/v1/auth/login", "/api/v1/auth/register", "/api/v1/auth/refresh", "/api/v1/auth/forgot-password",
    "/api/v1/auth/reset-password", "/api/v1/schema/", "/api/v1/docs/", "/api/v1/health",
}  # fmt: skip


@pytest.fixture
def document(api: Any) -> dict[str, Any]:
    answer = api().get("/api/v1/schema/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_it_is_openapi_3_1_and_names_what_is_public(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    public = {
        path
        for path, operations in document["paths"].items()
        if any(operation.get("security") == [] for operation in operations.values())
    }
    assert public == PUBLIC


def test_every_other_operation_names_its_credentials_and_its_refusals(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path not in PUBLIC:
                assert {next(iter(each)) for each in operation["security"]} == {"bearer", "api_key", "session"}, path
                assert {"400", "401", "403", "404", "429"} <= set(operation["responses"]), (method, path)


def test_it_comes_as_yaml_too(api: Any) -> None:
    answer = api().get("/api/v1/schema/", headers={"Accept": "application/yaml"})
    assert answer["Content-Type"].startswith("application/yaml")
    assert answer.content.startswith(b"openapi: 3.1")


def test_each_hosts_document_lists_its_own_endpoints(api: Any, document: dict[str, Any]) -> None:
    operators = api(host="operator.localhost").get("/api/v1/schema/").json()["paths"]
    assert "/api/v1/subscriptions" in operators
    assert "/api/v1/workspaces" not in operators
    assert "/api/v1/subscriptions" not in document["paths"]
    assert "/api/v1/subscriptions/upgrade" in document["paths"]


def test_the_reference_reads_without_any_script(api: Any) -> None:
    answer = api().get("/api/v1/docs/", headers={"Accept": "text/html"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "/api/v1/auth/login" in page
    assert "<script" not in page
    assert "script-src 'self'" in answer["Content-Security-Policy"]
