"""Control nodes by a client that knows only the contract: loops with effects, workflows in workflows, approvals
by API and by mail, answers at once, environments."""

from __future__ import annotations

import re
import time
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.e2e.client import Uzo, diagram, edge, node

RAN = "create table if not exists {table} (number bigint, doubled bigint)"


@pytest.fixture(scope="module")
def workspace(owner: Uzo) -> str:
    return str(owner.post("workspaces", {"name": "Lighthouse"})["id"])


@pytest.fixture(scope="module")
def job(owner: Uzo, workspace: str) -> str:
    folder = owner.post(f"workspaces/{workspace}/folders", {"name": "Watch"})
    return str(owner.post(f"folders/{folder['id']}/jobs", {"name": "Night"})["id"])


@pytest.fixture(scope="module")
def sink(owner: Uzo, demo: dict[str, Any]) -> str:
    dsn = urlsplit(demo["sink_dsn"])
    config = {
        "host": dsn.hostname,
        "port": dsn.port,
        "database": dsn.path.lstrip("/"),
        "username": dsn.username,
        "password": dsn.password,
        "sslmode": "disable",
    }
    return str(owner.post("connectors", {"name": "Log", "connector_type": "postgresql", "config": config})["id"])


def save(owner: Uzo, job: str, *drawn: Any, **more: Any) -> str:
    body = {"name": "Watch", "workflow_diagram": diagram(*drawn), **more}
    saved = owner.post(f"jobs/{job}/workflows", body)
    assert [each for each in saved["problems"] if each["severity"] == "error"] == []
    return str(saved["id"])


def counted(table: str, demo: dict[str, Any]) -> list[tuple[int, int]]:
    with psycopg.connect(demo["sink_dsn"]) as connection:
        return connection.execute(f"select number, doubled from {table} order by 1").fetchall()  # type: ignore[arg-type]


def looping(sink: str, table: str, *, rows: int, pause: float = 0, **config: Any) -> tuple[Any, Any]:
    """Reads so many numbers, doubles each in a loop of its own and appends it to the table."""
    query = f"select n as number from generate_series(1, {rows}) as n"
    nodes = [
        node("numbers", "connector", "read", connector=sink, query=query),
        node("loop", "control", "for_each", collect="double", **config),
        node("pause", "control", "wait", seconds=pause),
        node("double", "transform", "derive", expressions={"doubled": "number + {{ item.number }}"}),
        node("log", "connector", "write", connector=sink, table=table, mode="append"),
        node(
            "total",
            "transform",
            "aggregate",
            groupBy=[],
            aggregations={"sum": {"column": "doubled", "function": "sum"}},
        ),
        node("say", "control", "http_response", body={"sum": "{{ total }}"}),
    ]
    edges = [
        edge("numbers", "loop"), edge("loop", "pause", "each"), edge("pause", "double"), edge("double", "log"),
        edge("loop", "total", "done"), edge("total", "say"),
    ]  # fmt: skip
    return nodes, edges


def test_a_loop_with_effects_answers_a_call_that_waits(owner: Uzo, job: str, sink: str, demo: dict[str, Any]) -> None:
    with psycopg.connect(demo["sink_dsn"]) as connection:
        connection.execute(RAN.format(table="looped"))
    workflow = save(owner, job, *looping(sink, "looped", rows=5, concurrency=2))
    answer = owner.post(f"workflows/{workflow}/execute?wait=30", expect=200)
    assert answer == {"sum": 30}
    assert counted("looped", demo) == [(n, 2 * n) for n in range(1, 6)]
    [execution] = owner.get(f"workflows/{workflow}/executions")["results"]
    states = {each["node_id"]: each for each in owner.get(f"executions/{execution['id']}")["nodes"]}
    assert states["loop"]["iterations"] == {"total": 5, "finished": 5, "failed": 0}
    trace = owner.get(f"executions/{execution['id']}/nodes/loop/iterations")
    assert [each["status"] for each in trace["results"]] == ["success"] * 5


def test_a_loop_is_cancelled_within_two_seconds(owner: Uzo, job: str, sink: str, demo: dict[str, Any]) -> None:
    with psycopg.connect(demo["sink_dsn"]) as connection:
        connection.execute(RAN.format(table="cancelled"))
    workflow = save(owner, job, *looping(sink, "cancelled", rows=500, pause=0.5))
    execution = owner.post(f"workflows/{workflow}/execute", expect=202)
    end = time.monotonic() + 60
    while not owner.get(f"executions/{execution['id']}/nodes/loop/iterations")["count"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    asked = time.monotonic()
    owner.post(f"executions/{execution['id']}/cancel", expect=202)
    over = owner.wait(execution["id"], seconds=10)
    took = time.monotonic() - asked
    assert over["status"] == "cancelled"
    assert took < 3, took  # two seconds, and what a busy machine needs to say so
    left = owner.get(f"executions/{execution['id']}/nodes/loop/iterations", status="running")
    assert left["count"] == 0


def test_a_workflow_in_a_workflow_gives_its_rows(owner: Uzo, job: str, sink: str) -> None:
    read = node("numbers", "connector", "read", connector=sink, query="select n as number from generate_series(1, 4) n")
    more = node("more", "transform", "derive", expressions={"number": "number * {{ times }}"})
    child = save(
        owner, job, [read, more], [edge("numbers", "more")], parameters={"times": {"type": "int64", "default": 1}}
    )
    call = node("call", "control", "sub_workflow", workflowId=child, parameters={"times": "{{ times }}"})
    total = node(
        "total", "transform", "aggregate", groupBy=[], aggregations={"sum": {"column": "number", "function": "sum"}}
    )
    say = node("say", "control", "http_response", status=201, body="{{ total }}")
    drawn = ([call, total, say], [edge("call", "total"), edge("total", "say")])
    workflow = save(owner, job, *drawn, parameters={"times": {"type": "int64"}})
    answer = owner.post(f"workflows/{workflow}/execute?wait=30", {"parameters": {"times": 10}}, expect=201)
    assert answer in (100, "100")
    [execution] = owner.get(f"workflows/{workflow}/executions")["results"]
    [part] = owner.get(f"workflows/{child}/executions")["results"]
    assert (part["parent_id"], part["trigger"], part["parameters"]) == (execution["id"], "sub_workflow", {"times": 10})


def asked(owner: Uzo, execution_id: str) -> dict[str, Any]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = owner.get("approvals", execution=execution_id, status="pending")["results"]
        if found:
            return dict(found[0])
        time.sleep(0.1)
    raise AssertionError("nobody was asked")


def approving(owner: Uzo, job: str, **config: Any) -> str:
    nodes = [
        node("ask", "control", "approval", **config),
        node("yes", "control", "http_response", body="yes"),
        node("no", "control", "http_response", body="no"),
    ]
    return save(owner, job, nodes, [edge("ask", "yes", "approved"), edge("ask", "no", "rejected")])


def test_an_approval_by_api_lets_the_execution_go_on(owner: Uzo, job: str) -> None:
    workflow = approving(owner, job, message="Light the lamp?")
    execution = owner.post(f"workflows/{workflow}/execute", expect=202)
    approval = asked(owner, execution["id"])
    assert (approval["message"], approval["may_decide"]) == ("Light the lamp?", True)
    waiting = owner.get(f"executions/{execution['id']}")
    assert (waiting["status"], waiting["waiting_for"]) in (("paused", "approval"), ("running", None))
    owner.post(f"approvals/{approval['id']}", {"decision": "reject", "comment": "fog"}, expect=200)
    states = {each["node_id"]: each["status"] for each in owner.wait(execution["id"])["nodes"]}
    assert states == {"ask": "success", "yes": "skipped", "no": "success"}
    [line] = owner.get(f"executions/{execution['id']}/logs", node_id="ask")["results"]
    assert line["message"].startswith("Rejected by ")
    assert line["message"].endswith(": fog")


def mails(folder: Path) -> list[Message]:
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*"))]


def test_an_approval_by_mail_opens_a_page_that_decides(
    owner: Uzo, job: str, demo: dict[str, Any], data_folder: Path
) -> None:
    viewer = next(each for each in demo["logins"] if each["role"] == "viewer")
    workflow = approving(owner, job, message="Sound the horn?", approvers=[viewer["email"]])
    execution = owner.post(f"workflows/{workflow}/execute", expect=202)
    asked(owner, execution["id"])
    end = time.monotonic() + 30
    found: list[Message] = []
    while not found and time.monotonic() < end:
        time.sleep(0.2)
        found = [each for each in mails(data_folder / "mail") if "Sound the horn?" in str(each.get_payload())]
    [letter] = found
    assert letter["To"] == viewer["email"]
    payload = letter.get_payload(decode=True)
    assert isinstance(payload, bytes)
    url = re.search(r"http\S+", payload.decode())
    assert url is not None
    page = httpx.get(url[0].replace("localhost", "127.0.0.1"), headers={"Host": urlsplit(url[0]).netloc})
    assert page.status_code == 200
    assert "Sound the horn?" in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert owner.get("approvals", execution=execution["id"], status="pending")["count"] == 1
    token = url[0].partition("token=")[2]
    done = httpx.post(
        f"http://127.0.0.1:{urlsplit(url[0]).port}/approvals/decide",
        data={"token": token, "decision": "approve", "comment": ""},
        headers={"Host": urlsplit(url[0]).netloc},
    )
    assert done.status_code == 200, done.text
    states = {each["node_id"]: each["status"] for each in owner.wait(execution["id"])["nodes"]}
    assert states == {"ask": "success", "yes": "success", "no": "skipped"}


def test_an_environment_gives_values(owner: Uzo, job: str, workspace: str) -> None:
    owner.post(f"workspaces/{workspace}/environments", {"name": "storm", "parameters": {"wind": 11}})
    say = node("say", "control", "http_response", body={"wind": "{{ wind }}", "lamp": "{{ lamp }}"})
    declared = {"wind": {"type": "int64", "default": 3}, "lamp": {"type": "string", "default": "red"}}
    workflow = save(owner, job, [say], [], parameters=declared)
    run = f"workflows/{workflow}/execute?wait=30"
    assert owner.post(run, expect=200) == {"wind": 3, "lamp": "red"}
    assert owner.post(run, {"environment": "storm"}, expect=200) == {"wind": 11, "lamp": "red"}
    answer = owner.post(run, {"environment": "storm", "parameters": {"wind": 5}}, expect=200)
    assert answer == {"wind": 5, "lamp": "red"}
