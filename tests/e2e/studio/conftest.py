"""A browser for the session, a fresh page for each test; what the page complains about fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import listen, login_of, sign_in, started

SIZE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the pages of the test complain about, in whichever browser: at its end there is nothing."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def visit(browser: Browser, demo: dict[str, Any], complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a browser for one more person, who has not signed in; options are those of its context."""
    contexts: list[BrowserContext] = []

    def visit(**options: Any) -> Page:
        usual = {"viewport": SIZE, "color_scheme": "light", "base_url": demo["url"]}
        context = browser.new_context(**{**usual, **options})
        contexts.append(context)
        listen(context, complaints)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def stranger(visit: Callable[..., Page]) -> Page:
    """The page of someone who has not signed in."""
    return visit()


@pytest.fixture
def page(stranger: Page, demo: dict[str, Any]) -> Page:
    """The page of the owner, signed in, at home."""
    sign_in(stranger, demo)
    return stranger


@pytest.fixture
def workflow(demo: dict[str, Any]) -> str:
    """Path of the sample workflow's page."""
    return f"/workflows/{demo['workflow_id']}"


@pytest.fixture
def owner(demo: dict[str, Any]) -> Iterator[Uzo]:
    """The owner as a script, to compare what was drawn with what was saved."""
    login = login_of(demo, "owner")
    client = Uzo(demo["url"], login["email"], login["password"])
    yield client
    client.http.close()


@pytest.fixture
def sample(owner: Uzo, demo: dict[str, Any]) -> dict[str, Any]:
    workflow: dict[str, Any] = owner.get(f"workflows/{demo['workflow_id']}")
    return workflow


@pytest.fixture
def make(owner: Uzo, sample: dict[str, Any]) -> Any:
    """Makes a workflow beside the sample one."""

    def make(name: str, diagram: dict[str, Any] | None = None) -> dict[str, Any]:
        drawn = diagram or {"nodes": [], "edges": []}
        body = {"name": name, "workflow_diagram": drawn}
        made: dict[str, Any] = owner.post(f"jobs/{sample['job_id']}/workflows", body)
        return made

    return make


@pytest.fixture
def second(visit: Callable[..., Page], demo: dict[str, Any], workflow: str) -> Page:
    """Another browser, of an editor who is not the owner."""
    page = visit()
    sign_in(page, demo, "editor", wanted=workflow)
    return page
