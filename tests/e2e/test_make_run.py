"""What `make run` leaves behind: a file for scripts, people in roles, data, and nothing open to the network."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from tests.e2e.client import Uzo
from uzo.local.ports import HOST, free_port
from uzo.local.service import MARK, marked

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data_dir(demo: dict[str, Any]) -> Path:
    """The data folder of the running UZO: its web server carries it as its mark."""
    port = int(demo["url"].rpartition(":")[2])
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            return Path(psutil.Process(connection.pid).environ()[MARK])
    raise AssertionError(f"nothing listens on {port}")


@pytest.fixture
def owner(demo: dict[str, Any]) -> Iterator[Uzo]:
    with person(demo, "owner") as signed_in:
        yield signed_in


def person(demo: dict[str, Any], role: str) -> Uzo:
    login = next(each for each in demo["logins"] if each["role"] == role)
    return Uzo(demo["url"], login["email"], login["password"])


def test_the_file_for_scripts_is_ours_alone_and_as_the_contract_says(demo: dict[str, Any], data_dir: Path) -> None:
    assert stat.S_IMODE((data_dir / "demo.json").stat().st_mode) == 0o600
    assert set(demo) == {
        "url", "logins", "api_key", "workflow_id", "demo_connector_id", "sink_dsn", "operator", "tenants",
    }  # fmt: skip
    assert set(demo["operator"]) == {"host", "email", "password"}
    roles = ["owner", "editor", "runner", "viewer"]
    assert [login["role"] for login in demo["logins"]] == roles
    for tenant in demo["tenants"]:
        assert set(tenant) == {"name", "host", "logins", "workflow_id", "connector_id"}
        assert [login["role"] for login in tenant["logins"]] == roles
    first, rival = demo["tenants"]
    assert (first["logins"], first["workflow_id"]) == (demo["logins"], demo["workflow_id"])
    assert rival["host"].startswith("rival.localhost")


def test_everybody_can_sign_in_on_their_own_host_and_the_key_works(demo: dict[str, Any]) -> None:
    for tenant in demo["tenants"]:
        for login in tenant["logins"]:
            with Uzo(demo["url"], login["email"], login["password"], host=tenant["host"]) as signed_in:
                assert signed_in.get("auth/me")["email"] == login["email"]
    headers = {"Authorization": f"Api-Key {demo['api_key']}"}
    assert httpx.get(f"{demo['url']}/api/v1/auth/me", headers=headers).json()["email"] == demo["logins"][0]["email"]


def test_the_operator_signs_in_on_the_operators_host(demo: dict[str, Any]) -> None:
    operator = demo["operator"]
    with Uzo(demo["url"], operator["email"], operator["password"], host=operator["host"]) as signed_in:
        names = [each["name"] for each in signed_in.get("subscriptions")["results"]]
    assert {tenant["name"] for tenant in demo["tenants"]} <= set(names)


def test_each_role_may_do_on_the_demo_what_its_name_says(demo: dict[str, Any]) -> None:
    may = {"editor": {"read", "write", "execute"}, "runner": {"read", "execute"}, "viewer": {"read"}}
    for role, levels in may.items():
        with person(demo, role) as signed_in:
            for object_type, object_id in (("workflow", demo["workflow_id"]), ("connector", demo["demo_connector_id"])):
                about = {"object_type": object_type, "object_id": object_id}
                answers = {
                    level: signed_in.get("permissions/check", **about, permission=level)["allowed"]
                    for level in ("read", "write", "execute", "admin")
                }
                assert {level for level, allowed in answers.items() if allowed} == levels, (role, object_type)


def test_the_sample_ran_and_its_rows_are_in_the_table_and_in_the_file(demo: dict[str, Any], owner: Uzo) -> None:
    runs = owner.get(f"workflows/{demo['workflow_id']}/executions")["results"]
    execution = owner.get(f"executions/{runs[-1]['id']}")
    assert execution["status"] == "success"
    rows = {node["node_id"]: (node["rows_in"], node["rows_out"]) for node in execution["nodes"]}
    assert rows["planes"] == (0, 3_322)
    assert rows["flights"] == (0, None), "what the filter behind it drops need not come, and is not counted"
    assert rows["departed"][1] == 310_591
    with psycopg.connect(demo["sink_dsn"]) as connection:
        written = connection.execute("SELECT dest, carrier, place FROM punctual_airlines").fetchall()
    assert len(written) == rows["store_table"][0] == rows["store_file"][0] > 200
    assert len({(dest, carrier) for dest, carrier, _ in written}) == len(written)
    first = {dest for dest, _, place in written if place == 1}
    assert first == {dest for dest, _, _ in written}, "every destination has a winner"


def test_t62_nothing_listens_beyond_this_machine(data_dir: Path) -> None:
    family = {process.pid for process in marked(data_dir)}
    listening = [
        connection.laddr
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.pid in family
    ]
    assert len(listening) >= 3  # the web server, Prefect, Valkey
    assert {address.ip for address in listening} == {HOST}


def test_t19_no_ticket_stands_in_any_log(demo: dict[str, Any], data_dir: Path, owner: Uzo) -> None:
    ticket = owner.post("auth/ws-ticket", expect=200)["ticket"]
    refused = httpx.get(f"{demo['url']}/ws/?ticket={ticket}")
    assert refused.status_code >= 400
    with owner.socket() as socket:
        socket.send('{"type": "ping"}')
        assert "pong" in str(socket.recv(timeout=5))
    logs = "".join(path.read_text(errors="replace") for path in (data_dir / "logs").iterdir())
    assert ticket not in logs
    assert "ticket=" not in logs.replace("ticket=***", "").replace("ticket=[redacted]", "")


def start_again(data_dir: Path, port: int) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "UZO_DATA_DIR": str(data_dir), "UZO_PORT": str(port)}
    command = [sys.executable, "-m", "uzo.local", "run"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_second_start_on_the_same_folder_says_where_the_first_one_is(demo: dict[str, Any], data_dir: Path) -> None:
    second = start_again(data_dir, free_port())
    assert second.returncode == 1
    assert f"Open {demo['url']}, or stop it with: make stop" in second.stderr


def test_a_start_on_a_taken_port_names_its_holder_and_a_free_one(demo: dict[str, Any], tmp_path: Path) -> None:
    port = int(demo["url"].rpartition(":")[2])
    second = start_again(tmp_path / "uzo", port)
    assert second.returncode == 1
    assert f"Port {port} is in use by" in second.stderr
    assert "UZO_PORT=" in second.stderr
