"""How a person draws on the canvas, by mouse and by keyboard, and what was saved then."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo

ENOUGH = 60_000  # milliseconds for a run on a busy machine
SOON = 30_000


def node(page: Page, node_id: str) -> Locator:
    return page.get_by_test_id(f"node-{node_id}")


def status(page: Page) -> Locator:
    return page.get_by_test_id("save-status")


def saved(page: Page) -> None:
    expect(status(page)).to_have_text("Saved", timeout=SOON)


def middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def port(page: Page, node_id: str, name: str, side: str) -> Locator:
    """A handle: `source` leaves the node, `target` enters it."""
    return node(page, node_id).locator(f".react-flow__handle.{side}[data-handleid='{name}']")


def connect(page: Page, source: str, target: str, target_port: str = "input") -> None:
    drag(page, middle(port(page, source, "output", "source")), middle(port(page, target, target_port, "target")))


def from_palette(page: Page, label: str, x: int, y: int) -> None:
    """Drag a node type onto the canvas."""
    item = page.get_by_role("complementary", name="Nodes").get_by_role("button", name=label, exact=True)
    item.drag_to(page.locator(".react-flow__pane"), target_position={"x": x, "y": y})


def pick(page: Page, box: Locator, option: str) -> None:
    """Choose from a list of the settings."""
    box.click()
    page.get_by_role("option").filter(has_text=option).first.click()


def add(page: Page, words: str) -> None:
    """By keyboard: `/`, some letters, Enter."""
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Add a node").wait_for()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def leave(page: Page) -> None:
    """From the settings back to the canvas: an open list of choices closes first."""
    for _ in range(3):
        if not page.evaluate("document.activeElement.closest('[data-inspector]') !== null"):
            return
        page.keyboard.press("Escape")
    raise AssertionError("Escape does not lead out of the settings")


def diagram_of(owner: Uzo, workflow: dict[str, Any]) -> dict[str, Any]:
    diagram: dict[str, Any] = owner.get(f"workflows/{workflow['id']}")["workflow_diagram"]
    return diagram


def label_of(diagram: dict[str, Any], node_id: str) -> str:
    label: str = next(each for each in diagram["nodes"] if each["id"] == node_id)["data"]["label"]
    return label


def ends(diagram: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(each["source"], each["target"], each["targetHandle"]) for each in diagram["edges"]}


def opened(page: Page, workflow: dict[str, Any]) -> None:
    page.goto(f"/workflows/{workflow['id']}")
    status(page).wait_for()
