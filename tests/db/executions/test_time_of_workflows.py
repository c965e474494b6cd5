"""A workflow gives its executions so much time of workers; what they wait is not counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.executions import leases, services
from apps.executions.flows import recovery
from apps.executions.models import WorkflowExecution
from apps.executions.queue import Hint
from apps.kernel import clock
from tests.e2e.client import node

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(workflow_of: Callable[..., Any], owner: Any) -> Any:
    """An execution of a workflow that has ten seconds, held by worker 1 for four."""
    workflow = workflow_of([node("slack", "control", "wait", seconds=3600)], [])
    type(workflow).objects.filter(pk=workflow.pk).update(timeout=10)
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)
    assert leases.claim(execution.pk, "worker-1")
    held_since(execution, 4)
    return execution


def held_since(execution: Any, seconds: float) -> None:
    WorkflowExecution.objects.filter(pk=execution.pk).update(claimed_at=clock.now() - timedelta(seconds=seconds))


def seconds_left(execution: Any) -> float | None:
    taken = leases.take(execution.pk, "worker-2")
    assert taken is not None
    return taken.seconds_left


def test_a_worker_that_takes_it_over_has_what_the_first_one_left(running: Any) -> None:
    leases.end(running.pk, "worker-1")
    assert seconds_left(running) == pytest.approx(6, abs=2)


def test_time_in_which_it_is_parked_is_not_counted(running: Any, work: Any, owner: Any) -> None:
    leases.end(running.pk, "worker-1")
    assert work(running).status == "paused"
    WorkflowExecution.objects.filter(pk=running.pk).update(claimed_at=clock.now() - timedelta(hours=2))
    services.wake(execution_id=running.pk)
    assert seconds_left(running) == pytest.approx(6, abs=2)


def test_time_in_which_a_person_has_paused_it_is_not_counted(running: Any, work: Any, owner: Any) -> None:
    services.pause_execution(viewer=owner, execution_id=running.pk)
    leases.end(running.pk, "worker-1")
    assert work(running).status == "paused"
    services.resume_execution(viewer=owner, execution_id=running.pk)
    assert seconds_left(running) == pytest.approx(6, abs=2)


def test_one_whose_time_is_up_fails_with_a_code_and_may_be_resumed_with_all_of_it(running: Any, owner: Any) -> None:
    recovery.out_of_its_time(Hint(connection.schema_name, running.pk), owner="worker-1")
    over = WorkflowExecution.objects.get(pk=running.pk)
    assert (over.status, over.error["code"]) == ("failed", "timeout")
    assert "10 seconds" in over.error["message"]
    services.resume_execution(viewer=owner, execution_id=running.pk)
    assert seconds_left(running) == pytest.approx(10, abs=2)


def test_a_worker_that_does_not_hold_it_cannot_end_it_for_its_time(running: Any) -> None:
    recovery.out_of_its_time(Hint(connection.schema_name, running.pk), owner="worker-0")
    assert WorkflowExecution.objects.get(pk=running.pk).status == "running"


def test_the_time_is_a_setting_of_the_workflow(running: Any, api: Any, owner: Any) -> None:
    path = f"/api/v1/workflows/{running.workflow_id}"
    assert api(owner).get(path).json()["timeout"] == 10
    assert api(owner).patch(path, {"timeout": 30}).json()["timeout"] == 30
    assert api(owner).patch(path, {"timeout": 0}).json()["errors"][0]["field"] == "timeout"
    assert api(owner).patch(path, {"timeout": None}).json()["timeout"] is None
