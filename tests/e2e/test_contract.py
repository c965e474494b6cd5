"""The letters of the contract, asked of a running UZO by a script that knows nothing else of it."""

from __future__ import annotations

import io
import socket
from typing import Any

import polars as pl
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.client import Uzo, diagram, edge, node

CARGO = (
    b"id,tons,berth,arrived,note\n"
    b"1,7,a,2024-02-29T10:11:12,x\n"
    b"2,-7,,2023-12-31T00:00:00,\n"
    b'3,,"",2021-01-03T01:02:03.5,"y, z"\n'
    b"4,9223372036854775807,B,,x\n"
)


@pytest.fixture(scope="module")
def job(owner: Uzo) -> dict[str, Any]:
    workspace = owner.post("workspaces", {"name": "Letters"})
    folder = owner.post(f"workspaces/{workspace['id']}/folders", {"name": "Letters"})
    return owner.post(f"folders/{folder['id']}/jobs", {"name": "Letters"})


@pytest.fixture(scope="module")
def files(owner: Uzo) -> str:
    made = owner.post("connectors", {"name": "Letters", "connector_type": "files", "config": {}})
    sent = owner.http.post(f"connectors/{made['id']}/files", files={"file": ("cargo.csv", CARGO)})
    assert sent.status_code == 201, sent.text
    assert {"name", "size", "sha256", "columns"} <= sent.json().keys()
    return made["id"]


@pytest.fixture(scope="module")
def ran(owner: Uzo, job: dict[str, Any], files: str) -> dict[str, Any]:
    """One execution with a node for each letter."""
    steps = {
        "quotient": ("derive", {"expressions": {"r": "tons / 2", "f": "tons // 2", "m": "tons % 2", "z": "tons / 0"}}),
        "truth": ("derive", {"expressions": {"r": "tons > 0 AND NULL", "o": "tons > 0 OR NULL"}}),
        "polars": ("filter", {"expression": '(col("berth") == "a") | (col("tons") < 0)'}),
        "sql": ("filter", {"expression": "berth = 'a' OR tons < {{ least }}"}),
        "text": ("sort", {"by": ["berth"]}),
        "total": ("aggregate", {"groupBy": [], "aggregations": {"tons": ["max", "count"], "n": {"function": "count"}}}),
        "first": ("deduplicate", {"columns": ["note"], "keep": "first"}),
        "too_much": ("derive", {"expressions": {"r": "tons + 1"}, "continueOnError": True}),
        "zoned": ("cast", {"types": {"arrived": "datetime(UTC)", "tons": "float64"}}),
    }
    drawn = diagram(
        [
            node("cargo", "connector", "read", connector=files, table="cargo.csv", keepOutput=True),
            *(node(name, "transform", operation, **config) for name, (operation, config) in steps.items()),
            node("skipped", "transform", "limit", n=1),
        ],
        [*(edge("cargo", name) for name in steps), edge("too_much", "skipped")],
    )
    body = {"name": "Letters", "workflow_diagram": drawn, "parameters": {"least": {"type": "int64", "default": 0}}}
    workflow = owner.post(f"jobs/{job['id']}/workflows", body)
    assert (workflow["workflow_diagram"], workflow["problems"]) == (drawn, [])
    begun = owner.post(f"workflows/{workflow['id']}/execute", expect=202)
    assert begun["status"] == "queued"
    return owner.wait(begun["id"])


def rows(owner: Uzo, ran: dict[str, Any], name: str, *columns: str) -> list[list[Any]]:
    found = owner.get(f"executions/{ran['id']}/nodes/{name}/output")
    names = [column["name"] for column in found["columns"]]
    assert found["row_count"] == len(found["rows"])
    return [[row[names.index(column)] for column in columns or names] for row in found["rows"]]


def test_values_are_written_as_the_contract_writes_them(owner: Uzo, ran: dict[str, Any]) -> None:
    assert rows(owner, ran, "cargo") == [
        [1, 7, "a", "2024-02-29T10:11:12", "x"],
        [2, -7, None, "2023-12-31T00:00:00", None],
        [3, None, "", "2021-01-03T01:02:03.500000", "y, z"],
        [4, "9223372036854775807", "B", None, "x"],
    ]
    assert rows(owner, ran, "zoned", "arrived")[0] == ["2024-02-29T10:11:12Z"]


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        ("quotient", ("r", "f", "m", "z"), [[3.5, 3, 1, None], [-3.5, -4, 1, None], [None] * 4]),
        ("truth", ("r", "o"), [[None, True], [False, None], [None, None]]),
        ("polars", ("id",), [[1], [2]]),
        ("sql", ("id",), [[1], [2]]),
        ("text", ("berth",), [[""], ["B"], ["a"]]),
        ("total", (), [["9223372036854775807", 3, 4]]),
        ("first", ("id",), [[1], [2], [3]]),
    ],
)
def test_a_node_means_what_the_contract_says(
    owner: Uzo, ran: dict[str, Any], name: str, columns: tuple[str, ...], expected: list[list[Any]]
) -> None:
    assert rows(owner, ran, name, *columns)[: len(expected)] == expected


def test_a_failure_that_was_handled_is_a_warning_and_what_hangs_below_it_is_skipped(ran: dict[str, Any]) -> None:
    nodes = {each["node_id"]: each for each in ran["nodes"]}
    assert (ran["status"], ran["warnings"], ran["error"]) == ("success", 1, None)
    assert (nodes["too_much"]["status"], nodes["too_much"]["error"]["code"]) == ("failed", "overflow")
    assert nodes["too_much"]["error"].keys() >= {"code", "message", "remedy"}
    assert (nodes["skipped"]["status"], nodes["sql"]["rows_in"], nodes["sql"]["rows_out"]) == ("skipped", 4, 2)


def test_rows_come_as_arrow_parquet_and_csv_too(owner: Uzo, ran: dict[str, Any]) -> None:
    def fetched(kind: str, **query: int) -> bytes:
        path = f"executions/{ran['id']}/nodes/sql/output"
        answer = owner.http.get(path, params=query, headers={"Accept": kind})
        assert answer.headers["content-type"].startswith(kind)
        return answer.content

    arrow = pl.read_ipc_stream(fetched("application/vnd.apache.arrow.stream"))
    assert arrow["tons"].to_list() == [7, -7]
    assert pl.read_parquet(io.BytesIO(fetched("application/vnd.apache.parquet"))).equals(arrow)
    assert fetched("text/csv", offset=1, limit=1).decode().splitlines()[0].split(",")[0] == "id"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"name": NaN}', 400, "invalid"),
        (b'{"name": "x", "description": 1e999}', 400, "invalid"),
        (b'{"name": "\\ud800"}', 400, "invalid"),
        (b'{"name": "a\\u0000b"}', 400, "invalid"),
        (b'{"name":', 400, "invalid"),
        (b"[]", 400, "invalid"),
        (b"{}", 400, "invalid"),
        (b'{"name": ' + b"[" * 64 + b"]" * 64 + b"}", 422, "too_complex"),
        (b"[" * 100_000, 422, "too_complex"),
        (b'{"name": "' + b"x" * (10 * 2**20) + b'"}', 413, "too_large"),
    ],
    ids=["NaN", "beyond a double", "surrogate", "NUL", "broken", "list", "empty", "deep", "open", "large"],
)
def test_a_body_that_is_none_is_a_problem(owner: Uzo, body: bytes, status: int, code: str) -> None:
    answer = owner.http.post("workspaces", content=body, headers={"Content-Type": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("workspaces/", 404, "not_found"),
        ("Workspaces", 404, "not_found"),
        ("workspaces/nobody", 404, "not_found"),
        ("workspaces?colour=red", 400, "unknown_filter"),
        ("workspaces?ordering=password", 400, "unknown_filter"),
        ("workspaces?page=999999", 404, "not_found"),
        ("subscriptions", 404, "not_found"),
    ],
)
def test_a_path_or_a_name_that_is_none_is_a_problem(owner: Uzo, path: str, status: int, code: str) -> None:
    answer = owner.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert owner.http.get("workspaces?page_size=100000").status_code == 200


def test_a_replay_answers_the_first_answer_and_another_body_is_refused(owner: Uzo) -> None:
    def posted(name: str) -> Any:
        return owner.http.post("workspaces", json={"name": name}, headers={"Idempotency-Key": "letters of the test"})

    first, again, other = posted("Once"), posted("Once"), posted("Twice")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_a_handshake_without_one_ticket_of_this_host_is_403(owner: Uzo) -> None:
    used = owner.post("auth/ws-ticket", expect=200)["ticket"]
    connect_to(owner, f"/ws/?ticket={used}").close()
    access = owner.tokens["access"]
    for path in ("/ws/", f"/ws/?ticket={used}", f"/ws/?ticket={access}", f"/ws/?token={access}", "/elsewhere"):
        with pytest.raises(InvalidStatus) as refused:
            connect_to(owner, path)
        assert refused.value.response.status_code == 403, path
    fresh = owner.post("auth/ws-ticket", expect=200)["ticket"]
    with pytest.raises(InvalidStatus) as refused:
        connect_to(owner, f"/ws/?ticket={fresh}", origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403


def connect_to(owner: Uzo, path: str, **kwargs: Any) -> Any:
    host = owner.http.headers["Host"]
    port = owner.http.base_url.port
    assert port is not None
    return connect(f"ws://{host}{path}", sock=socket.create_connection(("127.0.0.1", port)), **kwargs)
