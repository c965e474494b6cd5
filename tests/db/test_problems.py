"""Whatever goes wrong, the answer is a problem document."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.throttling import BaseThrottle

from apps.accounts.models import User
from tests.db.conftest import HOST, TenantClient

PATH = "/api/v1/workspaces"


def check(answer: HttpResponse, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status)
    assert answer["Content-Type"] == "application/problem+json"
    assert {"type", "title", "detail"} <= set(body)
    return body


def test_a_stranger_is_401_before_any_id_is_looked_up(api: Any, tenant: Any) -> None:
    for path in (PATH, f"{PATH}/00000000-0000-0000-0000-000000000000", "/api/v1/features/check/x"):
        answer = api().get(path)
        check(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_method_that_is_not_there_is_405(api: Any, owner: User) -> None:
    check(api(owner).put(PATH, {}), 405, "method_not_allowed")
    check(api(owner).options(PATH), 405, "method_not_allowed")
    check(api().put(PATH, {}), 401, "not_authenticated")


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
@pytest.mark.parametrize("path", [f"{PATH}/", "/api/v1/nowhere", "/api/v2/workspaces"])
def test_another_spelling_of_a_path_is_404_by_any_method_and_never_a_redirect(
    owner: User, method: str, path: str
) -> None:
    client = TenantClient(HOST, enforce_csrf_checks=True)
    check(getattr(client, method)(path, {} if method in ("post", "patch") else None), 404, "not_found")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_415(api: Any, owner: User, kind: str) -> None:
    check(api(owner).generic("POST", PATH, "name=x", content_type=kind), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body", ["{", '{"name": NaN}', '{"name": 1e999}', '{"name": "\\ud800"}', '{"name": "\\u0000"}', "\xff"]
)
def test_a_body_that_is_not_json_is_400(api: Any, owner: User, body: str) -> None:
    answer = api(owner).generic("POST", PATH, body.encode("latin-1"), content_type="application/json")
    assert check(answer, 400, "invalid")["errors"]


def test_a_body_too_deep_is_422_and_too_large_413(api: Any, owner: User) -> None:
    olive = api(owner)
    check(olive.generic("POST", PATH, "[" * 65 + "]" * 65, content_type="application/json"), 422, "too_complex")
    large = '{"name": "' + "x" * (10 * 2**20) + '"}'
    check(olive.generic("POST", PATH, large, content_type="application/json"), 413, "too_large")
    headers = {"Idempotency-Key": "large"}
    check(olive.generic("POST", PATH, large, content_type="application/json", headers=headers), 413, "too_large")


def test_an_accept_nobody_can_serve_is_answered_with_json(api: Any, owner: User) -> None:
    answer = api(owner).get(PATH, headers={"Accept": "image/png"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"


def test_too_many_requests_say_when_to_come_back(api: Any, tenant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.kernel.api.throttles import UserThrottle

    monkeypatch.setattr(UserThrottle, "get_rate", lambda _: "3/min")
    # Somebody new: what Vera did in the tests before still counts.
    nell = api(User.objects.create_user("nell@harbour.example"))
    answers = [nell.get(PATH) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    check(answers[3], 429, "throttled")
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert issubclass(UserThrottle, BaseThrottle)


def test_without_redis_nobody_is_throttled(api: Any, viewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis.exceptions import ConnectionError as RedisDown

    from apps.kernel.api import throttles

    def down() -> None:
        raise RedisDown("nobody at the door")

    monkeypatch.setattr(throttles.redis, "client", down)
    assert api(viewer).get(PATH).status_code == 200


def test_what_nobody_foresaw_says_nothing_and_is_logged(
    api: Any, owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from apps.workspaces.api import workspaces

    def fail(*_: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(workspaces.selectors, "workspaces", fail)
    olive = api(owner)
    olive.raise_request_exception = False
    olive.handler.raise_request_exception = False
    answer = olive.get(PATH)
    check(answer, 500, "internal_error")
    assert "hunter2" not in answer.content.decode()
    assert "hunter2" in caplog.text


def test_every_answer_carries_its_security_headers(api: Any, owner: User) -> None:
    answer = api(owner).get(PATH)
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"
