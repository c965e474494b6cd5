"""Two hundred wrong passwords at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import connection

from tests.db.conftest import PASSWORD, PEOPLE, CommittedTenant, TenantClient


def _try(host: str, path: str, password: str) -> Any:
    try:
        return TenantClient(host).post(path, {"email": "vera@committed.example", "password": password})
    finally:
        connection.close()


def test_t08_two_hundred_parallel_wrong_passwords_get_ten_tries(committed_tenant: CommittedTenant) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda number: _try(committed_tenant.host, "/api/v1/auth/login", f"guess {number}"), range(200))
        )
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {401, 429}
    assert statuses[401] < settings.AXES_FAILURE_LIMIT
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused["Retry-After"]) > 0
    assert refused.json()["code"] == "locked_out"
    right = _try(committed_tenant.host, "/api/v1/auth/login", PASSWORD)
    assert right.status_code == 429, "the door is closed for the right password too"


def _guess(client: TenantClient, email: str, times: int, path: str = "/api/v1/auth/login") -> list[int]:
    return [client.post(path, {"email": email, "password": f"guess {n}"}).status_code for n in range(times)]


def test_a_closed_door_stands_in_the_way_of_one_person_only(api: Any, viewer: Any) -> None:
    client = api()
    assert _guess(client, PEOPLE["viewer"], settings.AXES_FAILURE_LIMIT)[-1] == 429
    right = {"email": PEOPLE["runner"], "password": PASSWORD}
    assert client.post("/api/v1/auth/login", right).status_code == 200


def test_another_spelling_of_the_address_is_no_other_door(api: Any, viewer: Any) -> None:
    client = api()
    assert _guess(client, PEOPLE["viewer"], settings.AXES_FAILURE_LIMIT)[-1] == 429
    shouted = {"email": f" {PEOPLE['viewer'].upper()}", "password": PASSWORD}
    assert client.post("/api/v1/auth/login", shouted).status_code == 429


def test_the_right_password_forgets_the_wrong_ones_before_it(api: Any, viewer: Any) -> None:
    client = api()
    for _ in range(2):
        assert set(_guess(client, PEOPLE["viewer"], settings.AXES_FAILURE_LIMIT - 2)) == {401}
        right = {"email": PEOPLE["viewer"], "password": PASSWORD}
        assert client.post("/api/v1/auth/login", right).status_code == 200
