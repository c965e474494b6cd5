"""The spine, by a script that knows only the contract: from signing in to the rows that were written."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.e2e.client import Uzo, diagram, edge, messages, node


@pytest.fixture(scope="module")
def job(owner: Uzo) -> dict[str, Any]:
    workspace = owner.post("workspaces", {"name": "Harbour office"})
    folder = owner.post(f"workspaces/{workspace['id']}/folders", {"name": "Arrivals"})
    return owner.post(f"folders/{folder['id']}/jobs", {"name": "Nightly"})


@pytest.fixture(scope="module")
def sink(owner: Uzo, demo: dict[str, Any]) -> dict[str, Any]:
    dsn = urlsplit(demo["sink_dsn"])
    return owner.post(
        "connectors",
        {
            "name": "Harbour warehouse",
            "connector_type": "postgresql",
            "config": {
                "host": dsn.hostname,
                "port": dsn.port,
                "database": dsn.path.lstrip("/"),
                "username": dsn.username,
                "password": dsn.password,
                "sslmode": "disable",
            },
        },
    )


def delays_by_carrier(source: str, sink: str, table: str) -> dict[str, Any]:
    return diagram(
        [
            node("flights", "connector", "read", connector=source, table="flights"),
            node("late", "transform", "filter", expression="dep_delay > 15 AND month = 1"),
            node("hours", "transform", "derive", expressions={"delay_hours": "dep_delay / 60"}),
            node("per_carrier", "transform", "aggregate", groupBy=["carrier"], aggregations={"delay_hours": "sum"}),
            node("ranked", "transform", "sort", by=[{"column": "delay_hours_sum", "descending": True}]),
            node("store", "connector", "write", connector=sink, table=table, mode="replace"),
        ],
        [
            edge("flights", "late"),
            edge("late", "hours"),
            edge("hours", "per_carrier"),
            edge("per_carrier", "ranked"),
            edge("ranked", "store"),
        ],
    )


def test_a_workflow_is_drawn_run_followed_over_a_dropped_socket_and_its_rows_are_there(
    owner: Uzo, job: dict[str, Any], sink: dict[str, Any], demo: dict[str, Any]
) -> None:
    drawn = delays_by_carrier(demo["demo_connector_id"], sink["id"], "late_by_carrier")
    assert owner.post(f"connectors/{sink['id']}/test", expect=200)["ok"]
    assert sink["config"]["password"] == {"set": True}

    checked = owner.post("workflows/validate", {"workflow_diagram": drawn}, expect=200)
    assert [problem for problem in checked["problems"] if problem["severity"] == "error"] == []
    assert checked["schema"]["nodes"]["per_carrier"]["output"] == [
        {"name": "carrier", "type": "string", "nullable": True},
        {"name": "delay_hours_sum", "type": "float64", "nullable": True},
    ]

    workflow = owner.post(f"jobs/{job['id']}/workflows", {"name": "Late by carrier", "workflow_diagram": drawn})
    assert workflow["workflow_diagram"] == drawn
    assert workflow["dependencies"]["execution_order"] == [each["id"] for each in drawn["nodes"]]

    execution = owner.post(f"workflows/{workflow['id']}/execute", {"parameters": {}}, expect=202)
    channel = f"execution:{execution['id']}"
    seen: list[dict[str, Any]] = []
    with owner.socket() as socket:
        socket.send(f'{{"type": "subscribe", "channel": "{channel}", "last_event_id": 0}}')
        seen.append(next(message for message in messages(socket) if message["type"] == "event"))
    with owner.socket() as socket:
        socket.send(f'{{"type": "subscribe", "channel": "{channel}", "last_event_id": {seen[-1]["id"]}}}')
        for message in messages(socket):
            assert message["type"] != "error", message
            if message["type"] == "event":
                seen.append(message)
                if message["event"] == "execution_finished":
                    break
    ids = [message["id"] for message in seen]
    assert ids == sorted(set(ids))
    assert seen[-1]["data"]["status"] == "success"
    finished = {
        message["data"]["node_id"]
        for message in seen
        if message["event"] == "node_status" and message["data"]["status"] == "success"
    }
    assert finished == {each["id"] for each in drawn["nodes"]}

    execution = owner.get(f"executions/{execution['id']}")
    rows = {each["node_id"]: (each["rows_in"], each["rows_out"]) for each in execution["nodes"]}
    with psycopg.connect(demo["sink_dsn"]) as connection:
        written = connection.execute("select carrier, delay_hours_sum from late_by_carrier").fetchall()
    assert len(written) == rows["store"][0] == rows["per_carrier"][1] > 10
    kept = owner.get(f"executions/{execution['id']}/nodes/store/output", limit=5)
    assert kept["columns"], kept


def test_a_running_execution_is_cancelled_within_two_seconds(owner: Uzo, job: dict[str, Any]) -> None:
    drawn = diagram([node("pause", "control", "wait", seconds=60)], [])
    workflow = owner.post(f"jobs/{job['id']}/workflows", {"name": "Tide table", "workflow_diagram": drawn})
    execution = owner.post(f"workflows/{workflow['id']}/execute", expect=202)
    while owner.get(f"executions/{execution['id']}")["status"] == "queued":
        time.sleep(0.02)
    began = time.monotonic()
    owner.post(f"executions/{execution['id']}/cancel", expect=202)
    assert owner.wait(execution["id"], seconds=10)["status"] == "cancelled"
    assert time.monotonic() - began < 2  # the contract's limit, not a benchmark
    owner.post(f"executions/{execution['id']}/cancel", expect=409)


def test_a_workflow_with_a_wrong_column_is_saved_as_a_draft_and_refused_to_run(
    owner: Uzo, job: dict[str, Any], demo: dict[str, Any]
) -> None:
    drawn = diagram(
        [
            node("flights", "connector", "read", connector=demo["demo_connector_id"], table="flights"),
            node("late", "transform", "filter", expression="dep_dely > 15"),
        ],
        [edge("flights", "late")],
    )
    workflow = owner.post(f"jobs/{job['id']}/workflows", {"name": "Draft", "workflow_diagram": drawn})
    [problem] = [each for each in workflow["problems"] if each["severity"] == "error"]
    assert (problem["node_id"], problem["field"], problem["code"]) == ("late", "config.expression", "unknown_column")
    assert "dep_delay" in problem["message"]
    refused = owner.post(f"workflows/{workflow['id']}/execute", expect=422)
    assert refused["code"] == "workflow_invalid"
    assert refused["problems"] == workflow["problems"]


def test_the_rival_sees_nothing_of_it(owner: Uzo, job: dict[str, Any], demo: dict[str, Any]) -> None:
    rival = next(each for each in demo["tenants"] if each["host"].startswith("rival"))
    login = next(each for each in rival["logins"] if each["role"] == "owner")
    with Uzo(demo["url"], login["email"], login["password"], host=rival["host"]) as stranger:
        stranger.get(f"jobs/{job['id']}", expect=404)
        stranger.get(f"workflows/{demo['workflow_id']}", expect=404)
        foreign_token = {"Authorization": owner.http.headers["Authorization"]}
        assert stranger.http.get("auth/me", headers=foreign_token).status_code == 401
