"""The story of somebody new, from signing in to two browsers at one workflow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import enter
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
    pick,
    port,
    saved,
    status,
)
from tests.e2e.studio.harbour import ARRIVALS, FLAGS, PASSWORD, Harbour
from tests.e2e.studio.sharing import share

BY_MOUSE, BY_KEYS = "Arrivals by flag", "Late arrivals"


@pytest.fixture
def harbour(owner: Uzo, demo: dict[str, Any]) -> Iterator[Harbour]:
    harbour = Harbour(owner, demo)
    harbour.fill()
    yield harbour
    harbour.clear()


@pytest.mark.timeout(300)
def test_somebody_new_draws_runs_breaks_mends_schedules_and_shares_and_nothing_is_lost(
    visit: Callable[..., Page], owner: Uzo, harbour: Harbour
) -> None:
    page = visit()
    enter(page, harbour.nadia["email"], PASSWORD)
    expect(page.get_by_role("heading", name="Hello, Nadia")).to_be_visible()
    connector = f"Port register {harbour.mark}"
    makes_a_connector(page, harbour, connector)
    sees_its_schema(page, harbour)

    drawn = new_workflow(page, owner, harbour, BY_MOUSE)
    draws_with_the_mouse(page, owner, harbour, connector, drawn)
    sees_rows_before_running(page)
    runs_and_watches(page, harbour)

    typed = new_workflow(page, owner, harbour, BY_KEYS)
    draws_with_the_keyboard(page, owner, harbour, connector, typed)
    breaks_it_and_resumes(page, owner, typed)
    undoes_ten_steps(page, owner, typed)

    schedules_it(page, owner, harbour)
    shares_it(page, harbour, drawn)
    reader = visit()
    enter(reader, harbour.ravi["email"], PASSWORD, wanted=f"/workflows/{drawn['id']}")
    cannot_edit(reader, owner, drawn)

    other = visit()
    enter(other, harbour.nadia["email"], PASSWORD, wanted=f"/workflows/{drawn['id']}")
    both_edit(page, other, owner, drawn)


def inspector(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Inspector")


def main_link(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Main").get_by_role("link", name=name)


def makes_a_connector(page: Page, harbour: Harbour, name: str) -> None:
    main_link(page, "Connectors").click()
    page.get_by_role("button", name="New connector").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("searchbox", name="Search types of connectors")).to_be_focused(timeout=SOON)
    page.keyboard.type("postgre")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    page.keyboard.type(name)
    target = harbour.target
    for label, value in (
        ("Host", target.hostname),
        ("Port", target.port),
        ("Database", target.path.lstrip("/")),
        ("User name", target.username),
        ("Password", target.password),
    ):
        dialog.get_by_label(label).first.fill(str(value))
    dialog.get_by_role("button", name="Test", exact=True).click()
    expect(dialog.get_by_text(re.compile("^Reachable"))).to_be_visible(timeout=SOON)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=SOON)


def sees_its_schema(page: Page, harbour: Harbour) -> None:
    page.get_by_role("list", name="Tables").get_by_role("button", name=harbour.arrivals).click(timeout=SOON)
    columns = page.get_by_role("region", name=harbour.arrivals).get_by_role("row")
    expect(columns.filter(has_text="late_minutes")).to_contain_text("int32")


def new_workflow(page: Page, owner: Uzo, harbour: Harbour, name: str) -> dict[str, Any]:
    """By the page of the job, with the mouse; the workflow as it is stored."""
    main_link(page, "Workspaces").click()
    for place in (f"Harbour {harbour.mark}", "Arrivals", "Nightly"):
        page.get_by_role("main").get_by_role("link", name=place, exact=True).click()
    page.get_by_role("button", name="New workflow").first.click()
    expect(page.get_by_role("dialog").get_by_role("textbox", name="Name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/workflows/*")
    status(page).wait_for()
    workflow: dict[str, Any] = owner.get(f"workflows/{page.url.rpartition('/')[2].partition('?')[0]}")
    assert workflow["name"] == name
    return workflow


def draws_with_the_mouse(page: Page, owner: Uzo, harbour: Harbour, connector: str, workflow: dict[str, Any]) -> None:
    from_palette(page, "Read", 150, 120)
    from_palette(page, "Read", 150, 300)
    # What is dropped lies where it was dropped, also the first node of all.
    assert abs(middle(node(page, "read"))[1] + 180 - middle(node(page, "read_2"))[1]) <= 20
    from_palette(page, "Join", 420, 200)
    from_palette(page, "Aggregate", 640, 330)
    connect(page, "read", "join", "left")
    connect(page, "read_2", "join", "right")
    connect(page, "join", "aggregate")
    from_palette(page, "Write", 460, 440)
    # Pulled into the void: what fits is offered, and it is connected at once.
    start = middle(port(page, "aggregate", "output", "source"))
    drag(page, start, (start[0] - 700, start[1] + 60))
    page.get_by_role("combobox", name="Add a node").fill("sort")
    page.get_by_role("option", name="Sort").first.click()
    connect(page, "sort", "write")

    form = inspector(page)
    for node_id, table in (("read", harbour.arrivals), ("read_2", harbour.ships)):
        node(page, node_id).click()
        pick(page, form.get_by_role("combobox", name="Connector"), connector)
        pick(page, form.get_by_role("combobox", name="Table"), table)
    node(page, "join").click()
    form.get_by_role("button", name="Join on ship = ship").click(timeout=SOON)
    node(page, "aggregate").click()
    pick(page, form.get_by_role("combobox", name="Group by"), "flag")
    page.keyboard.press("Escape")
    form.get_by_role("button", name="Add", exact=True).click()
    node(page, "sort").click()
    form.get_by_role("button", name="Add a column").click()
    pick(page, form.get_by_role("combobox", name="Column"), "flag")
    node(page, "write").click()
    pick(page, form.get_by_role("combobox", name="Connector"), connector)
    form.get_by_role("combobox", name="Table").fill(harbour.tally)
    pick(page, form.get_by_role("combobox", name="Mode"), "replace")
    expect(page.get_by_role("button", name=re.compile(r"\d errors?"))).to_have_count(0, timeout=SOON)
    saved(page)
    assert ends(diagram_of(owner, workflow)) == {
        ("read", "join", "left"),
        ("read_2", "join", "right"),
        ("join", "aggregate", "input"),
        ("aggregate", "sort", "input"),
        ("sort", "write", "input"),
    }


def sees_rows_before_running(page: Page) -> None:
    node(page, "sort").click()
    grid = page.get_by_role("table", name="Sort")
    expect(grid).to_have_attribute("aria-rowcount", str(1 + len(FLAGS)), timeout=ENOUGH)
    expect(grid.get_by_role("columnheader").filter(has_text="count")).to_be_visible()


def runs_and_watches(page: Page, harbour: Harbour) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    expect(node(page, "read")).to_have_attribute("data-status", "running", timeout=ENOUGH)
    expect(page.get_by_role("button", name="Cancel run")).to_be_visible()
    for node_id in ("read", "read_2", "join", "aggregate", "sort", "write"):
        expect(node(page, node_id)).to_have_attribute("data-status", "success", timeout=ENOUGH)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=SOON)
    rows = harbour.tallied()
    assert [flag for flag, _ in rows] == list(FLAGS)
    assert sum(count for _, count in rows) == ARRIVALS


def draws_with_the_keyboard(page: Page, owner: Uzo, harbour: Harbour, connector: str, workflow: dict[str, Any]) -> None:
    form, press, write = inspector(page), page.keyboard.press, page.keyboard.type

    def settings(first: Locator) -> None:
        press("Enter")
        expect(first).to_be_focused()

    add(page, "read")
    settings(form.get_by_role("combobox", name="Connector"))
    write(connector)
    press("Enter")
    press("Tab")
    expect(form.get_by_role("combobox", name="Table")).to_be_focused()
    write(harbour.arrivals)
    leave(page)

    add(page, "filter")
    # The columns that arrive are known, so a wrong name is underlined as it stands there.
    expect(page.get_by_role("button", name="5 columns")).to_be_visible(timeout=SOON)
    condition = form.get_by_role("textbox", name="Condition")
    settings(condition)
    write("late_minuts > 0")
    wrong = form.locator(".cm-lintRange-error")
    expect(wrong).to_have_text("late_minuts", timeout=SOON)
    expect(form.get_by_text("there is no column 'late_minuts'")).to_be_visible()
    expect(node(page, "filter").get_by_title("1 error")).to_be_visible()
    # Mended by completion.
    press("Home")
    for _ in "late_minuts":
        press("ArrowRight")
    press("Control+Space")
    expect(page.locator(".cm-tooltip-autocomplete [aria-selected]")).to_contain_text("late_minutes")
    press("Enter")
    expect(condition).to_have_text("late_minutes > 0")
    expect(wrong).to_have_count(0, timeout=SOON)
    leave(page)

    add(page, "change types")
    settings(form.get_by_role("button", name="Add a column"))
    press("Enter")
    expect(form.get_by_role("combobox", name="Column")).to_be_focused()
    write("crates")
    press("Tab")
    write("int64")
    press("Enter")
    leave(page)

    add(page, "aggregate")
    settings(form.get_by_role("combobox", name="Group by"))
    write("quay")
    press("Enter")
    press("Tab")
    press("Enter")
    expect(form.get_by_role("combobox", name="Function")).to_be_focused()
    write("sum")
    press("Enter")
    press("Tab")
    write("crates")
    leave(page)

    add(page, "sort")
    settings(form.get_by_role("button", name="Add a column"))
    press("Enter")
    expect(form.get_by_role("combobox", name="Column")).to_be_focused()
    write("quay")
    leave(page)

    add(page, "limit")
    settings(form.get_by_role("textbox", name="Rows"))
    write("3")
    leave(page)

    expect(page.locator(".react-flow__node")).to_have_count(6)
    expect(page.get_by_role("button", name=re.compile(r"\d errors?"))).to_have_count(0, timeout=SOON)
    saved(page)
    assert len(ends(diagram_of(owner, workflow))) == 5
    grid = page.get_by_role("table", name="Limit")
    expect(grid).to_have_attribute("aria-rowcount", "4", timeout=ENOUGH)
    expect(grid.get_by_role("columnheader").filter(has_text="crates_sum")).to_be_visible()
    press("Control+Enter")
    ran(page, "success")


def ran(page: Page, ended: str) -> None:
    """The run that was just started is over."""
    expect(page.get_by_role("button", name="Cancel run")).to_be_visible(timeout=SOON)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=ENOUGH)
    expect(node(page, "change_types")).to_have_attribute("data-status", ended, timeout=SOON)


def breaks_it_and_resumes(page: Page, owner: Uzo, workflow: dict[str, Any]) -> None:
    """By the keyboard: the filter lets a value through that is no number, and the node that changes types fails."""
    form, press, write = inspector(page), page.keyboard.press, page.keyboard.type
    for _ in range(4):
        press("ArrowLeft")
    press("Enter")
    condition = form.get_by_role("textbox", name="Condition")
    expect(condition).to_be_focused()
    press("Control+a")
    write("late_minutes >= 0")
    expect(condition).to_have_text("late_minutes >= 0")
    press("Control+Enter")
    ran(page, "failed")
    leave(page)
    press("ArrowRight")
    failure = form.get_by_role("alert").filter(has_text="This node failed")
    expect(failure).to_contain_text("grain")
    [failed] = [each for each in runs_of(owner, workflow) if each["status"] == "failed"]
    press("Enter")
    expect(form.get_by_role("combobox", name="Column")).to_be_focused()
    strict = form.get_by_role("switch", name="Strict")
    for _ in range(4):
        press("Tab")
    expect(strict).to_be_focused()
    press("Space")
    expect(strict).not_to_be_checked()
    resume = failure.get_by_role("button", name="Resume from here")
    for _ in range(14):
        if resume.evaluate("button => button === document.activeElement"):
            break
        press("Shift+Tab")
    expect(resume).to_be_focused()
    press("Enter")
    expect(node(page, "change_types")).to_have_attribute("data-status", "success", timeout=ENOUGH)
    expect(node(page, "limit")).to_have_attribute("data-status", "success", timeout=ENOUGH)
    # The same run went on: it is no other one.
    assert owner.wait(failed["id"])["status"] == "success"
    assert len(runs_of(owner, workflow)) == 2


def runs_of(owner: Uzo, workflow: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = owner.get(f"workflows/{workflow['id']}/executions")["results"]
    return found


def undoes_ten_steps(page: Page, owner: Uzo, workflow: dict[str, Any]) -> None:
    leave(page)
    saved(page)
    before = diagram_of(owner, workflow)
    for _ in range(10):
        page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__node")).not_to_have_count(len(before["nodes"]))
    saved(page)
    assert len(diagram_of(owner, workflow)["nodes"]) < len(before["nodes"])
    for _ in range(10):
        page.keyboard.press("Control+y")
    expect(page.locator(".react-flow__node")).to_have_count(len(before["nodes"]))
    saved(page)
    assert diagram_of(owner, workflow) == before


def schedules_it(page: Page, owner: Uzo, harbour: Harbour) -> None:
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Nightly").click()
    page.get_by_role("tab", name="Schedules").click()
    page.get_by_role("button", name="New schedule").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Before the tide")
    dialog.get_by_role("textbox", name="Cron").fill("15 5 * * *")
    expect(dialog.get_by_role("list", name="Next fires").get_by_role("listitem")).to_have_count(5, timeout=SOON)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row").filter(has_text="Before the tide")).to_contain_text("05:15", timeout=SOON)
    [schedule] = owner.get(f"jobs/{harbour.job['id']}/schedules")["results"]
    assert (schedule["cron"], schedule["enabled"]) == ("15 5 * * *", True)


def shares_it(page: Page, harbour: Harbour, workflow: dict[str, Any]) -> None:
    page.get_by_role("tab", name="Workflows").click()
    page.get_by_role("main").get_by_role("link", name=BY_MOUSE).click()
    page.wait_for_url(f"**/workflows/{workflow['id']}*")
    page.get_by_role("button", name=f"Share “{BY_MOUSE}”").click()
    share(page, "ravi", harbour.ravi["name"], "View")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def cannot_edit(page: Page, owner: Uzo, workflow: dict[str, Any]) -> None:
    expect(page.get_by_text("Read only", exact=True)).to_be_visible(timeout=SOON)
    expect(page.get_by_role("complementary", name="Nodes")).to_have_count(0)
    before = diagram_of(owner, workflow)
    node(page, "join").click()
    expect(page.get_by_role("textbox", name="Name of the node")).to_have_count(0)
    page.keyboard.press("Delete")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Add a node")).to_have_count(0)
    place = middle(node(page, "join"))
    drag(page, place, (place[0] + 80, place[1] + 80))
    expect(page.locator(".react-flow__node")).to_have_count(len(before["nodes"]))
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    refused = page.evaluate(
        """async (path) => {
          const csrf = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? "";
          const headers = {"Content-Type": "application/json", "X-CSRFToken": csrf};
          const body = JSON.stringify({workflow_diagram: {nodes: [], edges: []}});
          const answer = await fetch(path, {method: "PATCH", headers, body});
          return [answer.status, (await answer.json()).code];
        }""",
        f"/api/v1/workflows/{workflow['id']}",
    )
    assert refused == [403, "forbidden"]
    assert diagram_of(owner, workflow) == before


def both_edit(page: Page, other: Page, owner: Uzo, workflow: dict[str, Any]) -> None:
    """What one saves appears at the other; what both change at once is asked about, and none of it is lost."""
    node(page, "join").click()
    page.get_by_role("textbox", name="Name of the node").fill("Ships and arrivals")
    expect(node(other, "join")).to_contain_text("Ships and arrivals", timeout=SOON)

    node(other, "sort").click()
    # Held up on its way until the other browser has saved.
    held: list[Any] = []
    other.route("**/api/v1/workflows/*", lambda route: hold(route, held))
    other.get_by_role("textbox", name="Name of the node").fill("By flag, from here")
    expect(status(other)).to_have_text("Saving…", timeout=SOON)
    node(page, "sort").click()
    page.get_by_role("textbox", name="Name of the node").fill("By flag, from there")
    saved(page)
    for route in held:
        route.continue_()
    notice = other.get_by_role("alert").filter(has_text="Somebody else saved")
    expect(notice).to_be_visible(timeout=SOON)
    assert label_of(diagram_of(owner, workflow), "sort") == "By flag, from there"
    other.unroute("**/api/v1/workflows/*")
    notice.get_by_role("button", name="Keep mine as a copy").click()
    other.wait_for_url(lambda url: workflow["id"] not in url, timeout=SOON)
    expect(node(other, "sort")).to_contain_text("By flag, from here", timeout=SOON)
    assert label_of(diagram_of(owner, workflow), "sort") == "By flag, from there"
    page.reload()
    expect(node(page, "sort")).to_contain_text("By flag, from there", timeout=SOON)


def hold(route: Any, held: list[Any]) -> None:
    if route.request.method == "PATCH":
        held.append(route)
    else:
        route.continue_()
