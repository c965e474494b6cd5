"""The gallery of templates: found by words and category, copied with the connectors proposed, opened and run."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo

ENOUGH = 60_000


@pytest.fixture
def job(owner: Uzo, demo: dict[str, Any]) -> dict[str, Any]:
    """An empty job beside the sample's."""
    beside = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    folder = owner.get(f"jobs/{beside}")["folder_id"]
    made: dict[str, Any] = owner.post(f"folders/{folder}/jobs", {"name": "Questions of the day"})
    return made


def cards(page: Page) -> Any:
    return page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("heading"))


def test_a_template_is_found_from_home_copied_and_run(page: Page, owner: Uzo) -> None:
    page.get_by_role("link", name="Late flights by airline").click()
    page.wait_for_url("**/templates?use=late-flights-by-airline")
    dialog = page.get_by_role("dialog", name="Late flights by airline")
    expect(dialog.get_by_role("combobox", name="Flights database")).to_have_value("Flights database")
    dialog.get_by_label("Name", exact=True).fill("Who is late?")
    dialog.get_by_role("button", name="Create workflow").click()
    page.wait_for_url("**/workflows/*")
    expect(page.get_by_role("group", name="Worst first")).to_be_visible(timeout=ENOUGH)
    page.get_by_role("button", name="Run", exact=True).click()
    # It has a parameter with a default: the dialog asks, Enter takes it.
    run = page.get_by_role("dialog").get_by_role("button", name="Run", exact=True)
    run.click()
    expect(page.get_by_text("Success").first).to_be_visible(timeout=ENOUGH)
    workflow = page.url.rsplit("/", 1)[-1].split("?")[0]
    assert owner.get(f"workflows/{workflow}")["name"] == "Who is late?"
    [execution] = owner.get(f"workflows/{workflow}/executions")["results"]
    assert owner.get(f"executions/{execution['id']}/nodes/worst_first/output")["row_count"] == 16


def test_words_and_categories_narrow_the_gallery(page: Page) -> None:
    page.goto("/templates")
    expect(cards(page)).to_have_count(17)
    page.get_by_role("button", name="Windows").click()
    expect(cards(page)).to_have_count(2)
    expect(page.get_by_role("status")).to_have_text("2 of 17 templates")
    page.get_by_role("searchbox", name="Search templates").fill("rolling mean")
    expect(cards(page)).to_have_count(1)
    expect(page.get_by_role("img", name="Graph of “Trend of departures”")).to_be_visible()
    page.get_by_role("searchbox", name="Search templates").fill("zeppelin")
    expect(page.get_by_text("No template matches")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(cards(page)).to_have_count(17)


def test_an_empty_canvas_leads_to_the_templates_and_knows_its_job(page: Page, owner: Uzo, job: dict[str, Any]) -> None:
    empty = owner.post(
        f"jobs/{job['id']}/workflows", {"name": "Nothing yet", "workflow_diagram": {"nodes": [], "edges": []}}
    )
    page.goto(f"/workflows/{empty['id']}")
    page.get_by_role("link", name="Start from a template").click()
    page.wait_for_url(f"**/templates?job={job['id']}")
    card = cards(page).filter(has_text="Compare two airports")
    card.get_by_role("button", name="Use template").click()
    dialog = page.get_by_role("dialog", name="Compare two airports")
    expect(dialog.get_by_text("Comes with “Summary of an airport”.")).to_be_visible()
    expect(dialog.get_by_role("combobox", name="Put it into")).to_have_value("Questions of the day")
    dialog.get_by_role("button", name="Create workflow").click()
    page.wait_for_url("**/workflows/*")
    names = {each["name"] for each in owner.get(f"jobs/{job['id']}/workflows")["results"]}
    assert names == {"Nothing yet", "Compare two airports", "Summary of an airport"}
