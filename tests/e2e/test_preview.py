"""Previews, by a client that knows only the contract: rows of one node on a sample, and no effect."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.e2e.client import Uzo, diagram, edge, messages, node

HERONS = [{"name": "Ada", "metres": 1.5}, {"name": "Bo", "metres": 0.5}, {"name": "Cy", "metres": 2.5}]


@pytest.fixture(scope="module")
def job(owner: Uzo) -> dict[str, Any]:
    workspace = owner.post("workspaces", {"name": "Heron watch"})
    folder = owner.post(f"workspaces/{workspace['id']}/folders", {"name": "Ponds"})
    return owner.post(f"folders/{folder['id']}/jobs", {"name": "Dawn"})


@pytest.fixture(scope="module")
def delays(owner: Uzo, job: dict[str, Any], demo: dict[str, Any]) -> str:
    """A workflow that reads the demo's flights, keeps the late ones and writes them to the sink."""
    dsn = urlsplit(demo["sink_dsn"])
    config = {
        "host": dsn.hostname,
        "port": dsn.port,
        "database": dsn.path.lstrip("/"),
        "username": dsn.username,
        "password": dsn.password,
        "sslmode": "disable",
    }
    sink = owner.post("connectors", {"name": "Ledger", "connector_type": "postgresql", "config": config})
    drawn = diagram(
        [
            node("flights", "connector", "read", connector=demo["demo_connector_id"], table="flights"),
            node("late", "transform", "filter", expression="dep_delay > 15"),
            node("store", "connector", "write", connector=sink["id"], table="previewed_flights", mode="replace"),
        ],
        [edge("flights", "late"), edge("late", "store")],
    )
    return str(owner.post(f"jobs/{job['id']}/workflows", {"name": "Late", "workflow_diagram": drawn})["id"])


@pytest.fixture(scope="module")
def herons(owner: Uzo, job: dict[str, Any]) -> str:
    """A workflow of one filter, to which nothing leads: its columns are those of the rows that are given."""
    drawn = diagram([node("tall", "transform", "filter", expression="metres > 1")], [])
    return str(owner.post(f"jobs/{job['id']}/workflows", {"name": "Herons", "workflow_diagram": drawn})["id"])


def preview(owner: Uzo, workflow: str, node_id: str, **body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Preview a node and wait for its end; answers what GET says afterwards, and the execution."""
    started = owner.post(f"workflows/{workflow}/nodes/{node_id}/execute", body, expect=202)
    execution = owner.wait(started["execution_id"])
    assert (execution["status"], execution["kind"], execution["error"]) == ("success", "preview", None)
    return owner.get(f"workflows/{workflow}/nodes/{node_id}/preview"), execution


def test_before_the_first_preview_there_is_none(owner: Uzo, delays: str) -> None:
    assert owner.get(f"workflows/{delays}/nodes/flights/preview", expect=404)["code"] == "no_preview"


def test_the_rows_of_a_preview_come_over_the_socket_and_can_be_read_again(owner: Uzo, delays: str) -> None:
    execution_id = owner.post(f"workflows/{delays}/nodes/late/execute", expect=202)["execution_id"]
    seen: dict[str, Any] = {}
    with owner.socket() as socket:
        socket.send(f'{{"type": "subscribe", "channel": "node-preview:{execution_id}", "last_event_id": 0}}')
        for message in messages(socket):
            assert message["type"] in ("subscribed", "event"), message
            if message["type"] == "event":
                seen[message["event"]] = message["data"]
                if message["event"] == "execution_finished":
                    break
    assert seen["execution_finished"]["status"] == "success"
    shown = owner.get(f"workflows/{delays}/nodes/late/preview")
    assert set(shown) == {"columns", "rows", "row_count", "sampled", "at", "read_at"}
    assert shown["sampled"]
    assert len(shown["rows"]) == 100
    delay = [column["name"] for column in shown["columns"]].index("dep_delay")
    assert all(row[delay] > 15 for row in shown["rows"])
    sent = seen["preview"]
    assert (sent["node_id"], sent["columns"], sent["row_count"]) == ("late", shown["columns"], shown["row_count"])
    assert sent["rows"] == shown["rows"][: len(sent["rows"])]
    assert sent["truncated"] == (len(sent["rows"]) < len(shown["rows"]))


def test_a_node_of_the_sample_workflow_can_be_previewed(owner: Uzo, demo: dict[str, Any]) -> None:
    saved = owner.get(f"workflows/{demo['workflow_id']}")
    first = saved["workflow_diagram"]["nodes"][0]["id"]
    shown, _ = preview(owner, demo["workflow_id"], first)
    assert shown["rows"]


def test_previews_are_not_listed_among_the_runs(owner: Uzo, delays: str) -> None:
    _, execution = preview(owner, delays, "late", limit=1)
    assert owner.get(f"workflows/{delays}/executions")["results"] == []
    assert [each["node_id"] for each in execution["nodes"]][-1] == "late"


def test_rows_that_are_given_stand_for_what_is_upstream(owner: Uzo, herons: str) -> None:
    shown, execution = preview(owner, herons, "tall", mock_inputs={"input": HERONS})
    assert shown["columns"] == [{"name": "name", "type": "string"}, {"name": "metres", "type": "float64"}]
    assert shown["rows"] == [["Ada", 1.5], ["Cy", 2.5]]
    assert (shown["row_count"], shown["sampled"]) == (2, False)
    assert [each["node_id"] for each in execution["nodes"]] == ["tall"]


def test_rows_for_an_input_that_is_not_there_are_refused_by_name(owner: Uzo, herons: str) -> None:
    body = {"mock_inputs": {"port": HERONS}}
    refused = owner.post(f"workflows/{herons}/nodes/tall/execute", body, expect=400)
    assert [(each["field"], each["code"]) for each in refused["errors"]] == [("mock_inputs.port", "unknown_port")]


@pytest.mark.parametrize(("asked", "shown"), [({}, 100), ({"limit": 3}, 3), ({"limit": 1_000_000}, 1000)])
def test_the_limit_is_a_hundred_unless_said_and_a_thousand_at_most(
    owner: Uzo, herons: str, asked: dict[str, int], shown: int
) -> None:
    rows = [{"name": f"heron {number}", "metres": 2} for number in range(1000)]
    found, _ = preview(owner, herons, "tall", mock_inputs={"input": rows}, **asked)
    assert (len(found["rows"]), found["row_count"]) == (shown, 1000)


def test_t40_a_preview_of_a_write_shows_what_would_be_written_and_writes_nothing(
    owner: Uzo, delays: str, demo: dict[str, Any]
) -> None:
    shown, _ = preview(owner, delays, "store")
    assert shown["rows"]
    with psycopg.connect(demo["sink_dsn"]) as connection:
        [found] = connection.execute("select to_regclass('previewed_flights')").fetchall()
    assert found == (None,)


def test_a_node_or_a_workflow_that_is_not_there_is_not_found(owner: Uzo, delays: str) -> None:
    owner.post(f"workflows/{delays}/nodes/early/execute", expect=404)
    owner.get(f"workflows/{delays}/nodes/early/preview", expect=404)
    owner.post("workflows/018f0000-0000-7000-8000-000000000000/nodes/late/execute", expect=404)


def test_who_may_only_read_may_look_at_a_preview_but_not_ask_for_one(owner: Uzo, demo: dict[str, Any]) -> None:
    login = next(each for each in demo["logins"] if each["role"] == "viewer")
    workflow = demo["workflow_id"]
    first = owner.get(f"workflows/{workflow}")["workflow_diagram"]["nodes"][0]["id"]
    shown, _ = preview(owner, workflow, first, limit=2)
    with Uzo(demo["url"], login["email"], login["password"]) as vera:
        assert vera.get(f"workflows/{workflow}/nodes/{first}/preview") == shown
        vera.post(f"workflows/{workflow}/nodes/{first}/execute", expect=403)
