"""What the plan does not allow is refused over HTTP with a code, and the page says what would lift it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import sign_in

ALLOWED = 10
REMEDY = "Upgrade to Premium or Enterprise"


@pytest.fixture(scope="module")
def small(demo: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A subscription on the smallest plan, made by the operator; described as the demo is, and removed again."""
    operator = demo["operator"]
    host = f"small-{secrets.token_hex(3)}.localhost"
    login = {"role": "owner", "email": "olive@small.example", "password": secrets.token_urlsafe(16)}
    with Uzo(demo["url"], operator["email"], operator["password"], host=operator["host"]) as desk:
        made = desk.post(
            "subscriptions",
            {
                "name": "Small harbour",
                "host": host,
                "plan": "standard",
                "owner": {"email": login["email"], "name": "Olive Small", "password": login["password"]},
            },
        )
        yield {"url": f"http://{host}:{urlsplit(demo['url']).port}", "host": host, "logins": [login]}
        for query in ("", "?hard=true"):
            assert desk.http.delete(f"subscriptions/{made['id']}{query}").status_code == 204


@pytest.fixture
def owner(small: dict[str, Any]) -> Iterator[Uzo]:
    login = small["logins"][0]
    with Uzo(small["url"], login["email"], login["password"], host=small["host"]) as person:
        yield person


@pytest.fixture
def page(visit: Callable[..., Page], small: dict[str, Any]) -> Page:
    page = visit(base_url=small["url"])
    sign_in(page, small)
    return page


def test_the_eleventh_connector_is_402_and_the_form_says_what_would_lift_it(owner: Uzo, page: Page) -> None:
    body = {"connector_type": "files", "config": {}}
    for number in range(ALLOWED):
        owner.post("connectors", {**body, "name": f"Files {number}"})
    refused = owner.post("connectors", {**body, "name": "One more"}, expect=402)
    assert refused["code"] == "limit_reached"
    assert refused["remedy"] == REMEDY
    assert {name: refused[name] for name in ("limit", "allowed", "used")} == {
        "limit": "connectors", "allowed": ALLOWED, "used": ALLOWED,
    }  # fmt: skip
    page.goto("/connectors")
    page.get_by_role("button", name="New connector").click()
    page.get_by_role("dialog").get_by_role("button", name="Files").click()
    page.get_by_label("Name").fill("One more")
    page.get_by_role("button", name="Create").click()
    said = page.get_by_role("dialog").get_by_role("alert")
    expect(said).to_contain_text(f"Your plan allows {ALLOWED} connectors")
    expect(said).to_contain_text(REMEDY)
    # Nothing was made, and what was typed is still there.
    expect(page.get_by_label("Name")).to_have_value("One more")
    assert owner.get("connectors")["count"] == ALLOWED


def test_what_the_plan_leaves_out_is_403_and_the_page_says_which_plans_have_it(owner: Uzo, page: Page) -> None:
    refused = owner.get("operations", expect=403)
    assert refused["code"] == "feature_disabled"
    assert refused["remedy"] == REMEDY
    assert (refused["feature"], refused["plans"]) == ("monitoring", ["Premium", "Enterprise"])
    page.goto("/operations")
    said = page.get_by_role("alert")
    expect(said).to_contain_text("Monitoring is not part of your plan")
    expect(said).to_contain_text(REMEDY)
