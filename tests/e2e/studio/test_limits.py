"""Limits of a workflow and of a connector, set where one looks for them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import sign_in

SETTINGS = "Settings of the workflow"


@pytest.fixture
def tides(make: Any, owner: Uzo) -> Any:
    made = make("Tide gauge")
    yield made
    owner.http.delete(f"workflows/{made['id']}")


def test_a_workflow_is_given_limits_and_somebody_to_answer_for_its_failures(
    page: Page, owner: Uzo, tides: dict[str, Any], sample: dict[str, Any]
) -> None:
    path = f"workflows/{tides['id']}"
    page.goto(f"/{path}")
    page.get_by_role("button", name=SETTINGS).click()
    asked = page.get_by_role("dialog", name=SETTINGS)
    expect(asked.get_by_role("button", name="Save")).to_be_disabled()
    asked.get_by_role("textbox", name="Name").fill("Tide gauges")
    asked.get_by_role("textbox", name="Executions at once").fill("2")
    asked.get_by_role("textbox", name="Time limit of one execution").fill("5400")
    expect(asked.get_by_text("Seconds of work (1 h 30 min)")).to_be_visible()
    asked.get_by_role("combobox", name="When an execution fails, start").fill("punctual")
    page.get_by_role("option", name=re.compile(re.escape(sample["name"]))).click()
    asked.get_by_role("button", name="Save").click()
    expect(asked).to_be_hidden()
    expect(page.get_by_role("banner").get_by_text("Tide gauges")).to_be_visible()
    saved = owner.get(path)
    assert (saved["name"], saved["max_concurrent_executions"], saved["timeout"]) == ("Tide gauges", 2, 5400)
    assert saved["on_failure_workflow_id"] == sample["id"]
    assert saved["version"] == tides["version"], "settings make no version of the diagram"
    page.get_by_role("button", name=SETTINGS).click()
    asked.get_by_role("textbox", name="Executions at once").fill("")
    asked.get_by_role("button", name="Save").click()
    expect(asked).to_be_hidden()
    saved = owner.get(path)
    assert (saved["max_concurrent_executions"], saved["timeout"]) == (None, 5400)


def test_whoever_may_only_look_sees_the_limits_and_cannot_change_them(
    stranger: Page, demo: dict[str, Any], tides: dict[str, Any]
) -> None:
    sign_in(stranger, demo, "viewer", wanted=f"/workflows/{tides['id']}")
    stranger.get_by_role("button", name=SETTINGS).click()
    asked = stranger.get_by_role("dialog", name=SETTINGS)
    expect(asked.get_by_role("textbox", name="Executions at once")).to_be_disabled()
    expect(asked.get_by_role("button", name="Save")).to_be_disabled()


def test_a_connector_is_spared_by_a_limit_of_its_own(page: Page, demo: dict[str, Any], owner: Uzo) -> None:
    path = f"connectors/{demo['demo_connector_id']}"
    page.goto(f"/{path}")
    try:
        page.get_by_role("button", name="Edit").click()
        page.get_by_role("dialog").get_by_role("textbox", name="Executions at once").fill("3")
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.get_by_text("Executions at once", exact=True).locator("..")).to_contain_text("3")
        assert owner.get(path)["max_concurrent_executions"] == 3
    finally:
        owner.http.patch(path, json={"max_concurrent_executions": None})


def test_the_plan_says_bytes_as_people_read_them(page: Page) -> None:
    page.goto("/settings/plan")
    line = page.get_by_text("Data that runs have kept").locator("..")
    expect(line).to_contain_text(re.compile(r"\d (B|kB|MB|GB)"))


def test_what_a_node_changed_is_said_in_full_beside_an_open_inspector(page: Page, workflow: str) -> None:
    page.set_viewport_size({"width": 900, "height": 900})
    page.goto(f"{workflow}?node=per_route")
    page.get_by_role("button", name="Show Inspector").click()
    page.get_by_role("radiogroup", name="Which rows are shown").get_by_text("Changes").click()
    told = page.get_by_role("status").filter(has_text="columns")
    expect(told).to_be_visible(timeout=60_000)
    drawer = page.get_by_role("region", name="Data").bounding_box()
    assert drawer is not None
    boxes = [part.bounding_box() for part in told.locator("span").all()]
    assert len(boxes) > 1
    for box in boxes:
        assert box is not None
        assert box["x"] >= drawer["x"]
        assert box["x"] + box["width"] <= drawer["x"] + drawer["width"]
    assert told.evaluate("each => each.scrollWidth <= each.clientWidth")
