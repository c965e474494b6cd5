"""People read the API in a browser, by their session."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import User

HTML = {"Accept": "text/html"}
LISTS = ("workspaces", "workflows", "connectors", "executions", "connector-types", "node-types", "auth/api-keys")


@pytest.mark.parametrize("path", LISTS)
def test_whoever_may_only_look_sees_the_page_without_the_form(api: Any, viewer: User, path: str) -> None:
    answer = api(viewer).get(f"/api/v1/{path}", headers=HTML)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/html")


def test_a_form_is_shown_to_those_who_may_send_it(api: Any, owner: User, viewer: User) -> None:
    form = 'name="_content"'
    assert form in api(owner).get("/api/v1/workspaces", headers=HTML).content.decode()
    assert form not in api(viewer).get("/api/v1/workspaces", headers=HTML).content.decode()
