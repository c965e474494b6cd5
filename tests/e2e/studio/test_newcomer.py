"""The story of somebody new: signing in, a connector, a workflow of six nodes, and sharing it to be read."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.drawing import (
    SOON,
    connect,
    diagram_of,
    drag,
    ends,
    from_palette,
    middle,
    node,
    opened,
    port,
    saved,
)

PASSWORD = "a-long-walk-along-the-quay"
SIZE = {"width": 1440, "height": 900}


class Office:
    """A workspace of its own, and two people who are new: Nadia, who edits, and Ravi, who may do nothing yet."""

    def __init__(self, owner: Uzo, demo: dict[str, Any]) -> None:
        self.owner, self.url = owner, demo["url"]
        mark = secrets.token_hex(4)
        roles = {role["name"].lower(): role["id"] for role in owner.get("roles")["results"]}
        self.nadia = self._person(f"nadia.{mark}@harbour.example", "Nadia Okafor", roles["editor"])
        self.ravi = self._person(f"ravi.{mark}@harbour.example", "Ravi Menon", roles["viewer"])
        workspace = owner.post("workspaces", {"name": f"Harbour {mark}"})
        self._grant("workspace", workspace["id"], self.nadia, "admin")
        folder = owner.post(f"workspaces/{workspace['id']}/folders", {"name": "Arrivals"})
        self.job = owner.post(f"folders/{folder['id']}/jobs", {"name": "Nightly"})

    def _person(self, email: str, name: str, role: str) -> dict[str, Any]:
        body = {"email": email, "name": name, "password": PASSWORD, "role_id": role}
        made: dict[str, Any] = self.owner.post("users", body)
        return made

    def _grant(self, kind: str, id: str, person: dict[str, Any], permission: str) -> None:
        body = {"object_type": kind, "object_id": id, "user_id": person["id"], "permission": permission}
        self.owner.post("permissions", body)

    def workflow(self, name: str) -> dict[str, Any]:
        drawn: dict[str, Any] = {"nodes": [], "edges": []}
        body = {"name": name, "workflow_diagram": drawn}
        made: dict[str, Any] = self.owner.post(f"jobs/{self.job['id']}/workflows", body)
        return made


@pytest.fixture
def office(owner: Uzo, demo: dict[str, Any]) -> Office:
    return Office(owner, demo)


def signed_in(page: Page, person: dict[str, Any]) -> None:
    page.goto("/")
    page.get_by_label("E-mail", exact=True).fill(person["email"])
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()


def made_a_connector(page: Page, demo: dict[str, Any], name: str) -> None:
    target = urlsplit(demo["sink_dsn"])
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Connectors").click()
    page.get_by_role("button", name="New connector").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("PostgreSQL")).click()
    dialog.get_by_label("Name", exact=False).first.fill(name)
    for label, value in (
        ("Host", target.hostname or ""),
        ("Port", str(target.port)),
        ("Database", target.path.lstrip("/")),
        ("User name", target.username or ""),
        ("Password", target.password or ""),
    ):
        dialog.get_by_label(label, exact=False).first.fill(value)
    dialog.get_by_role("button", name="Test", exact=True).click()
    expect(dialog.get_by_text(re.compile("^Reachable"))).to_be_visible(timeout=SOON)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)
    expect(page.get_by_text(name).first).to_be_visible()


def drawn_with_the_mouse(page: Page) -> None:
    page.get_by_role("button", name="Hide Data").click()
    from_palette(page, "Read", 140, 120)
    from_palette(page, "Read", 140, 330)
    from_palette(page, "Join", 410, 220)
    from_palette(page, "Sort", 660, 120)
    from_palette(page, "Limit", 660, 330)
    connect(page, "read", "join", "left")
    connect(page, "read_2", "join", "right")
    connect(page, "join", "sort")
    connect(page, "join", "limit")
    start = middle(port(page, "sort", "output", "source"))
    drag(page, start, (start[0] - 300, start[1] + 380))
    page.get_by_role("combobox", name="Add a node").fill("deduplicate")
    page.keyboard.press("Enter")
    expect(page.locator(".react-flow__node")).to_have_count(6)
    saved(page)
    page.locator(".react-flow__pane").click(position={"x": 20, "y": 460})
    page.get_by_role("button", name="Show Data").click()


def shared_to_read(page: Page, workflow: dict[str, Any], reader: dict[str, Any]) -> None:
    """As the page does it, in the name of whoever is signed in."""
    cookie = next(each for each in page.context.cookies() if each["name"] == "csrftoken")  # type: ignore[typeddict-item]
    answer = page.request.post(
        "/api/v1/permissions",
        headers={"X-CSRFToken": cookie["value"]},  # type: ignore[typeddict-item]
        data={
            "object_type": "workflow", "object_id": workflow["id"], "user_id": reader["id"], "permission": "read",
        },
    )  # fmt: skip
    assert answer.status == 201, answer.text()


def cannot_edit(page: Page, workflow: dict[str, Any]) -> None:
    page.goto(f"/workflows/{workflow['id']}?node=join")
    expect(page.get_by_text("Read only", exact=True)).to_be_visible(timeout=SOON)
    before = page.locator(".react-flow__node").count()
    node(page, "join").click()
    page.keyboard.press("Delete")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Add a node")).to_have_count(0)
    assert page.locator(".react-flow__node").count() == before
    cookie = next(each for each in page.context.cookies() if each["name"] == "csrftoken")  # type: ignore[typeddict-item]
    refused = page.request.patch(
        f"/api/v1/workflows/{workflow['id']}",
        headers={"X-CSRFToken": cookie["value"]},  # type: ignore[typeddict-item]
        data={"workflow_diagram": {"nodes": [], "edges": []}},
    )
    assert refused.status == 403, refused.text()


@pytest.mark.timeout(300)
def test_somebody_new_makes_a_connector_draws_and_shares(
    stranger: Page, browser: Browser, owner: Uzo, demo: dict[str, Any], office: Office
) -> None:
    page = stranger
    connector = f"Target of {office.nadia['email']}"
    signed_in(page, office.nadia)
    made_a_connector(page, demo, connector)

    by_mouse = office.workflow("Drawn with the mouse")
    opened(page, by_mouse)
    drawn_with_the_mouse(page)
    assert ends(diagram_of(owner, by_mouse)) == {
        ("read", "join", "left"),
        ("read_2", "join", "right"),
        ("join", "sort", "input"),
        ("join", "limit", "input"),
        ("sort", "deduplicate", "input"),
    }

    shared_to_read(page, by_mouse, office.ravi)

    context = browser.new_context(viewport=SIZE, color_scheme="light", base_url=demo["url"])  # type: ignore[arg-type]
    reader = context.new_page()
    signed_in(reader, office.ravi)
    cannot_edit(reader, by_mouse)
    context.close()
