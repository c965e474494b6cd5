"""What axe finds on every page, in both themes: nothing serious, nothing critical."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.studio.browser import sign_in
from tests.e2e.studio.screenshots import pages

AXE = Path(__file__).resolve().parents[3] / "apps/studio/frontend/node_modules/axe-core/axe.min.js"
ASK = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, help, nodes}) => ({
      rule: `${id}: ${help}`,
      where: nodes.slice(0, 3).map(({html, failureSummary}) => `${html.slice(0, 300)} — ${failureSummary}`),
    }));
}"""


def findings(page: Page) -> list[str]:
    """What axe calls serious or critical on the page as it stands."""
    # Evaluated from outside the page, so that its Content-Security-Policy stays as it is for people.
    page.evaluate(AXE.read_text())
    return [f"{each['rule']}\n    " + "\n    ".join(each["where"]) for each in page.evaluate(ASK)]


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    # Colours that are on their way (a fade of at most 150 ms) would be measured half-way.
    page.wait_for_timeout(300)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding(visit: Callable[..., Page], demo: dict[str, Any], scheme: str) -> None:
    page = visit(color_scheme=scheme)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        settle(page)
        if said := findings(page):
            found[name] = said

    page.goto("/login")
    look("login")
    page.goto("/reset-password?token=used.up")
    look("reset password")
    sign_in(page, demo)
    for name, path in pages(page, demo).items():
        page.goto(path)
        look(name)
    page.goto("/settings/members")
    page.get_by_role("button", name="Invite").click()
    look("invite somebody")
    page.goto("/settings/roles")
    page.get_by_role("button", name="New role").click()
    page.get_by_label("Make workspaces").wait_for()
    look("new role")
    page.goto(f"/workflows/{demo['workflow_id']}")
    page.get_by_role("button", name="Share “").click()
    page.get_by_role("list", name="Who has access").get_by_role("listitem").nth(2).wait_for()
    look("share")
    page.goto("/connectors")
    page.get_by_role("button", name="New connector").click()
    page.get_by_role("button", name="PostgreSQL").click()
    look("new connector")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Search workflows or go to…").fill("e")
    look("commands")
    assert not found, "\n\n".join(f"{name}\n  " + "\n  ".join(said) for name, said in found.items())


def test_axe_itself_would_see_an_image_without_a_name(page: Page) -> None:
    """The test above could be blind: a fault put in by hand must be found."""
    settle(page)
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any(each.startswith("image-alt") for each in findings(page))
