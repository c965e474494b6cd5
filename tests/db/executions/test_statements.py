"""What a small execution asks of PostgreSQL, from the call to its end: starting many is counted in these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.executions import limits, services
from apps.tenants import hosts
from tests.db.executions.conftest import chain
from tests.e2e.client import node

pytestmark = pytest.mark.django_db
TO_START, TO_RUN, TO_READ = 7, 11, 4


def asked(of: CaptureQueriesContext) -> list[str]:
    """The statements, without those that stand for the transactions of which a test's is the outer one."""
    said = [query["sql"] for query in of.captured_queries]
    return [each for each in said if not each.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


@pytest.fixture(autouse=True)
def what_was_asked_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a server, and a worker, that have something to do more than once a second."""
    monkeypatch.setattr(hosts, "_REMEMBERED_SECONDS", 3600)
    monkeypatch.setattr(limits, "_KNOWN_SECONDS", 3600)


@pytest.fixture
def small(workflow_of: Callable[..., Any]) -> Any:
    return workflow_of(*chain(node("ebb", "control", "wait", seconds=0)))


def test_a_start_takes_few_statements_of_which_none_compiles_the_workflow_again(
    small: Any, api: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path = api(owner), f"/api/v1/workflows/{small.pk}/execute"
    first = client.post(path, {"parameters": {}}, format="json").json()
    compiled: list[object] = []
    monkeypatch.setattr("apps.executions.services.start.compile_plan", lambda *args: compiled.append(args))
    with CaptureQueriesContext(connection) as captured:
        again = client.post(path, {"parameters": {}}, format="json")
    assert (again.status_code, again.json()["status"]) == (202, "queued")
    assert again.json()["nodes"] == first["nodes"]
    assert compiled == []
    assert len(asked(captured)) <= TO_START, "\n".join(asked(captured))


def test_other_parameters_are_compiled_for_themselves(workflow_of: Callable[..., Any], owner: Any) -> None:
    rows = node("rows", "control", "set_variable", name="seen", value="{{ reason }}")
    workflow = workflow_of([rows], [], parameters={"reason": {"type": "string", "default": "fog"}})
    plans = [
        services.start_execution(viewer=owner, workflow_id=workflow.pk, parameters=given).plan
        for given in ({}, {"reason": "ice"}, {})
    ]
    assert plans[0] is plans[2]
    assert plans[0] is not plans[1]


def test_a_workflow_that_asks_outside_itself_is_compiled_each_time(
    workflow_of: Callable[..., Any], owner: Any, quays: Any, small: Any
) -> None:
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    calls = node("call", "control", "sub_workflow", workflowId=str(small.pk))
    for drawn in (read, calls):
        workflow = workflow_of([drawn], [])
        first, second = (services.start_execution(viewer=owner, workflow_id=workflow.pk).plan for _ in range(2))
        assert first is not second


def test_a_worker_takes_few_statements_for_a_small_execution(small: Any, owner: Any, work: Callable[..., Any]) -> None:
    limits.of_tenant()
    assert work(services.start_execution(viewer=owner, workflow_id=small.pk)).status == "success"
    execution = services.start_execution(viewer=owner, workflow_id=small.pk)
    with CaptureQueriesContext(connection) as captured:
        assert work(execution).status == "success"
    assert len(asked(captured)) <= TO_RUN, "\n".join(asked(captured))


def test_reading_an_execution_takes_as_many_however_often(small: Any, owner: Any, api: Any) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=small.pk)
    client, path = api(owner), f"/api/v1/executions/{execution.pk}"
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    assert len(asked(captured)) <= TO_READ, "\n".join(asked(captured))
