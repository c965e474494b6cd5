"""Triggers and webhooks from the page: made, used, paused, looked at, deleted."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo, diagram, node

ENOUGH = 60_000


@pytest.fixture
def tide(owner: Uzo, demo: dict[str, Any]) -> Any:
    """Makes a workflow that is over at once."""
    job = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]

    def make(name: str) -> str:
        drawn = diagram([node("tide", "control", "set_variable", name="tide", value="1")], [])
        return str(owner.post(f"jobs/{job}/workflows", {"name": name, "workflow_diagram": drawn})["id"])

    return make


def choose(dialog: Locator, page: Page, box: str, option: str) -> None:
    field = dialog.get_by_role("combobox", name=box, exact=True)
    field.click()
    if field.is_editable():  # one that searches
        field.fill(option)
    page.get_by_role("option", name=re.compile(f"^{re.escape(option)}")).first.click()


def act(page: Page, name: str, what: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=what).click()


def test_a_webhook_is_made_signed_for_as_the_page_says_paused_and_deleted(page: Page, owner: Uzo, tide: Any) -> None:
    workflow = tide("Lock opens")
    page.goto("/schedules?tab=webhooks")
    page.get_by_role("button", name="New webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Lock keeper")
    choose(dialog, page, "Starts", "A workflow")
    choose(dialog, page, "Workflow", "Lock opens")
    dialog.get_by_label("Parameters from the body").fill("ship")
    dialog.get_by_label("Parameters from the body").press("Enter")
    dialog.get_by_role("button", name="Create").click()
    secret = page.get_by_label("Secret", exact=True).inner_text().strip()
    assert secret.startswith("whsec_")
    script = page.get_by_label("How to sign").inner_text()
    answers = [deliver(script) for _ in range(2)]
    assert len({answer["execution_id"] for answer in answers}) == 2
    assert all(owner.wait(answer["execution_id"])["status"] == "success" for answer in answers)
    assert owner.get(f"executions/{answers[0]['execution_id']}")["parameters"]["ship"] == "world"
    page.get_by_role("button", name="Done").click()
    page.reload()
    assert secret not in page.content()
    act(page, "Lock keeper", "How to sign")
    expect(page.get_by_label("How to sign")).to_contain_text("whsec_…")
    page.get_by_role("button", name="Done").click()
    act(page, "Lock keeper", "Deliveries")
    told = page.get_by_role("list", name="Deliveries to “Lock keeper”").get_by_role("listitem")
    expect(told).to_have_count(2)
    expect(told.first).to_contain_text("Success")
    expect(page.get_by_role("list", name="Refused")).to_have_count(0)
    [hook] = [each for each in owner.get("hooks?search=Lock keeper")["results"] if each["name"] == "Lock keeper"]
    unsigned = owner.http.post(f"hooks/{hook['id']}", json={}, headers={"webhook-id": "evt_astray"})
    assert unsigned.status_code == 401
    refused = page.get_by_role("list", name="Refused").get_by_role("listitem")
    expect(refused).to_contain_text("Not signed", timeout=30_000)  # the dialog looks again and again
    expect(refused).to_contain_text("evt_astray")
    told.first.get_by_role("link").click()
    page.wait_for_url(f"**/executions/{answers[1]['execution_id']}")
    page.goto("/schedules?tab=webhooks")
    switch = page.get_by_role("switch", name="Lock keeper is on")
    with page.expect_response("**/api/v1/hooks/*"):
        switch.click(force=True)  # it shows what the server says, which takes a moment
    assert deliver(script)["code"] == "not_found"
    act(page, "Lock keeper", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row").filter(has_text="Lock keeper")).to_be_hidden()
    assert owner.get(f"workflows/{workflow}/hooks")["count"] == 0


def deliver(script: str) -> dict[str, Any]:
    """Run the page's script as it stands, in a shell that knows nothing of ours."""
    ran = subprocess.run(
        ["sh", "-c", script], check=False, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def test_a_trigger_starts_a_workflow_after_another_and_shows_what_it_began(page: Page, owner: Uzo, tide: Any) -> None:
    first, after = tide("First ebb"), tide("Then flood")
    page.goto("/schedules?tab=triggers")
    page.get_by_role("button", name="New trigger").click()
    dialog = page.get_by_role("dialog")
    choose(dialog, page, "Which workflow", "First ebb")
    choose(dialog, page, "Starts", "A workflow")
    choose(dialog, page, "Workflow", "Then flood")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row").filter(has_text="First ebb has ended with success")).to_contain_text("Then flood")
    owner.wait(owner.post(f"workflows/{first}/execute", expect=202)["id"])
    act(page, "First ebb has ended with success", "History")
    fire = page.get_by_role("dialog").get_by_role("listitem")
    expect(fire).to_contain_text("Success", timeout=ENOUGH)
    assert owner.get(f"workflows/{after}/executions")["count"] == 1
    page.keyboard.press("Escape")
    act(page, "First ebb has ended with success", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row").filter(has_text="First ebb has ended")).to_be_hidden()


def test_a_trigger_of_files_names_where_and_which(page: Page, owner: Uzo, tide: Any) -> None:
    tide("Count ships")
    files = f"Harbour files {secrets.token_hex(4)}"
    connector = owner.post("connectors", {"name": files, "connector_type": "files", "config": {}})
    page.goto("/schedules?tab=triggers")
    page.get_by_role("button", name="New trigger").click()
    dialog = page.get_by_role("dialog")
    choose(dialog, page, "When", "A file arrives")
    choose(dialog, page, "Where", files)
    dialog.get_by_label("File name").fill("ships-*.csv")
    choose(dialog, page, "Starts", "A workflow")
    choose(dialog, page, "Workflow", "Count ships")
    dialog.get_by_role("button", name="Create").click()
    words = f"A file like ships-*.csv arrives in {files}"
    expect(page.get_by_role("row").filter(has_text=words)).to_be_visible()
    owner.http.post(f"connectors/{connector['id']}/files", files={"file": ("ships-1.csv", b"ship\nAurora\n")})
    act(page, words, "History")
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_contain_text("Success", timeout=ENOUGH)
