"""From a saved diagram to its end, as the services and a worker see it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError

from apps.executions import bodies, host, leases, outputs, selectors, services
from apps.executions.core.records import NodeState
from apps.executions.core.states import NodeStatus
from apps.executions.events import ExecutionFinished
from apps.executions.flows import session
from apps.executions.leases import LeaseLost
from apps.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable
from tests.db.executions.conftest import chain
from tests.e2e.client import edge, node

Make = Callable[..., Any]


def variable(id: str, name: str, value: Any) -> dict[str, Any]:
    return node(id, "control", "set_variable", variables={name: value})


def pause(id: str, seconds: float = 0) -> dict[str, Any]:
    return node(id, "control", "wait", seconds=seconds)


def statuses(execution: Any) -> dict[str, str]:
    return {each["node_id"]: each["status"] for each in selectors.body(execution)["nodes"]}


def test_an_execution_waits_in_the_queue_with_all_its_nodes_pending(workflow_of: Make, owner: Any) -> None:
    workflow = workflow_of(*chain(pause("ebb"), pause("flood")))
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)
    assert execution.status == "queued"
    assert statuses(execution) == {"ebb": "pending", "flood": "pending"}


def test_a_worker_runs_it_to_its_end(workflow_of: Make, owner: Any, work: Make) -> None:
    workflow = workflow_of(*chain(pause("ebb"), pause("flood")))
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert execution.status == "success"
    assert execution.progress == 1
    assert execution.started_at <= execution.finished_at
    assert statuses(execution) == {"ebb": "success", "flood": "success"}
    assert execution.lease_owner is None


def test_columns_come_out_in_the_order_of_their_expressions(
    workflow_of: Make, quays: Any, owner: Any, work: Make
) -> None:
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    derive = node("berths", "transform", "derive", expressions={"yards": "metres * 1.1", "feet": "metres * 3.3"})
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow_of(*chain(read, derive)).pk))
    kept = outputs.read_output(outputs.find_output(execution, "berths", "output"), offset=0, limit=1)
    assert kept.frame.columns == ["quay", "metres", "yards", "feet"]


def test_a_failing_node_fails_it_and_what_hangs_below_is_skipped(workflow_of: Make, owner: Any, work: Make) -> None:
    slow = node("reef", "control", "wait", seconds=30, timeout=0.05)
    workflow = workflow_of(*chain(pause("ebb"), slow, pause("flood")))
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert execution.status == "failed"
    assert (execution.error["node_id"], execution.error["code"]) == ("reef", "timeout")
    assert statuses(execution) == {"ebb": "success", "reef": "failed", "flood": "skipped"}
    assert [line.level for line in selectors.logs_of(execution)] == ["error"]


def test_a_handled_failure_leaves_success_with_a_warning(workflow_of: Make, owner: Any, work: Make) -> None:
    workflow = workflow_of([node("reef", "control", "fail", message="aground", continueOnError=True)], [])
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert (execution.status, execution.warnings) == ("success", 1)


def test_a_workflow_with_errors_is_refused_with_its_problems(workflow_of: Make, owner: Any) -> None:
    workflow = workflow_of([pause("ebb")], [edge("ebb", "nowhere")])
    with pytest.raises(Unprocessable) as refusal:
        services.start_execution(viewer=owner, workflow_id=workflow.pk)
    assert refusal.value.code == "workflow_invalid"
    assert [problem["code"] for problem in refusal.value.extra["problems"]] == ["dangling_edge"]


def test_a_parameter_that_is_never_given_is_a_problem_at_execution(workflow_of: Make, owner: Any) -> None:
    workflow = workflow_of([node("reef", "control", "fail", message="{{ reason }}")], [])
    with pytest.raises(Unprocessable) as refusal:
        services.start_execution(viewer=owner, workflow_id=workflow.pk)
    assert refusal.value.extra["problems"][0]["code"] == "unknown_parameter"
    assert services.start_execution(viewer=owner, workflow_id=workflow.pk, parameters={"reason": "fog"})


def test_who_may_not_execute_may_not_start_or_cancel(workflow_of: Make, owner: Any, viewer: Any, job: Any) -> None:
    from apps.accounts.access import Level
    from apps.accounts.services.permissions import grant

    workflow = workflow_of([pause("ebb")], [])
    with pytest.raises(NotFound):
        services.start_execution(viewer=viewer, workflow_id=workflow.pk)
    grant(obj=workflow, to=viewer, level=Level.READ)
    with pytest.raises(Forbidden):
        services.start_execution(viewer=viewer, workflow_id=workflow.pk)
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)
    with pytest.raises(Forbidden):
        services.cancel_execution(viewer=viewer, execution_id=execution.pk)
    assert selectors.get_execution(viewer, execution.pk) == execution


def test_cancelling_what_waits_ends_it_at_once_and_twice_is_a_conflict(workflow_of: Make, owner: Any) -> None:
    workflow = workflow_of([pause("ebb")], [])
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)
    assert services.cancel_execution(viewer=owner, execution_id=execution.pk).status == "cancelled"
    assert statuses(execution.__class__.objects.get(pk=execution.pk)) == {"ebb": "cancelled"}
    with pytest.raises(Conflict) as refusal:
        services.cancel_execution(viewer=owner, execution_id=execution.pk)
    assert refusal.value.code == "already_finished"


def test_one_execution_is_claimed_once(workflow_of: Make, owner: Any) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=workflow_of([pause("ebb")], []).pk)
    assert leases.claim(execution.pk, "worker-1") is not None
    assert leases.claim(execution.pk, "worker-2") is None


def test_f1_a_worker_lost_between_two_stages_costs_only_what_was_not_finished(
    workflow_of: Make, owner: Any, work: Make
) -> None:
    workflow = workflow_of(*chain(pause("ebb"), pause("slack"), pause("flood")))
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)

    class Killed(BaseException):
        pass

    ran: list[str] = []

    def die_before(doomed: int) -> Callable[[str], None]:
        def before(stage_id: str) -> None:
            if len(ran) == doomed:
                raise Killed
            ran.append(stage_id)

        return before

    for doomed in (1, 2):
        with pytest.raises(Killed):
            work(execution, before=die_before(doomed))
        leases.end(execution.pk, "worker-1")
    execution = work(execution, before=ran.append)
    assert execution.status == "success"
    assert len(ran) == len(set(ran)) == 3
    assert execution.fence == 3


def test_f2_a_worker_that_lost_its_lease_writes_nothing_more(workflow_of: Make, owner: Any, work: Make) -> None:
    workflow = workflow_of(*chain(pause("ebb"), pause("flood")))
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)

    def taken_over(_stage_id: str) -> None:
        leases.end(execution.pk, "worker-1")
        assert work(execution, owner="worker-2").status == "success"

    with pytest.raises(LeaseLost):
        work(execution, before=taken_over)
    execution.refresh_from_db()
    assert execution.status == "success"
    assert {stage.fence for stage in execution.stages.all()} == {2}


def at_its_end(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Let something happen after the last stage is committed, before the end is written."""
    conclude = session.Session._conclude

    def later(self: Any) -> Any:
        monkeypatch.setattr(session.Session, "_conclude", conclude)
        do()
        return conclude(self)

    monkeypatch.setattr(session.Session, "_conclude", later)


def test_f2_a_worker_that_lost_its_lease_after_the_last_stage_does_not_write_the_end(
    workflow_of: Make, owner: Any, work: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=workflow_of([pause("ebb")], []).pk)

    def taken_over() -> None:
        leases.end(execution.pk, "worker-1")
        assert leases.claim(execution.pk, "worker-2") is not None

    at_its_end(monkeypatch, taken_over)
    with pytest.raises(LeaseLost):
        work(execution)
    execution.refresh_from_db()
    assert (execution.status, execution.lease_owner, execution.finished_at) == ("running", "worker-2", None)


def test_f2_a_node_is_told_of_by_nobody_who_lost_the_lease(workflow_of: Make, owner: Any) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=workflow_of([pause("ebb")], []).pk)
    first = leases.take(execution.pk, "worker-1")
    leases.end(execution.pk, "worker-1")
    assert leases.claim(execution.pk, "worker-2") is not None
    late = host.DatabaseHost(first.execution, lease=first.lease, parameters={}, cancel=threading.Event(), new=True)
    with pytest.raises(LeaseLost):
        late.node_changed(NodeState("ebb", NodeStatus.RUNNING))
    assert not execution.nodes.exists()


def test_the_end_says_what_was_asked_of_it_meanwhile(
    workflow_of: Make, owner: Any, work: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=workflow_of([pause("ebb")], []).pk)
    told: list[Any] = []
    monkeypatch.setattr("apps.executions.services.finish.publish", told.append)
    at_its_end(monkeypatch, lambda: services.cancel_execution(viewer=owner, execution_id=execution.pk))
    assert work(execution).status == "success", "the cancel came too late"
    [ended] = [event for event in told if isinstance(event, ExecutionFinished)]
    execution.refresh_from_db()
    assert ended.execution["cancel_requested_at"] == bodies.moment(execution.cancel_requested_at) is not None


def test_an_execution_that_loses_every_worker_fails_in_the_end(workflow_of: Make, owner: Any, work: Make) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=workflow_of([pause("ebb")], []).pk)
    for _ in range(leases.MAX_RECOVERIES + 1):
        assert leases.claim(execution.pk, "worker-1") is not None
        assert leases.end(execution.pk, "worker-1")
    execution = work(execution)
    assert (execution.status, execution.error["code"]) == ("failed", "worker_lost")


@pytest.mark.parametrize("error", [KeyError("tide"), ProgrammingError("no such column")], ids=["python", "sql"])
@pytest.mark.parametrize("where", ["nodes_changed", "commit_stage", "__init__"])
def test_an_error_of_the_worker_itself_fails_the_execution_at_once_and_is_logged(
    workflow_of: Make, owner: Any, work: Make, monkeypatch: Any, caplog: Any, error: Exception, where: str
) -> None:
    def stumble(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(host.DatabaseHost, where, stumble)
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow_of([pause("ebb")], []).pk))
    assert (execution.status, execution.error["code"]) == ("failed", "internal_error")
    assert (execution.fence, execution.recoveries, execution.lease_owner) == (1, 0, None)
    assert "tide" not in execution.error["message"]
    assert str(execution.pk) in caplog.text
    assert type(error).__name__ in caplog.text


def test_an_execution_whose_very_end_fails_is_closed_all_the_same(
    workflow_of: Make, owner: Any, work: Make, monkeypatch: Any, caplog: Any
) -> None:
    def stumble(*_: Any, **__: Any) -> None:
        raise KeyError("tide")

    monkeypatch.setattr(session, "finish", stumble)
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow_of([pause("ebb")], []).pk))
    assert (execution.status, execution.error["code"]) == ("failed", "internal_error")
    assert (execution.lease_owner, execution.is_over) == (None, True)
    assert execution.finished_at is not None
    assert "could not be ended" in caplog.text


def test_a_database_that_is_away_is_no_fault_of_the_execution(
    workflow_of: Make, owner: Any, work: Make, monkeypatch: Any
) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=workflow_of([pause("ebb")], []).pk)
    with monkeypatch.context() as away:
        away.setattr(host.DatabaseHost, "commit_stage", database_is_away)
        with pytest.raises(OperationalError):
            work(execution)
    leases.end(execution.pk, "worker-1")
    execution = work(execution, owner="worker-2")
    assert (execution.status, execution.fence) == ("success", 2)


def database_is_away(*_: Any) -> None:
    raise OperationalError("the server closed the connection")
