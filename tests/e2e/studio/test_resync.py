"""A page that was away for longer than the server keeps events reads what it shows again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Request, WebSocketRoute, expect

from tests.e2e.client import Uzo, diagram, edge, node
from tests.e2e.studio.browser import sign_in

LONG_GONE = 1
"""An id that no channel's log has kept: ids begin at the clock's microseconds."""


class CutLine:
    """Stands between page and server: breaks the socket, and lets the page have seen long-gone events only."""

    def __init__(self) -> None:
        self.broken = False
        self.sent: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self._open: list[WebSocketRoute] = []

    def connect(self, route: WebSocketRoute) -> None:
        if self.broken:
            route.close(code=1001)
            return
        server = route.connect_to_server()
        self._open.append(route)
        route.on_message(lambda frame: server.send(self._aged(str(frame))))
        server.on_message(lambda frame: self._pass(route, str(frame)))

    def _pass(self, route: WebSocketRoute, frame: str) -> None:
        self.told.append(json.loads(frame))
        route.send(frame)

    def _aged(self, frame: str) -> str:
        message = json.loads(frame)
        if "last_event_id" in message:
            message["last_event_id"] = LONG_GONE
        self.sent.append(message)
        return json.dumps(message)

    def cut(self) -> None:
        self.broken = True
        for route in self._open:
            route.close(code=1001)
        self._open.clear()

    def mend(self) -> None:
        self.broken = False


@pytest.fixture
def slow(owner: Uzo, demo: dict[str, Any]) -> str:
    """A workflow that takes a few seconds, so that one can be away in the middle of it."""
    job = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    drawn = diagram(
        [node("pause", "control", "wait", seconds=4), node("said", "control", "set_variable", name="said", value="1")],
        [edge("pause", "said")],
    )
    workflow: str = owner.post(f"jobs/{job}/workflows", {"name": "Slow tide", "workflow_diagram": drawn})["id"]
    return workflow


def test_a_page_whose_history_was_cut_reads_the_execution_again(
    stranger: Page, demo: dict[str, Any], owner: Uzo, slow: str
) -> None:
    line = CutLine()
    stranger.route_web_socket("**/ws/", line.connect)
    asked: list[str] = []

    def heard(request: Request) -> None:
        asked.append(request.url)

    sign_in(stranger, demo)
    execution = owner.post(f"workflows/{slow}/execute", expect=202)["id"]
    stranger.goto(f"/executions/{execution}")
    expect(stranger.get_by_role("table")).to_contain_text("Pause")
    channel = f"execution:{execution}"
    _until(stranger, lambda: {"type": "subscribed", "channel": channel} in [_short(each) for each in line.told])
    line.cut()
    expect(stranger.get_by_text("Reconnecting…")).to_be_visible()
    assert owner.wait(execution)["status"] == "success"
    stranger.on("request", heard)
    line.mend()
    _until(stranger, lambda: {"type": "resync", "channel": channel} in [_short(each) for each in line.told])
    assert line.sent[-1] == {"type": "subscribe", "channel": channel, "last_event_id": LONG_GONE}
    expect(stranger.get_by_role("row").filter(has_text="Said")).to_contain_text("Success")
    expect(stranger.get_by_text("Reconnecting…")).to_be_hidden()
    assert f"{demo['url']}/api/v1/executions/{execution}" in asked


def _short(message: dict[str, Any]) -> dict[str, Any]:
    return {"type": message["type"], "channel": message.get("channel")}


def _until(page: Page, holds: Any) -> None:
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within 20 seconds")
