"""One connector's page: tested, its tables and relations seen, files dropped and deleted, edited with its secret kept,
deleted after one was told what would break."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo, diagram, node

ENOUGH = 60_000
DROP = """([zone, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  zone.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def files(owner: Uzo) -> str:
    made = owner.post("connectors", {"name": "Harbour files", "connector_type": "files", "config": {}})
    return str(made["id"])


def test_tables_columns_rows_and_relations_of_a_database_are_seen(page: Page, demo: dict[str, Any]) -> None:
    page.goto("/connectors")
    page.get_by_role("link", name="Flights database").click()
    page.wait_for_url(f"**/connectors/{demo['demo_connector_id']}")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("Reachable in")).to_be_visible(timeout=ENOUGH)
    page.get_by_role("button", name="Discover again").click()
    page.get_by_role("searchbox", name="Search tables and columns").fill("dep_delay")
    tables = page.get_by_role("list", name="Tables").get_by_role("button")
    expect(tables).to_have_count(1, timeout=ENOUGH)
    flights = page.get_by_role("region", name="flights")
    expect(flights.get_by_role("row", name="carrier")).to_contain_text("leads to airlines", timeout=ENOUGH)
    expect(flights.get_by_text("about 336,776 rows")).to_be_visible()
    flights.get_by_text("Rows", exact=True).click()
    expect(flights.get_by_role("table", name="flights")).to_have_attribute("aria-rowcount", "101", timeout=ENOUGH)
    page.get_by_role("tab", name="Diagram").click()
    drawn = page.locator(".react-flow__node")
    expect(drawn).to_have_count(4, timeout=ENOUGH)
    expect(page.locator(".react-flow__edge")).to_have_count(3)
    page.get_by_role("switch", name="Tables without relations too").check(force=True)
    expect(drawn).to_have_count(5, timeout=ENOUGH)
    page.get_by_role("tab", name="Used by").click()
    expect(page.get_by_role("link", name="Punctual airlines by destination")).to_be_visible()


def test_a_file_is_dropped_seen_as_a_table_and_deleted(page: Page, owner: Uzo, files: str) -> None:
    page.goto(f"/connectors/{files}")
    expect(page.get_by_text("No files yet")).to_be_visible()
    zone = page.get_by_text("Drop files here, or").locator("..")
    page.evaluate(DROP, [zone.element_handle(), "quays.csv", "quay,metres\nnorth,1\nsouth,3\n"])
    row = page.get_by_role("row").filter(has_text="quays.csv")
    expect(row).to_contain_text("2 columns", timeout=ENOUGH)
    page.evaluate(DROP, [zone.element_handle(), "...", "no name"])
    expect(page.get_by_role("button", name="Dismiss ...")).to_be_visible(timeout=ENOUGH)
    with page.expect_download() as fetched:
        row.get_by_role("link", name="Download quays.csv").click()
    assert fetched.value.path().read_text() == "quay,metres\nnorth,1\nsouth,3\n"
    row.get_by_role("button", name="Delete quays.csv").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No files yet")).to_be_visible()
    assert owner.get(f"connectors/{files}/files")["count"] == 0


def test_an_edit_keeps_the_secret_and_a_new_host_asks_for_it_again(
    page: Page, owner: Uzo, demo: dict[str, Any]
) -> None:
    source = owner.get(f"connectors/{demo['demo_connector_id']}")
    config = {**source["config"], "password": "seven blue herons"}
    made = owner.post("connectors", {"name": "Quay register", "connector_type": "postgresql", "config": config})
    page.goto(f"/connectors/{made['id']}")
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Register of quays")
    dialog.get_by_role("textbox", name="Database").fill("quays")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Register of quays", level=1)).to_be_visible(timeout=ENOUGH)
    changed = owner.get(f"connectors/{made['id']}")["config"]
    assert (changed["database"], changed["password"]) == ("quays", {"set": True})
    page.get_by_role("button", name="Edit").click()
    dialog.get_by_role("textbox", name="Host").fill("quays.example")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    assert owner.get(f"connectors/{made['id']}")["config"]["host"] == source["config"]["host"]


def test_deleting_says_first_what_would_break(page: Page, owner: Uzo, files: str, demo: dict[str, Any]) -> None:
    job = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    read = node("quays", "connector", "read", connector=files, table="quays.csv")
    owner.post(f"jobs/{job}/workflows", {"name": "Count the quays", "workflow_diagram": diagram([read], [])})
    page.goto(f"/connectors/{files}")
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name="Delete “Harbour files”?")
    expect(dialog.get_by_text("1 workflow will not run any more:")).to_be_visible()
    expect(dialog.get_by_text("Count the quays")).to_be_visible()
    dialog.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/connectors")
    owner.get(f"connectors/{files}", expect=404)
