"""Executions that wait without a worker: until a moment, for a person, for something that came true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.executions import leases, selectors, services
from apps.executions.models import ParkedStage, WorkflowExecution
from apps.executions.services import parking
from apps.kernel import clock
from apps.kernel.errors import Conflict
from tests.db.executions.conftest import chain
from tests.e2e.client import node

Make = Callable[..., Any]


def pause(id: str, seconds: float = 0) -> dict[str, Any]:
    return node(id, "control", "wait", seconds=seconds)


@pytest.fixture
def parked(workflow_of: Make, owner: Any, work: Make) -> Any:
    """An execution whose second of three nodes waits for a week."""
    workflow = workflow_of(*chain(pause("ebb"), pause("slack", 604_800), pause("flood")))
    return work(services.start_execution(viewer=owner, workflow_id=workflow.pk))


def statuses(execution: Any) -> dict[str, str]:
    return {each["node_id"]: each["status"] for each in selectors.body(execution)["nodes"]}


def make_due(execution: Any) -> None:
    """Let the time of the execution, and of its waiting node, be past."""
    moment = clock.now() - timedelta(seconds=1)
    WorkflowExecution.objects.filter(pk=execution.pk).update(wake_at=moment)
    ParkedStage.objects.filter(execution=execution).update(until=moment, state={"until": moment.isoformat()})


def test_a_long_wait_holds_no_worker(parked: Any) -> None:
    assert (parked.status, parked.waiting_for) == ("paused", "wait")
    assert parked.wake_at - clock.now() > timedelta(days=6)
    assert (parked.lease_owner, parked.lease_until) == (None, None)
    assert statuses(parked) == {"ebb": "success", "slack": "running", "flood": "pending"}
    assert leases.claim(parked.pk, "worker-2") is None


def test_it_is_found_when_its_time_has_come_and_goes_on(parked: Any, work: Make) -> None:
    def found() -> list[Any]:
        return [each.execution_id for each in leases.claimable([connection.schema_name])]

    assert parked.pk not in found()
    assert not parking.wake_if_due(execution_id=parked.pk)
    make_due(parked)
    assert parked.pk in found()
    assert parking.wake_if_due(execution_id=parked.pk)
    assert not parking.wake_if_due(execution_id=parked.pk), "a second host finds it queued already"
    over = work(parked, owner="worker-2")
    assert (over.status, over.waiting_for, over.wake_at) == ("success", None, None)
    assert set(statuses(over).values()) == {"success"}
    assert not ParkedStage.objects.filter(execution=parked).exists()
    assert over.recoveries == 0, "no worker was lost"


def test_a_cancel_ends_it_at_once(parked: Any, owner: Any) -> None:
    cancelled = services.cancel_execution(viewer=owner, execution_id=parked.pk)
    assert (cancelled.status, cancelled.waiting_for, cancelled.wake_at) == ("cancelled", None, None)
    assert statuses(cancelled) == {"ebb": "success", "slack": "cancelled", "flood": "cancelled"}
    assert not services.wake(execution_id=parked.pk)
    with pytest.raises(Conflict):
        services.cancel_execution(viewer=owner, execution_id=parked.pk)


def test_woken_too_early_it_waits_on_for_the_same_moment(parked: Any, work: Make) -> None:
    moment = parked.wake_at
    assert services.wake(execution_id=parked.pk)
    again = work(parked, owner="worker-2")
    assert (again.status, again.waiting_for, again.wake_at) == ("paused", "wait", moment)


def test_what_comes_true_while_a_worker_still_has_it_is_not_missed(workflow_of: Make, owner: Any, work: Make) -> None:
    workflow = workflow_of(*chain(pause("ebb", 604_800)))
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)
    execution = work(execution, before=lambda _: services.wake(execution_id=execution.pk))
    assert (execution.status, execution.waiting_for) == ("queued", None), "it looks again before it waits"
    assert work(execution, owner="worker-2").status == "paused"


def test_a_cancel_that_the_worker_did_not_hear_wins_over_parking(workflow_of: Make, owner: Any, work: Make) -> None:
    workflow = workflow_of(*chain(pause("ebb", 604_800)))
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)
    execution = work(execution, before=lambda _: services.cancel_execution(viewer=owner, execution_id=execution.pk))
    assert execution.status == "cancelled"


def test_wake_of_what_is_not_there_or_over_does_nothing(parked: Any, owner: Any) -> None:
    services.cancel_execution(viewer=owner, execution_id=parked.pk)
    assert not services.wake(execution_id=parked.pk)
    assert not services.wake(execution_id=parked.workflow_id)
