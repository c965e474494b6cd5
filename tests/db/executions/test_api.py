"""Executions over HTTP, to CONTRACT's letter."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import polars as pl
import pyarrow as pa
import pytest

from apps.executions.models import StageResult, WorkflowExecution
from tests.db.executions.conftest import chain
from tests.e2e.client import edge, node

Make = Callable[..., Any]
NODE_KEYS = {
    "node_id", "status", "started_at", "finished_at", "duration_ms", "rows_in", "rows_out", "pushed_down", "bytes",
    "attempt", "error",
}  # fmt: skip
KEYS = {"id", "workflow_id", "kind", "status", "waiting_for", "progress", "started_at", "finished_at", "error"}


def pause(id: str = "ebb") -> dict[str, Any]:
    return node(id, "control", "wait", seconds=0)


@pytest.fixture
def tide(workflow_of: Make) -> Any:
    return workflow_of([pause()], [])


@pytest.fixture
def client(api: Make, owner: Any) -> Any:
    return api(owner)


def test_executing_answers_202_with_the_execution(client: Any, tide: Any) -> None:
    answer = client.post(f"/api/v1/workflows/{tide.pk}/execute", {"parameters": {}})
    assert answer.status_code == 202
    body = answer.json()
    assert body.keys() >= KEYS
    assert body["status"] == "queued"
    [each] = body["nodes"]
    assert each.keys() == NODE_KEYS
    assert client.get(f"/api/v1/executions/{body['id']}").json() == body


def test_the_body_may_be_left_out(client: Any, tide: Any) -> None:
    assert client.post(f"/api/v1/workflows/{tide.pk}/execute").status_code == 202


@pytest.mark.parametrize("body", [{"parameters": 1}, {"parameters": [1]}, [], "x"], ids=str)
def test_a_body_of_another_shape_is_invalid(client: Any, tide: Any, body: Any) -> None:
    answer = client.post(f"/api/v1/workflows/{tide.pk}/execute", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_workflow_with_errors_is_422_with_all_its_problems(client: Any, workflow_of: Make) -> None:
    workflow = workflow_of([pause()], [edge("ebb", "nowhere")])
    answer = client.post(f"/api/v1/workflows/{workflow.pk}/execute")
    assert answer.status_code == 422
    assert answer.json()["code"] == "workflow_invalid"
    assert [problem["code"] for problem in answer.json()["problems"]] == ["dangling_edge"]


def test_f7_a_hundred_identical_posts_with_one_key_are_one_execution(client: Any, tide: Any) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "tonight"}
    path = f"/api/v1/workflows/{tide.pk}/execute"
    answers = [client.post(path, {"parameters": {}}, **key) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert WorkflowExecution.objects.count() == 1
    assert answers[-1]["Idempotency-Replayed"] == "true"
    assert client.post(path, {"parameters": {"other": 1}}, **key).status_code == 422


def test_cancelling_is_202_and_what_is_over_409(client: Any, tide: Any) -> None:
    id = client.post(f"/api/v1/workflows/{tide.pk}/execute").json()["id"]
    cancelled = client.post(f"/api/v1/executions/{id}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    again = client.post(f"/api/v1/executions/{id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "already_finished")


def test_lists_show_runs_and_no_previews(client: Any, tide: Any, workflow_of: Make) -> None:
    run = client.post(f"/api/v1/workflows/{tide.pk}/execute").json()["id"]
    preview = client.post(f"/api/v1/workflows/{tide.pk}/nodes/ebb/execute", {})
    assert preview.status_code == 202
    other = client.post(f"/api/v1/workflows/{workflow_of([pause()], []).pk}/execute").json()["id"]
    of_workflow = client.get(f"/api/v1/workflows/{tide.pk}/executions").json()
    assert [each["id"] for each in of_workflow["results"]] == [run]
    assert {each["id"] for each in client.get("/api/v1/executions").json()["results"]} == {run, other}
    assert client.get(f"/api/v1/executions?workflow={tide.pk}&status=queued").json()["count"] == 1
    assert client.get("/api/v1/executions?status=sunk").status_code == 400
    assert client.get("/api/v1/executions?colour=blue").json()["code"] == "unknown_filter"
    assert client.get(f"/api/v1/executions/{preview.json()['execution_id']}").json()["kind"] == "preview"


def test_strangers_are_401_others_404_readers_403(api: Make, tide: Any, viewer: Any, owner: Any) -> None:
    from apps.accounts.access import Level
    from apps.accounts.services.permissions import grant

    id = api(owner).post(f"/api/v1/workflows/{tide.pk}/execute").json()["id"]
    paths = [f"/api/v1/workflows/{tide.pk}/execute", f"/api/v1/executions/{id}/cancel"]
    for path in paths:
        assert api().post(path).status_code == 401
        assert api(viewer).post(path).status_code == 404
    assert api(viewer).get("/api/v1/executions").json()["count"] == 0
    grant(obj=tide, to=viewer, level=Level.READ)
    for path in paths:
        assert api(viewer).post(path).status_code == 403
    assert api(viewer).get(f"/api/v1/executions/{id}").status_code == 200
    assert api(viewer).get("/api/v1/executions").json()["count"] == 1


def test_t5_an_execution_of_another_tenant_is_not_there(
    api: Make, client: Any, tide: Any, rival: Any, rival_owner: Any
) -> None:
    id = client.post(f"/api/v1/workflows/{tide.pk}/execute").json()["id"]
    stranger = api(rival_owner, host="rival.example", tenant=rival)
    for path in (f"executions/{id}", f"executions/{id}/logs", f"executions/{id}/prefect"):
        assert stranger.get(f"/api/v1/{path}").status_code == 404
    assert stranger.post(f"/api/v1/executions/{id}/cancel").status_code == 404


@pytest.fixture
def run(workflow_of: Make, client: Any, work: Make, quays: Any) -> Any:
    """A run that read the quays and kept those that are deep."""
    workflow = workflow_of(
        *chain(
            node("quays", "connector", "read", connector=str(quays.pk), table="quays.csv"),
            node("shallow", "transform", "filter", expression="metres < 100"),
            node("deep", "transform", "filter", expression="metres > 2"),
        )
    )
    id = client.post(f"/api/v1/workflows/{workflow.pk}/execute").json()["id"]
    return work(WorkflowExecution.objects.get(pk=id))


def test_rows_of_a_run_are_given_in_four_forms(client: Any, run: Any) -> None:
    path = f"/api/v1/executions/{run.pk}/nodes/deep/output"
    assert run.status == "success", run.error
    assert client.get(path).json() == {
        "columns": [{"name": "quay", "type": "string"}, {"name": "metres", "type": "int64"}],
        "rows": [["south", 3], ["=east", 5]],
        "row_count": 2,
    }
    assert client.get(f"{path}?offset=1&limit=1").json()["rows"] == [["=east", 5]]
    arrow = client.get(path, HTTP_ACCEPT="application/vnd.apache.arrow.stream")
    assert pa.ipc.open_stream(arrow.content).read_all().num_rows == 2
    parquet = client.get(path, HTTP_ACCEPT="application/vnd.apache.parquet")
    assert pl.read_parquet(io.BytesIO(parquet.content))["metres"].to_list() == [3, 5]
    assert parquet["Content-Type"] == "application/vnd.apache.parquet"


def test_t34_no_cell_of_a_csv_is_a_formula(client: Any, run: Any) -> None:
    answer = client.get(f"/api/v1/executions/{run.pk}/nodes/deep/output", HTTP_ACCEPT="text/csv")
    assert answer.content.decode() == "quay,metres\nsouth,3\n'=east,5\n"
    assert answer["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize(
    ("node_id", "query", "status", "code"),
    [
        ("shallow", "", 409, "not_materialised"),
        ("nobody", "", 404, "not_found"),
        ("deep", "?port=nowhere", 404, "not_found"),
        ("deep", "?limit=-1", 400, "invalid"),
        ("deep", "?limit=x", 400, "invalid"),
        ("deep", "?offset=99999999999999999999", 400, "invalid"),
    ],
)
def test_rows_that_cannot_be_given(client: Any, run: Any, node_id: str, query: str, status: int, code: str) -> None:
    answer = client.get(f"/api/v1/executions/{run.pk}/nodes/{node_id}/output{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_where_the_first_of_many_rows_were_kept_they_are_given_and_the_others_are_not(client: Any, run: Any) -> None:
    for stage in StageResult.objects.filter(execution=run):
        for each in stage.result["datasets"]:
            each[2]["of"] = 9
        stage.save()
    path = f"/api/v1/executions/{run.pk}/nodes/deep/output"
    body = client.get(f"{path}?offset=1").json()
    assert (body["row_count"], body["rows_kept"], body["rows"]) == (9, 2, [["=east", 5]])
    for form in ("application/json", "text/csv"):
        beyond = client.get(f"{path}?offset=2", HTTP_ACCEPT=form)
        assert (beyond.status_code, beyond.json()["code"]) == (409, "not_materialised")
        assert "Of 9 rows the first 2 were kept" in beyond.json()["detail"]
    assert client.get(f"{path}?offset=9").json()["rows"] == []


def test_after_the_retention_rows_are_gone(client: Any, run: Any, settings: Any) -> None:
    from apps.executions.retention import remove_old_rows

    settings.RUN_RETENTION_DAYS = 0
    assert remove_old_rows() == 1
    answer = client.get(f"/api/v1/executions/{run.pk}/nodes/deep/output")
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    assert client.get(f"/api/v1/executions/{run.pk}").json()["status"] == "success"


def test_logs_are_a_list(client: Any, run: Any) -> None:
    from apps.executions.logs import LogBook

    LogBook(run).write("deep", "warning", "ebb \0 and flood")
    body = client.get(f"/api/v1/executions/{run.pk}/logs?node_id=deep").json()
    assert [line["level"] for line in body["results"]] == ["warning"]
    assert body["results"][0].keys() == {"node_id", "level", "message", "at"}


def test_t60_a_log_has_an_end(run: Any, settings: Any) -> None:
    from apps.executions.logs import LogBook

    settings.EXECUTION_LOG_LINES = 3
    book = LogBook(run)
    for number in range(10):
        book.write(None, "info", f"line {number}")
    assert run.logs.count() == 3
    assert "full" in run.logs.last().message


def test_prefect_is_linked_once_it_was_told(client: Any, run: Any) -> None:
    path = f"/api/v1/executions/{run.pk}/prefect"
    assert client.get(path).json() == {"linked": False, "flow_run_id": None, "url": None, "told": None}
    flow_run = uuid4()
    WorkflowExecution.objects.filter(pk=run.pk).update(prefect_flow_run_id=flow_run, prefect_state="success")
    assert client.get(path).json()["url"].endswith(f"/runs/flow-run/{flow_run}")


def test_no_preview_is_404(client: Any, tide: Any) -> None:
    answer = client.get(f"/api/v1/workflows/{tide.pk}/nodes/ebb/preview")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_preview")
