"""The canvas as an editor: drawn by mouse and by keyboard, saved by itself, and nobody's work silently lost."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import sign_in
from tests.e2e.studio.drawing import (
    ENOUGH,
    SOON,
    add,
    connect,
    diagram_of,
    drag,
    ends,
    from_palette,
    label_of,
    leave,
    middle,
    node,
    opened,
    port,
    saved,
    status,
)


def test_a_graph_of_six_nodes_is_drawn_with_the_mouse_and_undone_step_by_step(
    page: Page, owner: Uzo, make: Any
) -> None:
    workflow = make("Drawn with the mouse")
    opened(page, workflow)
    page.get_by_role("button", name="Hide Data").click()
    from_palette(page, "Read", 140, 120)
    from_palette(page, "Read", 140, 330)
    from_palette(page, "Join", 410, 220)
    from_palette(page, "Sort", 660, 120)
    from_palette(page, "Limit", 660, 330)
    expect(page.locator(".react-flow__node")).to_have_count(5)
    connect(page, "read", "join", "left")
    connect(page, "read_2", "join", "right")
    connect(page, "join", "sort")
    connect(page, "join", "limit")
    # Pulled into the void: what fits is offered, and it is connected at once.
    start = middle(port(page, "sort", "output", "source"))
    drag(page, start, (start[0] - 300, start[1] + 380))
    page.get_by_role("combobox", name="Add a node").fill("write")
    page.keyboard.press("Enter")
    expect(page.locator(".react-flow__node")).to_have_count(6)
    saved(page)
    drawn = diagram_of(owner, workflow)
    assert ends(drawn) == {
        ("read", "join", "left"),
        ("read_2", "join", "right"),
        ("join", "sort", "input"),
        ("join", "limit", "input"),
        ("sort", "write", "input"),
    }
    page.locator(".react-flow__pane").click(position={"x": 20, "y": 460})
    for _ in range(10):
        page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__node")).to_have_count(0)
    saved(page)
    assert diagram_of(owner, workflow)["nodes"] == []
    for _ in range(10):
        page.keyboard.press("Control+Shift+z")
    saved(page)
    assert diagram_of(owner, workflow) == drawn


def test_a_graph_of_six_nodes_is_drawn_mended_previewed_and_run_with_the_keyboard_alone(
    page: Page, owner: Uzo, make: Any, sample: dict[str, Any]
) -> None:
    workflow = make("Drawn with the keyboard")
    opened(page, workflow)
    inspector = page.get_by_role("complementary", name="Inspector")
    read = next(each for each in sample["workflow_diagram"]["nodes"] if each["id"] == "flights")["data"]
    connector = owner.get(f"connectors/{read.get('connectorId') or read['config']['connectorId']}")

    add(page, "read")
    node(page, "read").wait_for()
    page.keyboard.press("Enter")
    expect(inspector.get_by_role("combobox", name="Connector")).to_be_focused()
    page.keyboard.type(connector["name"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(inspector.get_by_role("combobox", name="Table")).to_be_focused()
    page.keyboard.type("flights")
    leave(page)

    add(page, "filter")
    expect(page.get_by_role("button", name=re.compile(r"\d+ columns")).first).to_be_visible(timeout=SOON)
    page.keyboard.press("Enter")
    condition = inspector.get_by_role("textbox", name="Condition")
    expect(condition).to_be_focused()
    page.keyboard.type("dep_dela > 60")
    wrong = inspector.locator(".cm-lintRange-error")
    expect(wrong).to_have_text("dep_dela", timeout=SOON)
    expect(inspector.get_by_text("there is no column 'dep_dela'")).to_be_visible()
    expect(node(page, "filter").get_by_title("1 error")).to_be_visible()

    # Mended by completion.
    leave(page)
    page.keyboard.press("Enter")
    expect(condition).to_be_focused()
    page.keyboard.press("Home")
    for _ in range(len("dep_dela")):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Space")
    expect(page.locator(".cm-tooltip-autocomplete [aria-selected]")).to_contain_text("dep_delay")
    page.keyboard.press("Enter")
    expect(condition).to_have_text("dep_delay > 60")
    expect(wrong).to_have_count(0, timeout=SOON)
    leave(page)

    add(page, "aggregate")
    page.keyboard.press("Enter")
    expect(inspector.get_by_role("combobox", name="Group by")).to_be_focused()
    page.keyboard.type("carrier")
    page.keyboard.press("Enter")
    leave(page)
    for words in ("sort", "limit", "duplicate"):
        add(page, words)
    expect(page.locator(".react-flow__node")).to_have_count(6)
    saved(page)
    assert len(diagram_of(owner, workflow)["edges"]) == 5

    # What is not said yet is a problem, and can be said as JSON too.
    for node_id, config in (
        ("sort", {"operation": "sort", "by": ["carrier"]}),
        ("limit", {"operation": "limit", "n": 5}),
    ):
        node(page, node_id).click()
        inspector.get_by_text("JSON", exact=True).click()
        inspector.get_by_role("textbox", name="JSON").fill(json.dumps(config))
    expect(page.get_by_role("button", name=re.compile(r"\d error"))).to_have_count(0, timeout=SOON)
    saved(page)

    grid = page.get_by_role("table", name="Limit")
    expect(grid.get_by_role("columnheader").first).to_contain_text("carrier", timeout=ENOUGH)
    expect(grid).to_have_attribute("aria-rowcount", "6", timeout=ENOUGH)

    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"execution="), timeout=SOON)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=ENOUGH)
    for node_id in ("read", "filter", "aggregate", "sort", "limit"):
        expect(node(page, node_id)).to_have_attribute("data-status", "success", timeout=SOON)

    before = diagram_of(owner, workflow)
    page.locator(".react-flow__pane").click(position={"x": 20, "y": 400})
    for _ in range(10):
        page.keyboard.press("Control+z")
    saved(page)
    assert len(diagram_of(owner, workflow)["nodes"]) < len(before["nodes"])
    for _ in range(10):
        page.keyboard.press("Control+y")
    saved(page)
    assert diagram_of(owner, workflow) == before


def test_a_failed_node_shows_its_error_and_the_run_resumes_from_it_once_mended(
    page: Page, owner: Uzo, make: Any, sample: dict[str, Any]
) -> None:
    nodes = [each for each in json.loads(json.dumps(sample["workflow_diagram"]["nodes"])) if each["id"] == "flights"]
    config = {"operation": "cast", "types": {"carrier": "int64"}}
    cast = {"nodeType": "transform", "category": "transform", "label": "Numbers", "config": config}
    nodes.append({"id": "numbers", "type": "custom-node", "position": {"x": 600, "y": 0}, "data": cast})
    edges = [{"id": "e", "source": "flights", "target": "numbers", "sourceHandle": "output", "targetHandle": "input"}]
    workflow = make("Fails once", {"nodes": nodes, "edges": edges})
    failed = owner.wait(owner.post(f"workflows/{workflow['id']}/execute", expect=202)["id"])
    assert failed["status"] == "failed"
    page.goto(f"/workflows/{workflow['id']}?node=numbers")
    inspector = page.get_by_role("complementary", name="Inspector")
    expect(inspector.get_by_role("alert")).to_contain_text("This node failed")
    inspector.get_by_text("JSON", exact=True).click()
    inspector.get_by_role("textbox", name="JSON").fill(json.dumps({**config, "strict": False}))
    inspector.get_by_role("button", name="Resume from here").click()
    expect(node(page, "numbers")).to_have_attribute("data-status", "success", timeout=ENOUGH)
    assert owner.get(f"executions/{failed['id']}")["status"] == "success"


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
    page.get_by_test_id("note-note").dblclick()
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
    complaints[:] = [each for each in complaints if "WebSocket" not in each]


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


def test_whoever_may_only_read_cannot_edit(stranger: Page, demo: dict[str, Any], workflow: str) -> None:
    sign_in(stranger, demo, "viewer", wanted=f"{workflow}?node=departed")
    expect(stranger.get_by_text("Read only", exact=True)).to_be_visible()
    expect(stranger.get_by_role("complementary", name="Nodes")).to_have_count(0)
    expect(stranger.get_by_role("textbox", name="Name of the node")).to_have_count(0)
    before = stranger.locator(".react-flow__node").count()
    stranger.locator(".react-flow__pane").click(position={"x": 20, "y": 400})
    node(stranger, "departed").click()
    stranger.keyboard.press("Delete")
    stranger.keyboard.press("/")
    expect(stranger.get_by_role("combobox", name="Add a node")).to_have_count(0)
    assert stranger.locator(".react-flow__node").count() == before


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
