"""The workflow page: the graph, its columns, a live run, rows beside a node, history and logs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import sign_in

ENOUGH = 60_000  # milliseconds for a run of the sample on a busy machine
ROOMS = ("/schedules", "/approvals", "/operations", "/settings")


@pytest.fixture
def sample(owner: Uzo, demo: dict[str, Any]) -> dict[str, Any]:
    """The sample workflow as the API gives it."""
    workflow: dict[str, Any] = owner.get(f"workflows/{demo['workflow_id']}")
    return workflow


def node(page: Page, node_id: str) -> Any:
    return page.get_by_test_id(f"node-{node_id}")


def run(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()


def wait_until_over(page: Page) -> None:
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=ENOUGH)


def test_the_tree_leads_by_keyboard_from_the_workspace_to_the_sample(
    page: Page, owner: Uzo, sample: dict[str, Any]
) -> None:
    job = owner.get(f"jobs/{sample['job_id']}")
    folder = owner.get(f"folders/{job['folder_id']}")
    workspace = owner.get(f"workspaces/{folder['workspace_id']}")
    page.goto("/workspaces")
    tree = page.get_by_role("tree", name="Workspaces")
    root = tree.get_by_role("treeitem", name=workspace["name"], exact=True)
    root.focus()
    for below in (folder["name"], job["name"], sample["name"]):
        page.keyboard.press("ArrowRight")
        item = tree.get_by_role("treeitem", name=below, exact=True).first
        expect(item).to_be_visible()
        item.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/workflows/{sample['id']}")
    crumbs = page.get_by_role("navigation", name="Breadcrumb")
    for name in (workspace["name"], folder["name"], job["name"], sample["name"]):
        expect(crumbs.get_by_text(name, exact=True)).to_be_visible()


def test_the_graph_shows_every_node_and_the_columns_on_every_edge(
    page: Page, owner: Uzo, sample: dict[str, Any], workflow: str
) -> None:
    page.goto(workflow)
    diagram = sample["workflow_diagram"]
    for each in diagram["nodes"]:
        expect(node(page, each["id"])).to_contain_text(each["data"]["label"])
    expect(page.locator(".react-flow__edge")).to_have_count(len(diagram["edges"]))
    schema = owner.get(f"workflows/{sample['id']}/schema")["nodes"]
    columns = schema[diagram["edges"][0]["source"]]["output"]
    pill = page.get_by_role("button", name=f"{len(columns)} columns").first
    pill.hover()
    for column in columns[:3]:
        expect(page.get_by_text(column["name"], exact=True).first).to_be_visible()


def test_a_run_is_watched_live_and_ends_with_rows_and_durations_on_every_node(
    page: Page, sample: dict[str, Any], workflow: str
) -> None:
    told: list[dict[str, Any]] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: told.append(json.loads(frame)))

    page.on("websocket", listen)
    page.goto(workflow)
    node(page, sample["workflow_diagram"]["nodes"][0]["id"]).wait_for()
    run(page)
    page.wait_for_url(re.compile(r"execution="))
    wait_until_over(page)
    for each in sample["workflow_diagram"]["nodes"]:
        expect(node(page, each["id"])).to_have_attribute("data-status", "success")
        expect(node(page, each["id"])).to_contain_text(re.compile(r"\d (ms|s)"))
    expect(node(page, "departed")).to_contain_text("310,591 rows")
    expect(node(page, "flights").get_by_title("Not counted")).to_be_visible()
    events = [message["event"] for message in told if message["type"] == "event"]
    assert "node_status" in events
    assert "execution_finished" in events


def test_a_run_started_by_someone_else_shows_up_by_itself(
    page: Page, owner: Uzo, sample: dict[str, Any], workflow: str
) -> None:
    page.goto(workflow)
    node(page, "flights").wait_for()
    page.get_by_role("tab", name="Runs").click()
    execution = owner.post(f"workflows/{sample['id']}/execute", expect=202)
    expect(page.get_by_role("table").get_by_text(f"Run {execution['id'][-6:]}")).to_be_visible(timeout=10_000)
    owner.wait(execution["id"])


def test_a_click_on_a_node_reads_a_sample_of_its_rows_beside_the_graph(
    page: Page, owner: Uzo, sample: dict[str, Any], workflow: str
) -> None:
    page.goto(workflow)
    label = next(each["data"]["label"] for each in sample["workflow_diagram"]["nodes"] if each["id"] == "punctuality")
    node(page, "punctuality").click()
    inspector = page.get_by_role("complementary", name="Inspector")
    expect(inspector.get_by_role("heading", name=label)).to_be_visible()
    page.get_by_role("region", name="Data").get_by_text("Sample", exact=True).click()
    grid = page.get_by_role("table", name=label)
    expect(grid.get_by_role("columnheader").first).to_be_visible(timeout=ENOUGH)
    known = owner.get(f"workflows/{sample['id']}/nodes/punctuality/preview")
    first = known["columns"][0]
    expect(grid.get_by_role("columnheader").first).to_contain_text(f"{first['name']}{first['type']}")
    expect(grid).to_have_attribute("aria-rowcount", str(len(known["rows"]) + 1))


def test_a_node_shows_its_settings_columns_and_documentation(page: Page, workflow: str) -> None:
    page.goto(f"{workflow}?node=departed")
    inspector = page.get_by_role("complementary", name="Inspector")
    expect(inspector.get_by_text("arr_delay IS NOT NULL")).to_be_visible()
    inspector.get_by_role("tab", name="Columns").click()
    expect(inspector.get_by_text("arr_delay", exact=True).first).to_be_visible()
    inspector.get_by_role("tab", name="Documentation").click()
    expect(inspector.get_by_text("expression", exact=True).first).to_be_visible()


def test_history_and_logs_of_a_run_are_on_its_own_page_and_survive_a_reload(
    page: Page, owner: Uzo, sample: dict[str, Any]
) -> None:
    execution = owner.post(f"workflows/{sample['id']}/execute", expect=202)
    owner.wait(execution["id"])
    page.goto("/executions")
    page.get_by_role("row").nth(1).get_by_role("link", name=sample["name"]).click()
    page.wait_for_url(f"**/executions/{execution['id']}")
    page.reload()
    rows = page.get_by_role("row")
    expect(rows).to_have_count(len(sample["workflow_diagram"]["nodes"]) + 1)
    for each in sample["workflow_diagram"]["nodes"]:
        expect(rows.filter(has_text=each["data"]["label"]).first).to_contain_text("Success")
    expect(page.get_by_role("log").locator("time").first).to_be_visible()
    page.get_by_role("link", name="Open on the canvas").click()
    page.wait_for_url(f"**/workflows/{sample['id']}?execution={execution['id']}")


def test_whoever_may_only_look_is_told_so_when_they_try_to_run(
    stranger: Page, demo: dict[str, Any], workflow: str
) -> None:
    sign_in(stranger, demo, "viewer", wanted=workflow)
    button = stranger.get_by_role("button", name="Run", exact=True)
    expect(button).to_be_disabled()
    button.click(force=True)
    expect(stranger.get_by_role("alert").first).to_contain_text("needs the right to run")


def test_what_one_may_not_see_is_not_there(page: Page, demo: dict[str, Any]) -> None:
    rival = next(each for each in demo["tenants"] if each["host"].startswith("rival"))
    page.goto(f"/workflows/{rival['workflow_id']}")
    expect(page.get_by_text("Nothing here")).to_be_visible()


def test_ctrl_k_finds_a_workflow_by_a_part_of_its_name(page: Page, sample: dict[str, Any]) -> None:
    page.keyboard.press("Control+k")
    search = page.get_by_placeholder("Search workflows or go to…")
    search.fill(sample["name"].split()[0].lower())
    page.get_by_role("button", name=sample["name"]).first.wait_for()
    search.press("Enter")
    page.wait_for_url(f"**/workflows/{sample['id']}")


@pytest.mark.parametrize("width", [1440, 900])
def test_no_page_scrolls_sideways(page: Page, workflow: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/", "/workspaces", workflow, "/executions", "/connectors", *ROOMS):
        page.goto(path)
        page.get_by_role("navigation", name="Main").wait_for()
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth")
        assert wide <= 0, path
