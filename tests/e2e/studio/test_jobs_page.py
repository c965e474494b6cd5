"""A job and a package from their pages: the order of what they run, runs as they go on, a calendar of them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo, diagram, node
from tests.e2e.studio.browser import sign_in

ENOUGH = 60_000


@pytest.fixture
def folder(owner: Uzo, demo: dict[str, Any]) -> str:
    beside = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    return str(owner.get(f"jobs/{beside}")["folder_id"])


def made(owner: Uzo, folder: str, name: str, **workflows: dict[str, Any]) -> dict[str, Any]:
    """A job with one workflow of one node for each name."""
    job: dict[str, Any] = owner.post(f"folders/{folder}/jobs", {"name": name})
    for each, drawn in workflows.items():
        owner.post(f"jobs/{job['id']}/workflows", {"name": each, "workflow_diagram": diagram([drawn], [])})
    return job


def waiting(seconds: float) -> dict[str, Any]:
    return node("tide", "control", "wait", seconds=seconds)


def names(page: Page) -> list[str]:
    return [link.inner_text() for link in page.get_by_role("row").get_by_role("link").all()]


def steps(page: Page) -> Locator:
    return page.get_by_role("table", name="What it ran").first


def until_over(owner: Uzo, run: str) -> dict[str, Any]:
    for _ in range(400):
        found: dict[str, Any] = owner.get(f"job-runs/{run}")
        if found["status"] in ("success", "failed", "cancelled"):
            return found
        owner.http.get("health")
    raise AssertionError(f"job run {run} did not end: {found}")


def test_workflows_are_put_in_order_by_mouse_and_by_keyboard_and_run_in_it(page: Page, owner: Uzo, folder: str) -> None:
    job = made(owner, folder, "Locks", Ebb=waiting(0), Flood=waiting(0), Slack=waiting(0))
    page.goto(f"/jobs/{job['id']}")
    expect(page.get_by_role("link", name="Slack")).to_be_visible()
    assert names(page) == ["Ebb", "Flood", "Slack"]
    page.get_by_role("button", name=re.compile("^Move Slack")).press("Alt+ArrowUp")
    expect(page.get_by_role("row").nth(2)).to_contain_text("Slack")
    page.get_by_role("button", name=re.compile("^Move Ebb")).drag_to(page.get_by_role("row").nth(3))
    expect(page.get_by_role("row").nth(3)).to_contain_text("Ebb")
    assert names(page) == ["Slack", "Flood", "Ebb"]
    page.reload()
    expect(page.get_by_role("link", name="Slack")).to_be_visible()
    assert names(page) == ["Slack", "Flood", "Ebb"]
    run = owner.post(f"jobs/{job['id']}/execute", expect=202)
    assert [step["name"] for step in run["steps"]] == ["Slack", "Flood", "Ebb"]


def test_a_job_is_run_now_and_its_workflows_are_watched_without_asking_again(
    page: Page, owner: Uzo, folder: str
) -> None:
    job = made(owner, folder, "Ferries", First=waiting(1.5), Second=waiting(0))
    asked: list[str] = []
    page.goto(f"/jobs/{job['id']}?tab=runs")
    expect(page.get_by_text("No runs yet")).to_be_visible()
    page.wait_for_timeout(500)  # the channel is being subscribed to
    page.on("request", lambda request: asked.append(request.url) if "/job-runs" in request.url else None)
    page.get_by_role("button", name="Run now").click()
    expect(steps(page).get_by_role("row").filter(has_text="Second")).to_contain_text("Pending", timeout=ENOUGH)
    expect(steps(page).get_by_role("row").filter(has_text="Second")).to_contain_text("Success", timeout=ENOUGH)
    expect(page.get_by_role("row").nth(1)).to_contain_text("Success")
    quiet = len(asked)
    page.wait_for_timeout(5000)
    assert len(asked) == quiet, "nothing happens any more, and yet the page asks"
    steps(page).get_by_role("link", name="First").click()
    page.wait_for_url("**/executions/*")


def test_a_failure_skips_what_has_not_begun_unless_the_job_says_otherwise(page: Page, owner: Uzo, folder: str) -> None:
    job = made(owner, folder, "Storm", Gale=node("gale", "control", "fail", message="Too much wind"), After=waiting(0))
    page.goto(f"/jobs/{job['id']}")
    page.get_by_role("button", name="Run now").click()
    page.get_by_role("link", name="Watch it").click()
    page.wait_for_url("**/job-runs/*")
    after = steps(page).get_by_role("row").filter(has_text="After")
    expect(after).to_contain_text("Skipped", timeout=ENOUGH)
    expect(page.get_by_role("alert")).to_contain_text("1 of 2 workflows did not succeed")
    page.goto(f"/jobs/{job['id']}")
    page.get_by_role("combobox", name="When one fails").click()
    page.get_by_role("option", name="run the others all the same").click()
    expect(page.get_by_role("combobox", name="When one fails")).to_have_value("run the others all the same")
    page.get_by_role("button", name="Run now").click()
    page.get_by_role("link", name="Watch it").click()
    expect(after).to_contain_text("Success", timeout=ENOUGH)


def test_a_run_of_a_job_is_cancelled_with_what_it_runs(page: Page, owner: Uzo, folder: str) -> None:
    job = made(owner, folder, "Long watch", Watch=waiting(4000))
    run = owner.post(f"jobs/{job['id']}/execute", expect=202)
    page.goto(f"/jobs/{job['id']}?tab=runs")
    page.get_by_role("button", name="Cancel run").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Cancelled", timeout=ENOUGH)
    assert owner.get(f"executions/{run['steps'][0]['execution_id']}")["status"] == "cancelled"


def test_the_calendar_shows_how_a_day_went_and_opens_it(page: Page, owner: Uzo, folder: str) -> None:
    job = made(owner, folder, "Log book", Entry=waiting(0))
    run = owner.post(f"jobs/{job['id']}/execute", expect=202)
    assert until_over(owner, run["id"])["status"] == "success"
    page.goto(f"/jobs/{job['id']}?tab=calendar")
    today = datetime.now().astimezone()
    day = page.get_by_role("button", name=re.compile(rf"{today:%B} {today.day}, {today.year}: 1 succeeded"))
    expect(day).to_have_attribute("data-outcome", "success")
    day.click()
    page.wait_for_url(f"**&day={today:%Y-%m-%d}")
    opened = page.get_by_role("region", name=re.compile(f"{today:%B} {today.day}"))
    expect(opened.get_by_role("link", name="Entry")).to_be_visible()
    page.get_by_role("button", name="Earlier month").click()
    expect(page.get_by_role("button", name=re.compile("succeeded"))).to_have_count(0)
    page.get_by_role("button", name="This month").click()
    expect(day).to_be_visible()


def test_a_package_is_made_filled_and_run_job_by_job(page: Page, owner: Uzo, folder: str) -> None:
    made(owner, folder, "Morning tide", Rise=waiting(0))
    made(owner, folder, "Evening tide", Fall=waiting(0))
    workspace = owner.get(f"folders/{folder}")["workspace_id"]
    page.goto(f"/workspaces/{workspace}")
    page.get_by_role("button", name="New package").click()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("Both tides")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    page.wait_for_url("**/job-packages/*")
    expect(page.get_by_text("No jobs in this package")).to_be_visible()
    for name in ("Evening tide", "Morning tide"):
        page.get_by_role("combobox", name="Add a job").click()
        page.get_by_role("option", name=re.compile(name)).first.click()
        expect(page.get_by_role("link", name=name)).to_be_visible()
    package = page.url.rpartition("/")[2]
    assert len(owner.get(f"job-packages/{package}")["job_ids"]) == 2
    page.get_by_role("button", name="Run now").click()
    page.get_by_role("tab", name="Runs").click()
    for name in ("Evening tide", "Morning tide"):
        expect(steps(page).get_by_role("row").filter(has_text=name)).to_contain_text("Success", timeout=ENOUGH)
    steps(page).get_by_role("link", name="Morning tide").click()
    page.wait_for_url("**/job-runs/*")
    expect(page.get_by_role("link", name=re.compile("^Package run"))).to_be_visible()
    expect(steps(page).get_by_role("row").filter(has_text="Rise")).to_contain_text("Success")


def test_whoever_may_only_look_sees_runs_and_is_refused_to_start_one(
    stranger: Page, demo: dict[str, Any], owner: Uzo, folder: str
) -> None:
    job = made(owner, folder, "Pilots", Pilot=waiting(0))
    sign_in(stranger, demo, "viewer", wanted=f"/jobs/{job['id']}")
    stranger.get_by_role("button", name="Run now").click()
    expect(stranger.get_by_role("alert")).to_contain_text("You need the permission execute")
