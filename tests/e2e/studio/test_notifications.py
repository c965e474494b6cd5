"""The bell: it rings for whoever is told, and falls silent once they have looked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo, diagram, node
from tests.e2e.studio.browser import login_of

ENOUGH = 60_000


@pytest.fixture
def owner(demo: dict[str, Any]) -> Iterator[Uzo]:
    login = login_of(demo, "owner")
    with Uzo(demo["url"], login["email"], login["password"]) as person:
        person.post("notifications/seen", expect=200)
        yield person


def test_the_bell_rings_when_a_run_fails_and_leads_to_it(page: Page, owner: Uzo, demo: dict[str, Any]) -> None:
    job = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    drawn = diagram([node("gale", "control", "fail", message="Too much wind")], [])
    made = owner.post(f"jobs/{job}/workflows", {"name": "Regatta", "workflow_diagram": drawn})
    page.reload()
    page.get_by_role("button", name="Notifications", exact=True).wait_for()
    page.wait_for_timeout(500)  # the channel is being subscribed to
    run = owner.post(f"workflows/{made['id']}/execute", expect=202)["id"]
    page.get_by_role("button", name="Notifications: 1 new").click(timeout=ENOUGH)
    item = page.get_by_role("link").filter(has_text="Regatta failed")
    expect(item.first).to_contain_text("Too much wind")
    item.first.click()
    page.wait_for_url(f"**/executions/{run}")
    expect(page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()
    assert owner.get("notifications", seen="false")["count"] == 0
