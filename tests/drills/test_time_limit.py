"""An execution that works longer than one may: it fails, its worker's place lives on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.db.executions.office import Office
from tests.drills.conftest import Host
from tests.e2e.client import node

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LIMIT = 3


@pytest.fixture(scope="module")
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"UZO_TIME_LIMIT_SECONDS": str(LIMIT)}


@pytest.fixture(scope="module")
def host(hosts: Callable[..., Host]) -> Host:
    return hosts()


def test_an_execution_beyond_the_time_limit_fails_and_the_next_one_runs(host: Host, office: Office) -> None:
    assert office.until_over(office.start(node("ebb", "control", "wait", seconds=0)), seconds=150).status == "success"
    before = host.child()

    waits = [node(f"wait_{number}", "control", "wait", seconds=4) for number in range(3)]
    over = office.until_over(office.start(*waits), seconds=60)

    assert (over.status, over.error["code"]) == ("failed", "time_limit")
    assert f"{LIMIT} seconds" in over.error["message"]
    nodes = office.call(lambda: dict(over.nodes.values_list("node_id", "status")))
    assert nodes["wait_0"] == "failed"
    assert "success" not in nodes.values()
    assert over.recoveries == 0, "it was not taken for a lost worker"

    assert office.until_over(office.start(node("ebb", "control", "wait", seconds=0)), seconds=60).status == "success"
    assert before not in host.children()
    assert host.process.poll() is None


def start_with_timeout(seconds: int, *nodes: dict[str, Any]) -> Any:
    from apps.executions.services import start_execution
    from tests.db.executions.office import saved

    workflow, owner = saved(list(nodes), [])
    type(workflow).objects.filter(pk=workflow.pk).update(timeout=seconds)
    return start_execution(viewer=owner, workflow_id=workflow.pk)


def test_one_beyond_the_time_of_its_workflow_fails_and_the_next_one_runs(host: Host, office: Office) -> None:
    assert office.until_over(office.start(node("ebb", "control", "wait", seconds=0)), seconds=150).status == "success"
    before = host.child()

    over = office.until_over(
        office.call(start_with_timeout, 1, node("slack", "control", "wait", seconds=4)), seconds=60
    )

    assert (over.status, over.error["code"]) == ("failed", "timeout")
    assert "1 seconds" in over.error["message"]
    assert (over.finished_at - over.started_at).total_seconds() < LIMIT, "the operator's limit did not end it"
    assert over.recoveries == 0
    quick = office.call(start_with_timeout, 30, node("ebb", "control", "wait", seconds=0))
    assert office.until_over(quick, seconds=60).status == "success"
    assert before not in host.children()
