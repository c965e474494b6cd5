"""The canvas as an editor: copied, arranged, saved by itself, and nobody's work silently lost."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.drawing import (
    SOON,
    diagram_of,
    ends,
    label_of,
    node,
    opened,
    saved,
    status,
)


def test_nodes_are_copied_as_json_into_another_workflow(page: Page, owner: Uzo, make: Any, workflow: str) -> None:
    other = make("Pasted into")
    page.goto(workflow)
    node(page, "departed").click()
    node(page, "punctuality").click(modifiers=["Shift"])
    page.keyboard.press("Control+c")
    opened(page, other)
    page.keyboard.press("Control+v")
    expect(page.locator(".react-flow__node")).to_have_count(2)
    saved(page)
    pasted = diagram_of(owner, other)
    assert [each["id"] for each in pasted["nodes"]] == ["departed", "punctuality"]
    assert ends(pasted) == {("departed", "punctuality", "input")}


def test_arranging_notes_and_frames_are_saved_beside_the_nodes(
    page: Page, owner: Uzo, make: Any, sample: dict[str, Any]
) -> None:
    workflow = make("Arranged", sample["workflow_diagram"])
    opened(page, workflow)
    node(page, "departed").click()
    page.keyboard.press("Control+a")
    expect(page.get_by_role("toolbar", name="Selection")).to_be_visible()
    page.keyboard.press("Control+g")
    page.keyboard.press("n")
    expect(page.get_by_test_id("note-note")).to_be_visible()
    page.get_by_test_id("note-note").dblclick(position={"x": 16, "y": 12})  # its middle may lie under an edge
    page.keyboard.type("Why so late?")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+L")
    saved(page)
    expect(page.get_by_role("button", name="Undo: tidy up")).to_be_enabled(timeout=SOON)
    saved(page)
    stored = diagram_of(owner, workflow)
    assert {each["data"]["text"] for each in stored["annotations"]} == {"Group", "Why so late?"}
    assert ends(stored) == ends(sample["workflow_diagram"])
    places = {(each["position"]["x"], each["position"]["y"]) for each in stored["nodes"]}
    assert len(places) == len(stored["nodes"])
    assert all(x % 20 == 0 and y % 20 == 0 for x, y in places)


def test_what_one_person_saves_appears_at_the_other_who_has_nothing_unsaved(
    page: Page, second: Page, make: Any, sample: dict[str, Any]
) -> None:
    workflow = make("Seen by two", sample["workflow_diagram"])
    opened(page, workflow)
    opened(second, workflow)
    node(second, "departed").wait_for()
    node(page, "departed").click()
    page.get_by_role("textbox", name="Name of the node").fill("Renamed by Ada")
    saved(page)
    expect(node(second, "departed")).to_contain_text("Renamed by Ada", timeout=SOON)


def test_when_two_people_change_a_workflow_at_once_neither_loses_anything(
    page: Page, second: Page, owner: Uzo, make: Any, sample: dict[str, Any], complaints: list[str]
) -> None:
    workflow = make("Changed by two", sample["workflow_diagram"])
    opened(page, workflow)
    opened(second, workflow)
    node(second, "departed").click()
    second.context.set_offline(True)
    second.get_by_role("textbox", name="Name of the node").fill("Renamed offline")
    expect(status(second)).to_have_text("Offline", timeout=SOON)
    node(page, "departed").click()
    page.get_by_role("textbox", name="Name of the node").fill("Renamed by the owner")
    saved(page)
    second.context.set_offline(False)
    notice = second.get_by_role("alert").filter(has_text="Somebody else saved")
    expect(notice).to_be_visible(timeout=30_000)
    assert label_of(diagram_of(owner, workflow), "departed") == "Renamed by the owner"
    # Even a closed tab loses nothing: the draft comes back with the question.
    second.reload()
    expect(notice).to_be_visible(timeout=SOON)
    expect(node(second, "departed")).to_contain_text("Renamed offline")
    notice.get_by_role("button", name="Keep mine as a copy").click()
    second.wait_for_url(lambda url: workflow["id"] not in url, timeout=SOON)
    expect(node(second, "departed")).to_contain_text("Renamed offline", timeout=SOON)
    assert label_of(diagram_of(owner, workflow), "departed") == "Renamed by the owner"
    # It was off the line on purpose.
    complaints[:] = [each for each in complaints if not ("WebSocket" in each or "ERR_INTERNET_DISCONNECTED" in each)]


def test_theirs_can_be_taken_and_mine_brought_back_by_undo(
    page: Page, second: Page, owner: Uzo, make: Any, sample: dict[str, Any]
) -> None:
    workflow = make("Taken over", sample["workflow_diagram"])
    opened(second, workflow)
    node(second, "departed").click()
    # Saved by a script between the edit and its autosave.
    second.route("**/api/v1/workflows/*", lambda route: _after_other(route, owner, workflow))
    second.get_by_role("textbox", name="Name of the node").fill("Mine")
    notice = second.get_by_role("alert").filter(has_text="Somebody else saved")
    expect(notice).to_be_visible(timeout=SOON)
    second.unroute("**/api/v1/workflows/*")
    notice.get_by_role("button", name="Show theirs").click()
    expect(node(second, "departed")).to_contain_text("Theirs", timeout=SOON)
    second.keyboard.press("Escape")
    second.get_by_role("button", name=re.compile("^Undo")).click()
    expect(node(second, "departed")).to_contain_text("Mine")
    saved(second)
    assert label_of(diagram_of(owner, workflow), "departed") == "Mine"


def _after_other(route: Any, owner: Uzo, workflow: dict[str, Any]) -> None:
    if route.request.method == "PATCH" and owner.get(f"workflows/{workflow['id']}")["version"] == 1:
        diagram = json.loads(json.dumps(workflow["workflow_diagram"]))
        next(each for each in diagram["nodes"] if each["id"] == "departed")["data"]["label"] = "Theirs"
        answer = owner.http.patch(f"workflows/{workflow['id']}", json={"workflow_diagram": diagram})
        assert answer.status_code == 200, answer.text
    route.continue_()


def test_the_sheet_of_keys_opens_by_a_question_mark(page: Page, workflow: str) -> None:
    page.goto(workflow)
    status(page).wait_for()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet.get_by_text("Tidy up (automatic layout)")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    page.keyboard.press("Control+f")
    page.get_by_role("combobox", name="Find a node").fill("arr_delay")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Inspector")).to_be_visible()
