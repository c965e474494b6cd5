"""What pages look like when something is open, empty, long, broken, refused or still on its way.

`STATES` names each; called with a page that is signed in as the owner it brings the page there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

from tests.e2e.client import FINAL, Uzo, diagram, edge, node
from tests.e2e.studio.browser import login_of

LONG = "Quarterly reconciliation of every ledger of the harbour with what the customs office handed in after closing"
LONG_COLUMN = "the_name_of_the_vessel_as_the_customs_office_spells_it"
EMPTY = "Nothing drawn yet"
ENOUGH = 60_000  # milliseconds, on a busy machine


@dataclass(frozen=True)
class Shown:
    """What the states need beside the demo's own: ids."""

    sample: str
    job: str
    empty: str
    long: str
    failed: str
    """A run that failed."""


State = Callable[[Page, Shown], None]
STATES: dict[str, State] = {}


def state(show: State) -> State:
    STATES[show.__name__] = show
    return show


def prepare(demo: dict[str, Any]) -> Shown:
    """Make what the states show, or find it."""
    login = login_of(demo, "owner")
    with Uzo(demo["url"], login["email"], login["password"]) as owner:
        job = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
        there = {each["name"]: each["id"] for each in owner.get(f"jobs/{job}/workflows", page_size=200)["results"]}

        def saved(name: str, drawn: dict[str, Any]) -> str:
            known = there.get(name)
            body = {"name": name, "workflow_diagram": drawn}
            return str(known or owner.post(f"jobs/{job}/workflows", body)["id"])

        long = saved(LONG, _long())
        runs = owner.get(f"workflows/{long}/executions", status="failed", page_size=1)["results"]
        if not runs:
            runs = [owner.wait(owner.post(f"workflows/{long}/execute", expect=202)["id"])]
            assert runs[0]["status"] in FINAL
        return Shown(demo["workflow_id"], job, saved(EMPTY, diagram([], [])), long, runs[0]["id"])


def _long() -> dict[str, Any]:
    """A chain with long names that fails in the end."""
    last = node("closing", "control", "fail", message=f"The closing was refused: {LONG.lower()}")
    steps = [node("start", "control", "set_variable", name=LONG_COLUMN, value=LONG), last]
    for step in steps:
        step["data"]["label"] = f"{step['id'].capitalize()}: {LONG}"
    return diagram(steps, [edge("start", "closing")])


def _press(page: Page, name: str, *, exact: bool = False) -> None:
    page.get_by_role("button", name=name, exact=exact).first.click()


def _tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def _canvas(page: Page, workflow: str, query: str = "") -> None:
    page.goto(f"/workflows/{workflow}{query}")
    page.get_by_role("region", name="Data").wait_for()


@state
def person_menu(page: Page, _: Shown) -> None:
    page.goto("/")
    _press(page, "Your account")
    page.get_by_role("menuitem").first.wait_for()


@state
def notifications(page: Page, _: Shown) -> None:
    page.goto("/")
    _press(page, "Notifications")


@state
def commands(page: Page, _: Shown) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").wait_for()
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Search workflows or go to…").fill("e")


@state
def new_connector(page: Page, _: Shown) -> None:
    page.goto("/connectors")
    _press(page, "New connector")
    page.get_by_role("button", name="PostgreSQL").wait_for()


@state
def new_connector_form(page: Page, shown: Shown) -> None:
    new_connector(page, shown)
    _press(page, "PostgreSQL")
    page.get_by_role("textbox", name="Host").wait_for()


@state
def invite(page: Page, _: Shown) -> None:
    page.goto("/settings/members")
    _press(page, "Invite")


@state
def new_role(page: Page, _: Shown) -> None:
    page.goto("/settings/roles")
    _press(page, "New role")
    page.get_by_label("Make workspaces").wait_for()


@state
def new_schedule(page: Page, _: Shown) -> None:
    page.goto("/schedules")
    _press(page, "New schedule")


@state
def job_runs(page: Page, shown: Shown) -> None:
    page.goto(f"/jobs/{shown.job}")
    _tab(page, "Runs")


@state
def job_calendar(page: Page, shown: Shown) -> None:
    page.goto(f"/jobs/{shown.job}")
    _tab(page, "Calendar")


@state
def share(page: Page, shown: Shown) -> None:
    page.goto(f"/workflows/{shown.sample}")
    _press(page, "Share “")
    page.get_by_role("list", name="Who has access").get_by_role("listitem").nth(2).wait_for()


@state
def shortcuts(page: Page, shown: Shown) -> None:
    _canvas(page, shown.sample)
    page.keyboard.press("?")


@state
def add_a_node(page: Page, shown: Shown) -> None:
    _canvas(page, shown.sample)
    page.keyboard.press("/")


@state
def node_menu(page: Page, shown: Shown) -> None:
    _canvas(page, shown.sample)
    page.get_by_test_id("node-punctuality").click(button="right")
    page.get_by_role("menuitem").first.wait_for()


@state
def expression(page: Page, shown: Shown) -> None:
    _canvas(page, shown.sample, "?node=departed")


@state
def columns(page: Page, shown: Shown) -> None:
    _canvas(page, shown.sample, "?node=per_route")
    page.get_by_role("region", name="Data").get_by_role("tab", name="Columns").click()


@state
def runs(page: Page, shown: Shown) -> None:
    _canvas(page, shown.sample)
    _tab(page, "Runs")


@state
def logs(page: Page, shown: Shown) -> None:
    _canvas(page, shown.sample)
    _tab(page, "Logs")


@state
def empty_canvas(page: Page, shown: Shown) -> None:
    _canvas(page, shown.empty)


@state
def long_names(page: Page, shown: Shown) -> None:
    _canvas(page, shown.long, "?node=closing")


@state
def failed_run(page: Page, shown: Shown) -> None:
    page.goto(f"/executions/{shown.failed}")
    page.get_by_role("table").wait_for()


@state
def template(page: Page, _: Shown) -> None:
    page.goto("/templates")
    _press(page, "Use template")
    page.get_by_role("dialog").wait_for()


def _answers(page: Page, pattern: re.Pattern[str], answer: Callable[[Route], None], path: str, role: str) -> None:
    """Open a page whose API answers like that for as long as it is open, until it shows something of that role."""

    def there(route: Route) -> None:
        if urlsplit(page.url).path == path:
            answer(route)
        else:
            route.fallback()

    page.route(pattern, there)
    page.goto(path)
    page.locator("main").get_by_role(role).first.wait_for()  # type: ignore[arg-type]


def _problem(status: int, code: str, title: str, remedy: str) -> Callable[[Route], None]:
    body = {"type": "about:blank", "status": status, "code": code, "title": title, "detail": title, "remedy": remedy}
    return lambda route: route.fulfill(status=status, content_type="application/problem+json", json=body)


@state
def refused(page: Page, _: Shown) -> None:
    said = "You need the permission audit.read"
    answer = _problem(403, "forbidden", said, "Ask the owner for a role that carries it.")
    _answers(page, re.compile(r"/api/v1/audit/"), answer, "/settings/audit", "alert")


@state
def out_of_order(page: Page, _: Shown) -> None:
    answer = _problem(503, "unavailable", "The server is being restarted", "Try again in a moment.")
    _answers(page, re.compile(r"/api/v1/connectors\?"), answer, "/connectors", "alert")


@state
def loading(page: Page, _: Shown) -> None:
    def never(_: Route) -> None: ...

    _answers(page, re.compile(r"/api/v1/executions\?"), never, "/executions", "status")


LOADING = frozenset({loading.__name__})
"""States that never come to rest."""


@state
def vault_sealed(page: Page, _: Shown) -> None:
    def sealed(route: Route) -> None:
        known = route.fetch()
        more = {"sealed": True, "reason": "operator", "sealed_at": "2026-01-05T08:00:00Z", "waiting": {"executions": 3}}
        route.fulfill(response=known, json=known.json() | more)

    _answers(page, re.compile(r"/api/v1/vault/status"), sealed, "/settings/vault", "status")
