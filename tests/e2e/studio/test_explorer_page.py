"""The explorer: everything is found by its name, things are moved and moved back, long levels come in pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import login_of, sign_in

PAGE = 100


@pytest.fixture
def yard(owner: Uzo) -> dict[str, str]:
    """A workspace of two folders; the first holds two jobs, and the first of them a workflow."""
    workspace = owner.post("workspaces", {"name": "Dockyard"})["id"]
    inside = f"workspaces/{workspace}/folders"
    dry, wet = (owner.post(inside, {"name": name})["id"] for name in ("Dry dock", "Wet dock"))
    hulls, masts = (owner.post(f"folders/{dry}/jobs", {"name": name})["id"] for name in ("Hulls", "Masts"))
    drawn = {"name": "Caulking report", "workflow_diagram": {"nodes": [], "edges": []}}
    workflow = owner.post(f"jobs/{hulls}/workflows", drawn)["id"]
    made = {"workspace": workspace, "dry": dry, "wet": wet, "hulls": hulls, "masts": masts, "workflow": workflow}
    yield made  # type: ignore[misc]
    owner.http.delete(f"workspaces/{workspace}")


def tree(page: Page) -> Locator:
    return page.get_by_role("tree", name="Workspaces")


def item(page: Page, name: str) -> Locator:
    return tree(page).get_by_role("treeitem", name=name, exact=True)


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def search_field(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search folders, jobs and workflows")


def test_anything_is_found_by_its_name_without_having_been_opened(page: Page, yard: dict[str, str]) -> None:
    page.goto("/workspaces")
    expect(item(page, "Dockyard")).to_be_visible()
    search_field(page).fill("caulking")
    hit = page.get_by_role("link", name=re.compile("Caulking report"))
    expect(hit).to_contain_text("Dockyard / Dry dock / Hulls")
    search_field(page).fill("dock")
    expect(page.get_by_text("3 hits")).to_be_visible()
    search_field(page).press("ArrowDown")
    for name in ("Dockyard", "Dry dock", "Wet dock"):
        expect(page.locator(":focus")).to_contain_text(name)
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/folders/{yard['dry']}")
    search_field(page).fill("wet dock")
    expect(page.get_by_text("1 hit", exact=True)).to_be_visible()
    search_field(page).press("Enter")
    page.wait_for_url(f"**/folders/{yard['wet']}")
    expect(page.get_by_role("heading", name="Wet dock")).to_be_visible()


def test_a_search_for_nothing_says_what_was_searched_and_is_cleared_by_escape(page: Page) -> None:
    page.goto("/workspaces")
    search_field(page).fill("kraken")
    expect(page.get_by_text("Nothing is called “kraken”.")).to_be_visible()
    search_field(page).press("Escape")
    expect(tree(page)).to_be_visible()
    search_field(page).fill("kraken")
    page.get_by_role("button", name="Clear the search").click()
    expect(search_field(page)).to_be_focused()
    expect(search_field(page)).to_have_value("")


def test_a_workflow_is_dragged_to_another_job_and_moved_back(page: Page, owner: Uzo, yard: dict[str, str]) -> None:
    page.goto(f"/jobs/{yard['hulls']}")
    expect(item(page, "Caulking report")).to_be_hidden()
    page.get_by_role("link", name="Caulking report").wait_for()
    item(page, "Hulls").press("ArrowRight")
    item(page, "Caulking report").drag_to(item(page, "Masts"))
    told = page.get_by_role("status").filter(has_text="“Caulking report” was moved to “Masts”.")
    expect(told).to_be_visible()
    assert owner.get(f"workflows/{yard['workflow']}")["job_id"] == yard["masts"]
    expect(page.get_by_text("No workflows yet").first).to_be_visible()
    told.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("“Caulking report” is back where it was.")).to_be_visible()
    assert owner.get(f"workflows/{yard['workflow']}")["job_id"] == yard["hulls"]
    expect(page.get_by_role("row").get_by_role("link", name="Caulking report")).to_be_visible()


def test_a_drop_is_shown_only_where_it_would_be_taken(page: Page, yard: dict[str, str]) -> None:
    page.goto(f"/folders/{yard['dry']}")
    row(page, "Hulls").hover()
    page.mouse.down()
    item(page, "Dockyard").hover()
    item(page, "Dockyard").hover()
    expect(item(page, "Dockyard")).to_have_attribute("data-drop", "false")
    item(page, "Wet dock").hover()
    item(page, "Wet dock").hover()
    expect(item(page, "Wet dock")).to_have_attribute("data-drop", "true")
    expect(row(page, "Hulls")).to_have_attribute("data-dragged", "true")
    page.keyboard.press("Escape")
    page.mouse.up()


def test_a_folder_is_moved_by_the_keyboard_alone(page: Page, owner: Uzo, yard: dict[str, str]) -> None:
    page.goto(f"/workspaces/{yard['workspace']}")
    expect(item(page, "Wet dock")).to_be_visible()
    item(page, "Wet dock").focus()
    page.keyboard.press("m")
    asked = page.get_by_role("dialog", name="Move “Wet dock”")
    field = asked.get_by_role("combobox", name="Into")
    expect(field).to_be_focused()
    page.keyboard.type("dry")
    choice = page.get_by_role("option", name=re.compile("Dry dock"))
    expect(choice).to_contain_text("Dockyard")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    asked.get_by_role("button", name="Move").press("Enter")
    expect(page.get_by_text("“Wet dock” was moved to “Dry dock”.")).to_be_visible()
    assert owner.get(f"folders/{yard['wet']}")["parent_id"] == yard["dry"]
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("“Wet dock” is back where it was.")).to_be_visible()
    assert owner.get(f"folders/{yard['wet']}")["parent_id"] is None


def test_a_move_that_cannot_be_says_why_and_moves_nothing(page: Page, owner: Uzo, yard: dict[str, str]) -> None:
    inner = owner.post(f"workspaces/{yard['workspace']}/folders", {"name": "Slip", "parent_id": yard["dry"]})["id"]
    page.goto(f"/folders/{inner}")
    item(page, "Dry dock").drag_to(item(page, "Slip"))
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text("“Dry dock” was not moved.")
    expect(refused).to_contain_text("A folder cannot move into itself or into a folder that it holds")
    expect(refused).to_contain_text("Choose another folder")
    assert owner.get(f"folders/{yard['dry']}")["parent_id"] is None
    refused.get_by_role("button", name="Close").click()
    expect(refused).to_be_hidden()


def test_whoever_may_only_look_is_told_why_nothing_moved(
    stranger: Page, demo: dict[str, Any], owner: Uzo, sample: dict[str, Any]
) -> None:
    folder = owner.get(f"jobs/{sample['job_id']}")["folder_id"]
    other = owner.post(f"folders/{folder}/jobs", {"name": "Tugs"})["id"]
    sign_in(stranger, demo, "viewer", wanted=f"/folders/{folder}")
    name = owner.get(f"jobs/{sample['job_id']}")["name"]
    item(stranger, name).press("ArrowRight")
    item(stranger, sample["name"]).drag_to(item(stranger, "Tugs"))
    expect(stranger.get_by_role("alert")).to_contain_text("You need the permission write on this workflow")
    assert owner.get(f"workflows/{sample['id']}")["job_id"] == sample["job_id"]
    owner.http.delete(f"jobs/{other}")


def test_a_long_level_is_read_in_pages_and_says_how_much_there_is(page: Page, owner: Uzo, yard: dict[str, str]) -> None:
    more = 3
    for number in range(PAGE + more):
        owner.post(f"folders/{yard['wet']}/jobs", {"name": f"Berth {number:03}"})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if yard["wet"] in request.url else None)
    page.goto(f"/folders/{yard['wet']}")
    expect(row(page, f"Berth {PAGE - 1:03}")).to_be_attached()
    expect(row(page, f"Berth {PAGE:03}")).to_have_count(0)
    expect(page.get_by_text(f"{PAGE} of {PAGE + more}")).to_be_visible()
    assert len([url for url in asked if "/tree?" in url]) == 1
    last = tree(page).get_by_role("treeitem").filter(has_text=f"Show more of {more} others")
    last.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(item(page, f"Berth {PAGE:03}")).to_be_visible()
    expect(row(page, f"Berth {PAGE + more - 1:03}")).to_be_attached()
    expect(page.get_by_text(f"{PAGE} of {PAGE + more}")).to_be_hidden()


def test_what_is_shared_alone_is_found_in_the_explorer(
    stranger: Page, demo: dict[str, Any], owner: Uzo, yard: dict[str, str]
) -> None:
    (someone,) = owner.get("users", search=login_of(demo, "viewer")["email"])["results"]
    owner.post(
        "permissions",
        {"user_id": someone["id"], "object_type": "job", "object_id": yard["hulls"], "permission": "read"},
    )
    sign_in(stranger, demo, "viewer", wanted="/workspaces")
    expect(item(stranger, "Dockyard")).to_have_count(0)
    item(stranger, "Hulls").click()
    stranger.wait_for_url(f"**/jobs/{yard['hulls']}")
    expect(stranger.get_by_role("row").get_by_role("link", name="Caulking report")).to_be_visible()
