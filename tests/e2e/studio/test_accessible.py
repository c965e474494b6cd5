"""What axe finds on every page and in everything that opens, in both themes: nothing serious, nothing critical."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.studio.browser import settled, sign_in
from tests.e2e.studio.conftest import SIZE
from tests.e2e.studio.screenshots import SCHEMES, pages
from tests.e2e.studio.states import LOADING, STATES, prepare

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
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    return [f"{each['rule']}\n    " + "\n    ".join(each["where"]) for each in page.evaluate(ASK)]


@pytest.fixture
def walker(browser: Browser, demo: dict[str, Any]) -> Iterator[Page]:
    """A page that may complain: some states are those of a server in trouble."""
    context = browser.new_context(viewport=SIZE, base_url=demo["url"])  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def look(page: Page) -> dict[str, list[str]]:
    """Findings by theme: the page is drawn once, and changes its colours as it stands."""
    found = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_selector(f"html[data-mantine-color-scheme={scheme}]")
        settled(page, loading=True)
        if said := findings(page):
            found[scheme] = said
    return found


def told(found: dict[str, dict[str, list[str]]]) -> str:
    return "\n\n".join(
        f"{name}, {scheme}\n  " + "\n  ".join(said) for name, each in found.items() for scheme, said in each.items()
    )


def test_no_page_has_a_serious_finding(visit: Callable[..., Page], demo: dict[str, Any]) -> None:
    found = {}
    walker = visit()
    for path in ("/login", "/reset-password?token=used.up"):
        walker.goto(path)
        settled(walker)
        found[path] = look(walker)
    sign_in(walker, demo)
    for name, path in pages(walker, demo).items():
        walker.goto(path)
        settled(walker)
        found[name] = look(walker)
    assert not any(found.values()), told(found)


@pytest.mark.parametrize("part", [0, 1])
def test_nothing_that_opens_has_a_serious_finding(walker: Page, demo: dict[str, Any], part: int) -> None:
    shown = prepare(demo)
    sign_in(walker, demo)
    found = {}
    for name, show in list(STATES.items())[part::2]:
        show(walker, shown)
        settled(walker, loading=name in LOADING)
        found[name] = look(walker)
    assert not any(found.values()), told(found)


def test_axe_itself_would_see_an_image_without_a_name(page: Page) -> None:
    """The test above could be blind: a fault put in by hand must be found."""
    settled(page)
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any(each.startswith("image-alt") for each in findings(page))
