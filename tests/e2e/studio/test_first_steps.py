"""The first steps on Home, clicked through by the owner of a tenant in which there is nothing yet."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo, diagram, node
from tests.e2e.studio.browser import sign_in

PASSWORD = "a-long-walk-along-the-quay"


@dataclass(frozen=True)
class Fresh:
    """A tenant that was just made, as a demo of its own."""

    demo: dict[str, Any]
    owner: Uzo


@pytest.fixture(scope="module")
def fresh(demo: dict[str, Any]) -> Iterator[Fresh]:
    mark = secrets.token_hex(4)
    port = urlsplit(demo["url"]).port
    name, email = f"fresh{mark}.localhost", f"fay.{mark}@harbour.example"
    told = demo["operator"]
    operator = Uzo(demo["url"], told["email"], told["password"], host=told["host"])
    operator.http.timeout = 240  # a schema with all its tables is made
    owner = {"email": email, "name": "Fay Nguyen", "password": PASSWORD}
    operator.post("subscriptions", {"name": f"Fresh {mark}", "host": name, "plan": "standard", "owner": owner})
    operator.http.close()
    logins = [{"role": "owner", "email": email, "password": PASSWORD}]
    client = Uzo(demo["url"], email, PASSWORD, host=name)
    yield Fresh({"url": f"http://{name}:{port}", "logins": logins}, client)
    client.http.close()


def steps(page: Page) -> Locator:
    return page.locator("section").filter(has=page.get_by_role("heading", name="First steps"))


def next_step(page: Page) -> Locator:
    return steps(page).locator("[aria-current=step]")


def test_the_first_steps_lead_from_nothing_to_a_run(stranger: Page, fresh: Fresh) -> None:
    page = stranger
    sign_in(page, fresh.demo)

    expect(next_step(page)).to_contain_text("Make a workspace")
    next_step(page).get_by_role("link").click()
    dialog = page.get_by_role("dialog", name="New workspace")
    dialog.get_by_label("Name", exact=True).fill("Harbour office")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Harbour office")).to_be_visible()
    expect(dialog).to_be_hidden()

    page.goto(fresh.demo["url"])
    expect(next_step(page)).to_contain_text("Add a connector")
    next_step(page).get_by_role("link").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button").filter(has=page.get_by_text("Files", exact=True)).click()
    dialog.get_by_label("Name", exact=False).first.fill("Tide tables")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()
    assert fresh.owner.get("connectors")["count"] == 1

    page.goto(fresh.demo["url"])
    expect(next_step(page)).to_contain_text("Make a workflow")
    next_step(page).get_by_role("link").click()
    page.get_by_role("listitem").filter(has_text="A file into a table").get_by_role("button").click()
    dialog = page.get_by_role("dialog", name="A file into a table")
    dialog.get_by_role("button", name="Make a folder in “Harbour office”").click()
    expect(dialog.get_by_role("combobox", name="Put it into")).to_have_value("Workflows")
    dialog.get_by_role("button", name="Create workflow").click()
    page.wait_for_url("**/workflows/*")
    (workflow,) = fresh.owner.get("workflows")["results"]

    page.goto(fresh.demo["url"])
    expect(next_step(page)).to_contain_text("Watch it run")
    expect(steps(page).get_by_label("Done")).to_have_count(3)
    next_step(page).get_by_role("link").click()
    page.wait_for_url(f"**/workflows/{workflow['id']}*")

    # The tenant has none of the template's data: what runs in its place needs none.
    drawn = diagram([node("tide", "control", "wait", seconds=0)], [])
    fresh.owner.http.patch(f"workflows/{workflow['id']}", json={"workflow_diagram": drawn}).raise_for_status()
    page.reload()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Success").first).to_be_visible(timeout=60_000)
    page.goto(fresh.demo["url"])
    expect(page.get_by_role("heading", name="Hello, Fay")).to_be_visible()
    expect(page.get_by_text("Executions this month")).to_be_visible()
    expect(steps(page)).to_have_count(0)


def test_whoever_may_make_nothing_is_asked_for_nothing(stranger: Page, fresh: Fresh) -> None:
    roles = {role["name"].lower(): role["id"] for role in fresh.owner.get("roles")["results"]}
    email = f"ravi.{secrets.token_hex(4)}@harbour.example"
    body = {"email": email, "name": "Ravi Menon", "password": PASSWORD, "role_id": roles["viewer"]}
    fresh.owner.post("users", body)
    login = {"role": "viewer", "email": email, "password": PASSWORD}
    with stranger.expect_response("**/api/v1/executions?*page_size=1"):
        sign_in(stranger, {**fresh.demo, "logins": [login]}, "viewer")
    expect(stranger.get_by_text("Nothing is running.")).to_be_visible()
    expect(steps(stranger)).to_have_count(0)
    stranger.goto(f"{fresh.demo['url']}/templates?use=file-to-table")
    expect(stranger.get_by_role("dialog").get_by_text("Ask somebody who may make workspaces")).to_be_visible()
