"""Who can do what here, and why: sharing something, and what the person it is shared with can do then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo, diagram, node
from tests.e2e.studio.browser import sign_in
from tests.e2e.studio.sharing import listed, share


@pytest.fixture
def harbour(owner: Uzo) -> Iterator[dict[str, str]]:
    """A workspace of the owner's alone, with a workflow in it: ids by kind."""
    name = f"Harbour {uuid4().hex[:6]}"
    workspace = owner.post("workspaces", {"name": name})["id"]
    folder = owner.post(f"workspaces/{workspace}/folders", {"name": "Arrivals"})["id"]
    job = owner.post(f"folders/{folder}/jobs", {"name": "Nightly count"})["id"]
    drawn = diagram([node("tide", "control", "set_variable", name="tide", value="1")], [])
    workflow = owner.post(f"jobs/{job}/workflows", {"name": "Tides", "workflow_diagram": drawn})["id"]
    yield {"name": name, "workspace": workspace, "folder": folder, "job": job, "workflow": workflow}
    owner.http.delete(f"workspaces/{workspace}")


@pytest.fixture
def dan(visit: Callable[..., Page], demo: dict[str, Any]) -> Page:
    """The page of the viewer, in a browser of his own."""
    page = visit()
    sign_in(page, demo, "viewer")
    return page


def test_a_workflow_is_shared_with_a_read_only_person_who_cannot_edit_it(
    page: Page, dan: Page, demo: dict[str, Any], harbour: dict[str, str]
) -> None:
    path = f"/workflows/{harbour['workflow']}"
    dan.goto(path)
    expect(dan.get_by_text("It does not exist, was deleted, or is not shared with you.")).to_be_visible()
    page.goto(path)
    page.get_by_role("button", name="Share “Tides”").click()
    share(page, "dan", "Dan Reyes", "View")
    expect(listed(page, "Dan Reyes")).to_contain_text("Shared directly")

    dan.goto(path)
    expect(dan.get_by_text("Read only", exact=True)).to_be_visible()
    expect(dan.get_by_text("tide", exact=False).first).to_be_visible()
    refused = dan.evaluate(
        """async (path) => {
          const csrf = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? "";
          const headers = {"Content-Type": "application/json", "X-CSRFToken": csrf};
          const answer = await fetch(path, {method: "PATCH", headers, body: JSON.stringify({name: "Mine"})});
          return [answer.status, (await answer.json()).code];
        }""",
        f"/api/v1{path}",
    )
    assert refused == [403, "forbidden"]
    dan.get_by_role("button", name="Share “Tides”").click()
    expect(dan.get_by_text("You may see this, not share it.")).to_be_visible()
    expect(listed(dan, "Dan Reyes")).to_contain_text("Shared directly")
    expect(listed(dan, "Ada Marlow")).to_contain_text("Manage")
    expect(dan.get_by_role("textbox", name="Person or group")).to_have_count(0)
    expect(dan.get_by_role("button", name="Stop sharing with")).to_have_count(0)

    page.get_by_role("button", name="Stop sharing with Dan Reyes").click()
    expect(page.get_by_text("No longer shared with Dan Reyes.")).to_be_visible()
    dan.goto(path)
    expect(dan.get_by_text("It does not exist, was deleted, or is not shared with you.")).to_be_visible()


def test_what_is_shared_higher_up_flows_down_and_says_where_from(
    page: Page, owner: Uzo, harbour: dict[str, str]
) -> None:
    group = owner.post("groups", {"name": f"Pilots {uuid4().hex[:6]}"})
    people = {each["name"]: each["id"] for each in owner.get("users", page_size=200)["results"]}
    owner.post(f"groups/{group['id']}/members", {"user_id": people["Cleo Lindt"]})
    page.goto("/workspaces")
    page.get_by_role("button", name=f"Actions for {harbour['name']}").click()
    page.get_by_role("menuitem", name="Share").click()
    share(page, "pilots", group["name"], "Edit and run")
    expect(listed(page, group["name"])).to_contain_text("1 person")
    expect(listed(page, "Cleo Lindt")).to_contain_text(f"Shared directly, by the group {group['name']}")

    page.goto(f"/workflows/{harbour['workflow']}")
    page.get_by_role("button", name="Share “Tides”").click()
    cleo = listed(page, "Cleo Lindt")
    expect(cleo).to_contain_text(f"From the workspace “{harbour['name']}”, by the group {group['name']}")
    expect(cleo).to_contain_text("Edit and run")
    expect(page.get_by_role("button", name="Stop sharing with")).to_have_count(0)

    page.goto(f"/settings/members/{people['Cleo Lindt']}")
    page.get_by_role("combobox", name="Kind of object").click()
    page.get_by_role("option", name="Workflows").click()
    page.get_by_label("Search by name").fill("Tides")
    row = page.get_by_role("row").filter(has_text=harbour["name"])
    expect(row).to_contain_text("Edit and run")
    owner.http.delete(f"groups/{group['id']}")


def test_what_somebody_may_is_changed_by_keys_alone(page: Page, owner: Uzo, harbour: dict[str, str]) -> None:
    page.goto(f"/workflows/{harbour['workflow']}")
    page.get_by_role("button", name="Share “Tides”").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Person or group")).to_be_focused()
    with page.expect_response(lambda answer: "subjects" in answer.url and "ben" in answer.url):
        page.keyboard.type("ben")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("dialog").get_by_role("button", name="Share", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Shared with Ben Okoro.")).to_be_visible()
    level = page.get_by_role("combobox", name="What Ben Okoro may do")
    level.focus()
    page.keyboard.press("Enter")
    chosen = page.locator("[data-combobox-selected]").filter(has_text="Manage")
    for _ in range(8):
        if chosen.count():
            break
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(50)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Changed for Ben Okoro.")).to_be_visible()
    expect(level).to_have_value("Manage")
    people = {each["name"]: each["id"] for each in owner.get("users", page_size=200)["results"]}
    asked = {"object_type": "workflow", "object_id": harbour["workflow"], "permission": "admin"}
    check = owner.get("permissions/check", **asked, user_id=people["Ben Okoro"])
    assert check == {"allowed": True, "because": "admin was granted on it"}
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
