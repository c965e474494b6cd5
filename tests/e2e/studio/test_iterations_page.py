"""A loop's iterations and a run's forecast, where people look at a run."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo, diagram, edge, node


@pytest.fixture
def soundings(owner: Uzo, demo: dict[str, Any]) -> str:
    """A workflow that looks at each of four depths; the third is not deep enough."""
    connector = owner.post("connectors", {"name": "Soundings", "connector_type": "files", "config": {}})["id"]
    stored = owner.http.post(f"connectors/{connector}/files", files={"file": ("depths.csv", b"feet\n9\n7\n2\n8\n")})
    assert stored.status_code == 201, stored.text
    rule = {"name": "deep enough", "expression": "feet > 5", "severity": "error"}
    drawn = diagram(
        [
            node("depths", "connector", "read", connector=connector, table="depths.csv"),
            node("sound", "control", "for_each", onError="continue"),
            node("deep", "transform", "check", rules=[rule], onFail="fail"),
            node("chart", "transform", "limit", n=10),
        ],
        [edge("depths", "sound"), edge("sound", "deep", "each"), edge("sound", "chart", "done")],
    )
    job = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    made = owner.post(f"jobs/{job}/workflows", {"name": "Soundings", "workflow_diagram": drawn})
    assert made["problems"] == []
    return str(made["id"])


def test_iterations_are_listed_and_narrowed_to_those_that_failed(page: Page, owner: Uzo, soundings: str) -> None:
    run = owner.wait(owner.post(f"workflows/{soundings}/execute", expect=202)["id"])
    page.goto(f"/executions/{run['id']}")
    page.get_by_role("button", name="4 iterations, 1 failed").click()
    page.wait_for_url("**?iterations=sound")
    table = page.get_by_role("table", name="Iterations of Sound")
    expect(table.get_by_role("row")).to_have_count(5)
    page.get_by_text("Failed", exact=True).and_(page.locator("label span, label")).first.click()
    expect(table.get_by_role("row")).to_have_count(2)
    expect(table.get_by_role("row").nth(1)).to_contain_text(re.compile(r"3.*Failed.*Deep: "))
    page.goto(f"/workflows/{soundings}?execution={run['id']}&node=sound")
    page.get_by_role("tab", name="Iterations").click()
    expect(table.get_by_role("row")).to_have_count(5)


def test_a_run_that_is_over_says_what_was_forecast_and_how_wrong_it_was(page: Page, owner: Uzo, demo: Any) -> None:
    for _ in range(2):
        run = owner.wait(owner.post(f"workflows/{demo['workflow_id']}/execute", expect=202)["id"])
    assert run["forecast"]["error"] is not None
    page.goto(f"/executions/{run['id']}")
    expect(page.get_by_text(re.compile(r"^Forecast: .*(too (long|short)|exactly)$"))).to_be_visible()
