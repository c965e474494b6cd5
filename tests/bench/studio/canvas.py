"""A thousand nodes, panned and zoomed, beside React Flow's stress example, in one browser and in turns.

What counts on a busy machine is the ratio of both in one run, and the work for each frame: milliseconds that the
page's main thread and that all processes of the browser were busy.
"""

from __future__ import annotations

import contextlib
import functools
import statistics
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, CDPSession, Page

from tests.bench.harness import percentile
from tests.bench.stack import ROOT, Bench
from tests.e2e.studio.browser import sign_in, started
from uzo.local import node

NODES = 1000
ROUNDS = 5
FRAMES = 90
SIZE = {"width": 1440, "height": 900}
STRESS = ROOT / ".bench" / "stress"
FIRST_PAINT_GOAL_MS = 2000
SIXTY_A_SECOND_MS = 1000 / 60

SEEN = (Path(__file__).parent / "seen.js").read_text()
"""`painted(all)`: when the first node and when all were painted, ms since the navigation; null before that."""
GESTURES = (Path(__file__).parent / "gestures.js").read_text()
"""`pan(frames)` and `zoom(frames)`: moves the graph in each frame; resolves with the time from frame to frame, ms."""


def measure(bench: Bench) -> dict[str, Any]:
    """Frames of both by gesture, first paint of the canvas."""
    node.npm("exec", "--", "vite", "build", "--config", "bench/vite.config.ts", "--logLevel", "warn")
    workflow = bench.workflow("A thousand nodes", _thousand(bench))
    with started() as browser, _served(STRESS) as peer:
        context = browser.new_context(viewport=SIZE, color_scheme="light", base_url=bench.demo["url"])  # type: ignore[arg-type]
        signed_in = context.new_page()
        sign_in(signed_in, bench.demo)
        signed_in.close()
        sides = [("canvas", f"/workflows/{workflow}"), ("stress", f"{peer}/index.html?nodes={NODES}")]
        painted: dict[str, list[dict[str, float]]] = {}
        for _ in range(ROUNDS):
            for side, address in sides:
                painted.setdefault(side, []).append(_first_paint(context.new_page(), address))
        taken: dict[str, dict[str, list[dict[str, float]]]] = {}
        for turn in range(ROUNDS):
            for side, address in sides if turn % 2 else sides[::-1]:
                for gesture, frames in _gestures(browser, context.new_page(), address).items():
                    taken.setdefault(gesture, {}).setdefault(side, []).append(frames)
    return {
        "nodes": NODES,
        "painted_ms": {
            side: {which: round(statistics.median(each[which] for each in rounds)) for which in ("first", "all")}
            for side, rounds in painted.items()
        },
        "gestures": {gesture: _medians(sides) for gesture, sides in taken.items()},
    }


def _medians(sides: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    by_side = {
        side: {figure: statistics.median(each[figure] for each in rounds) for figure in rounds[0]}
        for side, rounds in sides.items()
    }
    ours, theirs = by_side["canvas"], by_side["stress"]
    return {**by_side, "ratio": {figure: ours[figure] / theirs[figure] for figure in ours}}


def _first_paint(page: Page, address: str) -> dict[str, float]:
    """From navigation until nodes are painted, in milliseconds: the first of them, and all."""
    page.add_init_script(SEEN)
    page.goto(address, wait_until="commit")
    painted: dict[str, float] | None = None
    while painted is None:
        page.wait_for_timeout(100)
        painted = page.evaluate(f"window.painted({NODES})")
    page.close()
    return painted


def _gestures(browser: Browser, page: Page, address: str) -> dict[str, dict[str, float]]:
    page.goto(address)
    page.locator(".react-flow__node").nth(NODES - 1).wait_for()
    page.wait_for_load_state("networkidle")
    drawn = page.locator(".react-flow__node").count()
    assert drawn == NODES, f"{drawn} nodes are drawn, not {NODES}: that would be no comparison"
    page.evaluate(GESTURES)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    found = {}
    for gesture in ("pan", "zoom"):
        page.evaluate(f"{gesture}(10)")
        found[gesture] = _gesture(session, page, gesture)
    page.close()
    return found


def _gesture(session: CDPSession, page: Page, gesture: str) -> dict[str, float]:
    busy, spent = _main_thread(session), _browser_seconds()
    intervals: list[float] = page.evaluate(f"{gesture}({FRAMES})")
    busy, spent = _main_thread(session) - busy, _browser_seconds() - spent
    return {
        "p50_ms": percentile(intervals, 0.5),
        "p95_ms": percentile(intervals, 0.95),
        "main_ms": busy * 1000 / FRAMES,
        "cpu_ms": spent * 1000 / FRAMES,
    }


def _main_thread(session: CDPSession) -> float:
    """Seconds that tasks of the page's main thread have taken."""
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def _browser_seconds() -> float:
    """Processor seconds of the browser and all its processes."""
    spent = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "chrom" in process.name():
                times = process.cpu_times()
                spent += times.user + times.system
    return spent


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _thousand(bench: Bench) -> dict[str, Any]:
    """Lanes of transforms behind one read of the demo's flights: what people draw, only more of it."""
    lanes = 25
    nodes = [_node("flights", "connector", "Flights", 0, 0, operation="read", table="flights")]
    nodes[0]["data"]["connectorId"] = bench.demo["demo_connector_id"]
    edges = []
    for number in range(NODES - 1):
        lane, place = number % lanes, number // lanes
        id = f"step_{number}"
        config = {"operation": "filter", "expression": f"dep_delay > {place}"}
        nodes.append(_node(id, "transform", f"Later than {place}", (place + 1) * 300, lane * 120, **config))
        before = "flights" if place == 0 else f"step_{number - lanes}"
        edges.append(
            {
                "id": f"edge_{number}", "source": before, "target": id, "sourceHandle": "output",
                "targetHandle": "input", "type": "custom-edge", "data": {},
            }
        )  # fmt: skip
    return {"nodes": nodes, "edges": edges}


def _node(id: str, category: str, label: str, x: int, y: int, **config: Any) -> dict[str, Any]:
    data = {"label": label, "nodeType": category, "category": category, "config": config}
    return {"id": id, "type": "custom-node", "position": {"x": x, "y": y}, "data": data}


def table(measured: dict[str, Any]) -> str:
    lines = [
        f"\n{measured['nodes']} nodes; medians of {ROUNDS} turns of {FRAMES} frames",
        *(
            f"{side:<8} nodes painted: the first after {when['first']} ms, all after {when['all']} ms"
            + (f" (goal for the first < {FIRST_PAINT_GOAL_MS})" if side == "canvas" else "")
            for side, when in measured["painted_ms"].items()
        ),
        f"{'gesture':<8} {'side':<8} {'p50':>8} {'p95':>8} {'main':>8} {'CPU':>8}   ms a frame "
        f"(60 a second: {SIXTY_A_SECOND_MS:.1f})",
    ]
    for gesture, sides in measured["gestures"].items():
        for side, figures in sides.items():
            digits = 2 if side == "ratio" else 1
            numbers = " ".join(f"{figures[name]:>8.{digits}f}" for name in ("p50_ms", "p95_ms", "main_ms", "cpu_ms"))
            lines.append(f"{gesture:<8} {side:<8} {numbers}")
    return "\n".join(lines)
