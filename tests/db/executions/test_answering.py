"""What a call that waits gets back: the response that the workflow made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.executions.services import answering
from apps.workflows.analysis import analyse_version
from apps.workflows.selectors import current_version
from tests.db.executions.conftest import chain
from tests.e2e.client import edge, node

Make = Callable[..., Any]


@pytest.fixture
def call(api: Any, owner: Any, work: Make, monkeypatch: Any) -> Make:
    """Executes a workflow and waits, while a worker runs it."""
    from apps.executions.models import WorkflowExecution

    def run_it(execution_id: Any, *, seconds: float) -> Any:
        assert seconds == 5
        return work(WorkflowExecution.objects.get(pk=execution_id))

    monkeypatch.setattr(answering, "wait_until_over", run_it)

    def execute(workflow: Any, **parameters: Any) -> Any:
        path = f"/api/v1/workflows/{workflow.pk}/execute?wait=5"
        return api(owner).post(path, {"parameters": parameters}, format="json")

    return execute


def respond(id: str = "say", **config: Any) -> dict[str, Any]:
    return node(id, "control", "http_response", **config)


def test_the_response_node_says_status_headers_and_body(workflow_of: Make, call: Make) -> None:
    drawn = respond(status=201, headers={"X-Ship": "{{ ship }}"}, body={"ship": "{{ ship }}", "crew": "{{ crew }}"})
    answer = call(workflow_of([drawn], []), ship="Ida", crew=7)
    assert (answer.status_code, answer.json(), answer.headers["X-Ship"]) == (201, {"ship": "Ida", "crew": 7}, "Ida")


def test_the_way_that_was_taken_answers(workflow_of: Make, call: Make) -> None:
    nodes = [
        node("gate", "control", "if", expression="{{ crew }} > 5"),
        respond("yes", body="full"),
        respond("no", status=409, body="short"),
    ]
    workflow = workflow_of(nodes, [edge("gate", "yes", "true"), edge("gate", "no", "false")])
    assert call(workflow, crew=7).json() == "full"
    refused = call(workflow, crew=2)
    assert (refused.status_code, refused.json()) == (409, "short")


def test_rows_reach_the_body_as_scalars(workflow_of: Make, quays: Any, call: Make) -> None:
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    total = node(
        "total", "transform", "aggregate", groupBy=[], aggregations={"sum": {"column": "metres", "function": "sum"}}
    )
    workflow = workflow_of(*chain(read, total, respond(body={"metres": "{{ total }}"})))
    assert call(workflow).json() == {"metres": 9}


def test_without_a_response_the_answer_is_the_execution(workflow_of: Make, call: Make) -> None:
    answer = call(workflow_of([node("reef", "control", "fail", message="aground")], []))
    assert (answer.status_code, answer.json()["status"], answer.json()["error"]["message"]) == (
        200,
        "failed",
        "aground",
    )


def test_a_run_that_is_not_over_in_time_is_accepted(workflow_of: Make, api: Any, owner: Any) -> None:
    workflow = workflow_of([respond()], [])
    answer = api(owner).post(f"/api/v1/workflows/{workflow.pk}/execute?wait=0.1", {}, format="json")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert api(owner).post(f"/api/v1/workflows/{workflow.pk}/execute?wait=soon", {}, format="json").status_code == 400


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"headers": {"Set-Cookie": "a=b"}}, "config.headers.Set-Cookie"),
        ({"headers": {"Content-Security-Policy": "*"}}, "config.headers.Content-Security-Policy"),
        ({"headers": {"Content-Type": "text/html"}}, "config.headers.Content-Type"),
        ({"headers": {"X-A": "one\r\nX-B: two"}}, "config.headers.X-A"),
        ({"status": 100}, "config.status"),
    ],
)
def test_a_workflow_may_not_answer_for_uzo_itself(workflow_of: Make, config: Any, field: str) -> None:
    problems = analyse_version(current_version(workflow_of([respond(**config)], []))).problems
    assert [(each.code, each.field) for each in problems] == [("invalid_config", field)]
