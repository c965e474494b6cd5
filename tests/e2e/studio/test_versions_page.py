"""Versions on the canvas: an old one is looked at, compared and brought back; and who has checked it out."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.drawing import SOON, diagram_of, ends, label_of, node, opened, saved


def renamed(page: Page, node_id: str, name: str) -> None:
    node(page, node_id).click()
    page.get_by_role("textbox", name="Name of the node").fill(name)
    saved(page)


def test_an_old_version_is_looked_at_compared_and_restored(
    page: Page, owner: Uzo, make: Any, sample: dict[str, Any]
) -> None:
    workflow = make("Looked back at", sample["workflow_diagram"])
    opened(page, workflow)
    renamed(page, "departed", "Left the gate")
    node(page, "per_route").click()
    page.keyboard.press("Delete")
    expect(node(page, "per_route")).to_have_count(0)
    saved(page)

    page.get_by_role("button", name="Show versions").click()
    panel = page.get_by_role("complementary", name="Versions")
    expect(panel.get_by_test_id(re.compile(r"^version-\d+$"))).to_have_count(2, timeout=SOON)
    panel.get_by_role("button", name="Version 1", exact=True).click()
    expect(page.get_by_text("This is version 1, as it was saved")).to_be_visible(timeout=SOON)
    expect(node(page, "departed")).to_have_attribute("data-mark", "changed", timeout=SOON)
    expect(node(page, "per_route")).to_have_attribute("data-mark", "removed")
    told = page.get_by_test_id("version-difference")
    expect(told).to_contain_text("1 node removed")
    expect(told).to_contain_text("Left the gate")
    expect(page.get_by_role("complementary", name="Nodes")).to_have_count(0)

    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_test_id("save-status")).to_be_visible(timeout=SOON)
    expect(node(page, "per_route")).to_be_visible(timeout=SOON)
    restored = diagram_of(owner, workflow)
    assert ends(restored) == ends(sample["workflow_diagram"])
    assert label_of(restored, "departed") == label_of(sample["workflow_diagram"], "departed")


def test_a_workflow_that_another_has_checked_out_is_only_looked_at_until_it_is_taken_over(
    page: Page, second: Page, make: Any, sample: dict[str, Any]
) -> None:
    workflow = make("Held by one", sample["workflow_diagram"])
    opened(second, workflow)
    second.get_by_role("button", name="Check out").click()
    expect(second.get_by_test_id("lock-status")).to_contain_text("Checked out by you", timeout=SOON)
    page.goto(f"/workflows/{workflow['id']}")
    expect(page.get_by_test_id("lock-status")).to_contain_text("Checked out by", timeout=SOON)
    expect(page.get_by_text("Read only", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_test_id("lock-status")).to_contain_text("Checked out by you", timeout=SOON)
    expect(page.get_by_test_id("save-status")).to_be_visible()
    # The one it was taken from is told at once, and cannot write over it.
    expect(second.get_by_text("Read only", exact=True)).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Check in").click()
    expect(second.get_by_role("button", name="Check out")).to_be_visible(timeout=SOON)
    expect(second.get_by_test_id("save-status")).to_be_visible()


def test_a_right_click_and_the_menu_key_offer_what_the_keys_do(
    page: Page, owner: Uzo, make: Any, sample: dict[str, Any]
) -> None:
    workflow = make("Clicked on the right", sample["workflow_diagram"])
    opened(page, workflow)
    page.get_by_role("button", name="Hide Data").click()
    node(page, "departed").click(button="right")
    menu = page.get_by_test_id("menu-node")
    menu.get_by_role("menuitem", name="Duplicate").click()
    expect(node(page, "departed_2")).to_be_visible(timeout=SOON)
    page.locator(".react-flow__pane").click(button="right", position={"x": 300, "y": 640})
    page.get_by_test_id("menu-canvas").get_by_role("menuitem", name="Sticky note").click()
    expect(page.get_by_test_id("note-note")).to_be_visible()
    page.keyboard.press("Escape")
    node(page, "departed_2").click()
    page.keyboard.press("Shift+F10")
    page.get_by_test_id("menu-node").get_by_role("menuitem", name="Delete", exact=False).last.click()
    expect(node(page, "departed_2")).to_have_count(0)
    saved(page)
    assert "departed_2" not in {each["id"] for each in diagram_of(owner, workflow)["nodes"]}
