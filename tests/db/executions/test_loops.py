"""Loops from a saved diagram to their trace: what PostgreSQL keeps of every iteration, and who may see it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from apps.executions import leases, outputs, services
from apps.executions.models import LoopIteration
from tests.e2e.client import edge, node

Make = Callable[..., Any]


@pytest.fixture
def berths(quays: Any) -> Callable[..., Any]:
    """A loop over the three quays, whose body doubles the metres."""

    def draw(*body: dict[str, Any], **config: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
        inside = body or (node("double", "transform", "derive", expressions={"feet": "metres * {{ item.metres }}"}),)
        last = inside[-1]["id"]
        loop = node("loop", "control", "for_each", collect=last, **config)
        end = node("end", "transform", "sort", by=["feet"])
        edges = [edge("read", "loop"), edge("loop", inside[0]["id"], "each")]
        edges += [edge(a["id"], b["id"]) for a, b in pairwise(inside)]
        edges += [edge("loop", "end", "done")]
        return [read, loop, *inside, end], edges

    return draw


def test_every_iteration_leaves_its_trace_and_the_rows_come_out(
    workflow_of: Make, berths: Make, owner: Any, work: Make, api: Any
) -> None:
    workflow = workflow_of(*berths())
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert execution.status == "success", execution.error
    rows = outputs.read_output(outputs.find_output(execution, "end", "output"), offset=0, limit=10)
    assert rows.frame.get_column("feet").to_list() == [1, 9, 25]
    body = api(owner).get(f"/api/v1/executions/{execution.pk}").json()
    states = {each["node_id"]: each for each in body["nodes"]}
    assert states["loop"]["iterations"] == {"total": 3, "finished": 3, "failed": 0}
    assert (states["double"]["status"], states["double"]["rows_out"]) == ("success", 3)
    assert "iterations" not in states["end"]
    answer = api(owner).get(f"/api/v1/executions/{execution.pk}/nodes/loop/iterations?page_size=2").json()
    assert answer["count"] == 3
    first = answer["results"][0]
    assert (first["iteration"], first["within"], first["status"]) == (0, "", "success")
    assert (first["rows_in"], first["rows_out"], first["error"]) == (1, 1, None)
    assert first["nodes"]["double"]["status"] == "success"
    assert first["started_at"] <= first["finished_at"]


def test_iterations_can_be_asked_for_by_status_and_only_by_readers(
    workflow_of: Make, berths: Make, owner: Any, viewer: Any, work: Make, api: Any
) -> None:
    check = node("rule", "transform", "check", rules=[{"name": "short", "expression": "metres < 4"}], onFail="fail")
    double = node("double", "transform", "derive", expressions={"feet": "metres"})
    workflow = workflow_of(*berths(check, double, onError="continue"))
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert (execution.status, execution.warnings) == ("success", 1)
    path = f"/api/v1/executions/{execution.pk}/nodes/loop/iterations"
    [failed] = api(owner).get(f"{path}?status=failed").json()["results"]
    assert (failed["iteration"], failed["failed_node"]) == (2, "rule")
    assert failed["nodes"]["double"]["status"] == "skipped"
    assert api(owner).get(f"{path}?ordering=-iteration").json()["results"][0]["iteration"] == 2
    assert api(owner).get(f"/api/v1/executions/{execution.pk}/nodes/nowhere/iterations").status_code == 404
    assert api(viewer).get(path).status_code == 404


def test_f1_a_worker_lost_in_a_loop_leaves_what_it_finished_to_the_next(
    workflow_of: Make, berths: Make, owner: Any, work: Make, monkeypatch: Any
) -> None:
    from apps.executions import iterations

    class Killed(BaseException):
        pass

    execution = services.start_execution(viewer=owner, workflow_id=workflow_of(*berths()).pk)
    written: list[int] = []
    write = iterations.write

    def die_after_two(execution_id: Any, iteration: Any) -> None:
        write(execution_id, iteration)
        if iteration.status == "success":
            written.append(iteration.number)

    def die(*_: Any) -> None:
        if len(written) == 2:
            raise Killed

    monkeypatch.setattr(iterations, "write", lambda *args: (die(), die_after_two(*args)))
    with pytest.raises(Killed):
        work(execution)
    assert written == [0, 1]
    leases.end(execution.pk, "worker-1")
    monkeypatch.setattr(iterations, "write", die_after_two)
    execution = work(execution, owner="worker-2")
    assert execution.status == "success"
    assert written == [0, 1, 2]


def test_a_cancelled_loop_leaves_no_iteration_running(workflow_of: Make, berths: Make, owner: Any, work: Make) -> None:
    wait = node("pause", "control", "wait", seconds=3600)
    double = node("double", "transform", "derive", expressions={"feet": "metres"})
    workflow = workflow_of(*berths(wait, double, concurrency=2))
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert (execution.status, execution.waiting_for) == ("paused", "wait")
    assert [row.status for row in LoopIteration.objects.filter(execution=execution)] == ["running", "running"]
    services.cancel_execution(viewer=owner, execution_id=execution.pk)
    assert {row.status for row in LoopIteration.objects.filter(execution=execution)} == {"cancelled"}


def test_a_table_from_outside_is_joined_in_every_iteration(
    workflow_of: Make, berths: Make, owner: Any, work: Make, quays: Any
) -> None:
    from apps.connectors.services.files import store_file

    store_file(viewer=owner, connector=quays, name="fees.csv", chunks=[b"quay,fee\nnorth,7\nsouth,8\n=east,9\n"])
    fees = node("fees", "connector", "read", connector=str(quays.pk), table="fees.csv")
    fee = node("fee", "transform", "join", joinType="inner", leftOn=["quay"], rightOn=["quay"])
    drawn, edges = berths()
    drawn[1]["data"]["config"]["collect"] = "fee"
    edges += [edge("double", "fee", "output", "left"), edge("fees", "fee", "output", "right")]
    workflow = workflow_of([*drawn, fees, fee], edges)
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert execution.status == "success", execution.error
    rows = outputs.read_output(outputs.find_output(execution, "end", "output"), offset=0, limit=10).frame
    assert rows.get_column("fee").to_list() == [7, 8, 9]


def test_what_an_iteration_asked_is_asked_anew_when_a_cancelled_execution_is_resumed(
    workflow_of: Make, berths: Make, owner: Any, work: Make
) -> None:
    from apps.executions.models import Approval
    from apps.executions.services.approvals import decide
    from apps.executions.services.resume import resume_execution

    ask = node("ask", "control", "approval", message="{{ item.quay }}?")
    double = node("double", "transform", "derive", expressions={"feet": "metres"})
    drawn, edges = berths(ask, double)
    edges = [edge("ask", "double", "approved") if each["source"] == "ask" else each for each in edges]
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow_of(drawn, edges).pk))
    decide(viewer=owner, approval_id=Approval.objects.get(status="pending").pk, decision="approve")
    execution = work(execution)
    services.cancel_execution(viewer=owner, execution_id=execution.pk)
    resume_execution(viewer=owner, execution_id=execution.pk)
    execution = work(execution)
    for _ in range(2):
        assert (execution.status, execution.waiting_for) == ("paused", "approval"), execution.error
        decide(viewer=owner, approval_id=Approval.objects.get(status="pending").pk, decision="approve")
        execution = work(execution)
    assert execution.status == "success", execution.error
    asked = Approval.objects.order_by("created_at").values_list("message", "status")
    assert list(asked) == [
        ("north?", "approved"), ("south?", "withdrawn"), ("south?", "approved"), ("=east?", "approved"),
    ]  # fmt: skip
