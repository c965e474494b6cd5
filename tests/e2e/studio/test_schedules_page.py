"""Schedules from the page: made, explained, paused, backfilled after a look at the plan, deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo, diagram, node

ENOUGH = 60_000


@pytest.fixture
def job(owner: Uzo, demo: dict[str, Any]) -> dict[str, Any]:
    """A job of its own, with one workflow that is over at once."""
    beside = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    folder = owner.get(f"jobs/{beside}")["folder_id"]
    made: dict[str, Any] = owner.post(f"folders/{folder}/jobs", {"name": "Tide tables"})
    drawn = diagram([node("tide", "control", "set_variable", name="tide", value="1")], [])
    owner.post(f"jobs/{made['id']}/workflows", {"name": "Tide", "workflow_diagram": drawn})
    return made


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def act(page: Page, name: str, what: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=what).click()


def test_a_schedule_is_made_from_its_job_with_its_meaning_in_words(page: Page, owner: Uzo, job: dict[str, Any]) -> None:
    page.goto(f"/jobs/{job['id']}")
    page.get_by_role("tab", name="Schedules").click()
    page.wait_for_url(f"**/jobs/{job['id']}?tab=schedules")
    expect(page.get_by_text("No schedules yet")).to_be_visible()
    page.get_by_role("button", name="New schedule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Every morning")
    dialog.get_by_role("textbox", name="Cron").fill("61 6 * * *")
    expect(dialog.get_by_role("alert")).to_contain_text("61")
    dialog.get_by_role("textbox", name="Cron").fill("30 6 * * 1-5")
    fires = dialog.get_by_role("list", name="Next fires").get_by_role("listitem")
    expect(fires).to_have_count(5)
    expect(dialog.get_by_text("06:30").first).to_be_visible()
    dialog.get_by_role("button", name="Create").click()
    expect(row(page, "Every morning")).to_contain_text("06:30")
    [schedule] = owner.get(f"jobs/{job['id']}/schedules")["results"]
    assert (schedule["cron"], schedule["name"], schedule["enabled"]) == ("30 6 * * 1-5", "Every morning", True)


def test_a_schedule_is_paused_changed_and_deleted(page: Page, owner: Uzo, job: dict[str, Any]) -> None:
    made = owner.post(f"jobs/{job['id']}/schedules", {"name": "Now and then", "every_seconds": 86_400})
    page.goto(f"/jobs/{job['id']}?tab=schedules")
    switch = page.get_by_role("switch", name="Now and then is on")
    expect(switch).to_be_checked()
    switch.uncheck(force=True)
    expect(row(page, "Now and then")).to_contain_text("paused")
    assert owner.get(f"schedules/{made['id']}")["enabled"] is False
    act(page, "Now and then", "Edit")
    page.get_by_role("dialog").get_by_role("textbox", name="Every").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(row(page, "Now and then")).to_contain_text("Every 2 days")
    act(page, "Now and then", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No schedules yet")).to_be_visible()
    owner.get(f"schedules/{made['id']}", expect=404)


def test_a_backfill_shows_its_plan_first_and_its_runs_afterwards(page: Page, owner: Uzo, job: dict[str, Any]) -> None:
    made = owner.post(f"jobs/{job['id']}/schedules", {"name": "At noon", "cron": "0 12 * * *", "timezone": "UTC"})
    page.goto(f"/jobs/{job['id']}?tab=schedules")
    act(page, "At noon", "Backfill…")
    dialog = page.get_by_role("dialog")
    begin = datetime.now(UTC).replace(hour=0, minute=0) - timedelta(days=4)
    dialog.get_by_label("From", exact=True).fill(f"{begin:%Y-%m-%dT%H:%M}")
    dialog.get_by_label("Until", exact=True).fill(f"{begin + timedelta(days=3):%Y-%m-%dT%H:%M}")
    expect(dialog.get_by_role("button", name="Start")).to_be_hidden()
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text("3 runs in this range")).to_be_visible()
    assert owner.get(f"schedules/{made['id']}/backfills")["count"] == 0
    dialog.get_by_role("button", name="Start 3 runs").click()
    expect(page.get_by_role("dialog").get_by_text("History of “At noon”")).to_be_visible()
    line = page.get_by_role("list", name="Backfills").get_by_role("listitem")
    expect(line).to_contain_text("3 of 3", timeout=ENOUGH)
    expect(line).to_contain_text("Success", timeout=ENOUGH)
    expect(page.get_by_role("list", name="Fires").get_by_role("listitem")).to_have_count(3)
