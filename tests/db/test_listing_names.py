"""Lists that are no tables of the database know their parameters too (THREATS 31)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from apps.accounts.models import User

LISTS = (
    "connector-types",
    "node-types",
    "expression-functions",
    "features/enabled",
    f"permissions?object_type=workspace&object_id={UUID(int=1)}",
)


@pytest.mark.parametrize("name", ["colour", "user__password__startswith"])
@pytest.mark.parametrize("path", LISTS)
def test_t31_an_unknown_name_is_refused(api: Any, owner: User, path: str, name: str) -> None:
    answer = api(owner).get(f"/api/v1/{path}{'&' if '?' in path else '?'}{name}=name")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")
    assert [error["field"] for error in answer.json()["errors"]] == [name]


@pytest.mark.parametrize("path", LISTS)
def test_t31_an_unknown_order_is_refused(api: Any, owner: User, path: str) -> None:
    answer = api(owner).get(f"/api/v1/{path}{'&' if '?' in path else '?'}ordering=icon")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")


def test_connector_types_come_in_pages(api: Any, viewer: User) -> None:
    first = api(viewer).get("/api/v1/connector-types?page_size=2").json()
    assert (len(first["results"]), first["previous"]) == (2, None)
    assert first["next"].endswith("page=2&page_size=2")
    assert api(viewer).get("/api/v1/connector-types?page=9").status_code == 404


def test_connector_types_are_searched_and_ordered(api: Any, viewer: User) -> None:
    def names(query: str) -> list[str]:
        return [each["type"] for each in api(viewer).get(f"/api/v1/connector-types?{query}").json()["results"]]

    every = names("")
    assert names("ordering=-type") == every[::-1]
    assert names("search=sql%20post") == ["postgresql"]
    assert names("search=klingon") == []
