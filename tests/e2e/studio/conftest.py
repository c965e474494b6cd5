"""A browser for the session, a fresh page for each test; what the page complains about fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import login_of, sign_in, started

SIZE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture
def complaints() -> list[str]:
    """Errors of scripts and breaches of the Content-Security-Policy; refused requests are the test's own affair."""
    return []


@pytest.fixture
def stranger(browser: Browser, demo: dict[str, Any], complaints: list[str]) -> Iterator[Page]:
    """The page of someone who has not signed in."""
    context = browser.new_context(viewport=SIZE, color_scheme="light", base_url=demo["url"])  # type: ignore[arg-type]
    page = context.new_page()

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def thrown(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", heard)
    page.on("pageerror", thrown)
    yield page
    context.close()
    assert complaints == []


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
def second(browser: Browser, demo: dict[str, Any], workflow: str) -> Iterator[Page]:
    """Another browser, of an editor who is not the owner."""
    context = browser.new_context(viewport=SIZE, color_scheme="light", base_url=demo["url"])  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, demo, "editor", wanted=workflow)
    yield page
    context.close()
