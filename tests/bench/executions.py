"""From the call to the flow's body, and from an event to a socket."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from websockets.sync.client import ClientConnection

from tests.bench.harness import Measurement, figure, percentile
from tests.bench.stack import Bench
from tests.e2e.client import diagram, messages, node

RUNS = 100
WARM_UP = 10
CLIENTS = 8
STARTS_SECONDS = 30
PAUSE = 0.05
"""Seconds between executions: this figure is latency on a machine that is not flooded."""


@figure("start_p95_ms", unit="ms", goal=150, better="lower")
def start(bench: Bench) -> Measurement:
    """The moment before `execute` is called → `started_at`, which the flow's body writes. One clock."""
    workflow = bench.workflow("Start", diagram([node("pause", "control", "wait", seconds=0)], []))
    delays = []
    for _ in range(WARM_UP + RUNS):
        called = time.time()
        execution = bench.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
        execution = bench.owner.wait(execution["id"])
        assert execution["status"] == "success", execution
        delays.append(1000 * (datetime.fromisoformat(execution["started_at"]).timestamp() - called))
        time.sleep(PAUSE)
    warm = delays[WARM_UP:]
    return Measurement(percentile(warm, 0.95), note=f"p50 {percentile(warm, 0.5):.0f} ms, {RUNS} executions")


@figure("starts_per_min", unit="1/min", goal=2_000, better="higher")
def starts(bench: Bench) -> Measurement:
    """Small executions by clients that call, wait for the end on their socket, and call again, for half a minute.
    Each has a workflow of its own, and watches it as its page does. Counted are those that ended."""
    wait = diagram([node("pause", "control", "wait", seconds=0)], [])
    workflows = [bench.workflow(f"Small {number}", wait) for number in range(CLIENTS)]
    until = time.monotonic() + STARTS_SECONDS

    def client(workflow: str) -> list[float]:
        took = []
        with bench.owner.socket() as socket:
            socket.send(json.dumps({"type": "subscribe", "channel": f"workflow:{workflow}"}))
            assert next(messages(socket))["type"] == "subscribed"
            while time.monotonic() < until:
                called = time.time()
                execution = bench.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
                took.append(_end(socket, execution["id"]) - called)
        return took

    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        took = [each for all_of_one in clients.map(client, workflows) for each in all_of_one]
    per_minute = 60 * len(took) / (time.monotonic() - began)
    p95 = percentile(took, 0.95)
    return Measurement(
        per_minute if p95 < 1 else 0.0,
        note=f"{per_minute:.0f} by {CLIENTS} clients, call to end p95 {p95:.2f} s (counts below 1 s only)",
    )


def _end(socket: ClientConnection, execution_id: str) -> float:
    """When the execution ended well, by the event that says so."""
    for message in messages(socket):
        if message.get("event") == "execution_finished" and message["data"]["id"] == execution_id:
            assert message["data"]["status"] == "success", message
            break
    return datetime.fromisoformat(message["data"]["finished_at"]).timestamp()


@figure("event_p95_ms", unit="ms", goal=100, better="lower")
def event(bench: Bench) -> Measurement:
    """`at` of a node's event → the client has it."""
    nodes = [node(f"pause_{number}", "control", "wait", seconds=0.05) for number in range(5)]
    workflow = bench.workflow("Events", diagram(nodes, []))
    delays = []
    for _ in range(RUNS // 5):
        with bench.owner.socket() as socket:
            execution = bench.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
            socket.send(f'{{"type": "subscribe", "channel": "execution:{execution["id"]}"}}')
            subscribed = False
            for message in messages(socket):
                received = time.time()
                assert message["type"] != "error", message
                subscribed = subscribed or message["type"] == "subscribed"
                if message["type"] != "event":
                    continue
                if message["event"] == "execution_finished":
                    break
                happened = datetime.fromisoformat(message["at"]).timestamp()
                if message["event"] == "node_status" and subscribed and received - happened < 5:
                    delays.append(1000 * (received - happened))
    return Measurement(percentile(delays, 0.95), note=f"p50 {percentile(delays, 0.5):.0f} ms, {len(delays)} events")
