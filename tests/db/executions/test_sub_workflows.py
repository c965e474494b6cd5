"""Workflows within workflows: executions of their own, whose parents wait without a worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.executions import leases, outputs, services
from apps.executions.core.store import RunStore
from apps.executions.models import WorkflowExecution
from apps.workflows.analysis import analyse_version
from apps.workflows.selectors import current_version
from tests.db.executions.conftest import chain
from tests.e2e.client import edge, node

Make = Callable[..., Any]


def call(workflow: Any, **config: Any) -> dict[str, Any]:
    return node("call", "control", "sub_workflow", workflowId=str(workflow.pk), **config)


def child_of(execution: Any) -> Any:
    return WorkflowExecution.objects.get(parent=execution)


def columns(workflow: Any, node_id: str) -> list[str]:
    return [each["name"] for each in analyse_version(current_version(workflow)).schema[node_id]["output"]]


def problems(workflow: Any) -> list[tuple[str, str | None]]:
    return [(each.code, each.field) for each in analyse_version(current_version(workflow)).problems]


@pytest.fixture
def doubling(workflow_of: Make, quays: Any) -> Any:
    """A workflow that multiplies metres by its parameter `times`."""
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    more = node("more", "transform", "derive", expressions={"metres": "metres * {{ times }}"})
    return workflow_of(*chain(read, more), parameters={"times": {"type": "int64", "default": 2}})


@pytest.fixture
def run(owner: Any) -> Make:
    return lambda workflow, **given: services.start_execution(viewer=owner, workflow_id=workflow.pk, parameters=given)


def metres(execution: Any, node_id: str) -> list[int]:
    found = outputs.find_output(execution, node_id, "output")
    return outputs.read_output(found, offset=0, limit=10).frame.get_column("metres").to_list()


def test_the_rows_of_the_child_come_back_and_the_parent_held_no_worker(
    workflow_of: Make, doubling: Any, run: Make, work: Make
) -> None:
    top = node("top", "transform", "filter", expression="metres > 5")
    workflow = workflow_of(
        *chain(call(doubling, parameters={"times": "{{ n }}"}), top), parameters={"n": {"type": "int64"}}
    )
    assert columns(workflow, "top") == ["quay", "metres"]
    execution = work(run(workflow, n=3))
    assert (execution.status, execution.waiting_for, execution.lease_owner) == ("paused", "children", None)
    child = child_of(execution)
    assert (child.status, child.kind, child.trigger, child.parameters) == (
        "queued",
        "run",
        "sub_workflow",
        {"times": 3},
    )
    assert child.triggered_by_id == execution.triggered_by_id
    assert work(child).status == "success"
    execution.refresh_from_db()
    assert execution.status in ("queued", "paused")


def test_the_end_of_the_child_wakes_the_parent(
    workflow_of: Make, doubling: Any, run: Make, work: Make, django_capture_on_commit_callbacks: Any
) -> None:
    execution = work(run(workflow_of([call(doubling)], [])))
    with django_capture_on_commit_callbacks(execute=True):
        work(child_of(execution))
    execution = work(execution)
    assert execution.status == "success", execution.error
    assert metres(execution, "call") == [2, 6, 10]


def test_rows_go_to_the_input_node_of_the_child(
    workflow_of: Make, quays: Any, run: Make, work: Make, django_capture_on_commit_callbacks: Any
) -> None:
    add = node("add", "transform", "derive", expressions={"metres": "metres + 100"})
    child = workflow_of([node("in", "control", "merge"), add], [edge("in", "add")])
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    workflow = workflow_of(*chain(read, call(child, inputNode="add")))
    assert problems(workflow) == []
    assert columns(workflow, "call") == ["quay", "metres"]
    execution = work(run(workflow))
    with django_capture_on_commit_callbacks(execute=True):
        assert work(child_of(execution)).status == "success"
    execution = work(execution)
    assert metres(execution, "call") == [101, 103, 105]


def test_a_child_that_fails_fails_the_node_with_its_id(workflow_of: Make, run: Make, work: Make) -> None:
    child = workflow_of([node("reef", "control", "fail", message="aground", code="aground")], [])
    execution = work(run(workflow_of([call(child)], [])))
    failed = work(child_of(execution))
    services.wake(execution_id=execution.pk)
    execution = work(execution)
    assert (execution.status, execution.error["code"]) == ("failed", "child_failed")
    assert str(failed.pk) in execution.error["message"]
    assert "aground" in execution.error["message"]


def test_cancelling_the_parent_cancels_the_child(
    workflow_of: Make, doubling: Any, owner: Any, run: Make, work: Make
) -> None:
    execution = work(run(workflow_of([call(doubling)], [])))
    services.cancel_execution(viewer=owner, execution_id=execution.pk)
    assert child_of(execution).status == "cancelled"


def test_without_wait_the_parent_goes_on_with_the_id_and_leaves_the_child_be(
    workflow_of: Make, doubling: Any, run: Make, work: Make
) -> None:
    workflow = workflow_of([call(doubling, wait=False)], [])
    assert columns(workflow, "call") == ["execution_id"]
    execution = work(run(workflow))
    assert execution.status == "success"
    child = child_of(execution)
    assert child.status == "queued"
    rows = outputs.read_output(outputs.find_output(execution, "call", "output"), offset=0, limit=1)
    assert rows.frame.item() == str(child.pk)


def test_f1_a_worker_lost_at_the_call_begins_no_second_child(
    workflow_of: Make, doubling: Any, run: Make, work: Make, monkeypatch: Any
) -> None:
    from apps.executions import host

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    execution = run(workflow_of([call(doubling)], []))
    with monkeypatch.context() as doomed:
        doomed.setattr(host.DatabaseHost, "park_stage", die)
        with pytest.raises(Killed):
            work(execution)
    leases.end(execution.pk, "worker-1")
    assert work(execution, owner="worker-2").status == "paused"
    assert WorkflowExecution.objects.filter(parent=execution).count() == 1


def test_a_workflow_that_runs_itself_ends_at_the_depth_limit(
    workflow_of: Make, owner: Any, run: Make, work: Make, monkeypatch: Any
) -> None:
    from apps.executions.services import children
    from apps.workflows.services.saving import save_workflow
    from tests.e2e.client import diagram

    monkeypatch.setattr(children, "MAX_DEPTH", 2)
    workflow = workflow_of([node("first", "control", "merge")], [])
    save_workflow(workflow=workflow, by=owner, changes={}, diagram=diagram([call(workflow)], []))
    workflow.refresh_from_db()
    execution = run(workflow)
    for _ in range(2):
        execution = work(execution)
        assert execution.waiting_for == "children"
        execution = child_of(execution)
    assert work(execution).error["code"] == "too_deep"


def test_only_a_workflow_that_the_author_may_execute_can_be_part_of_another(
    workflow_of: Make, doubling: Any, viewer: Any, job: Any, owner: Any, work: Make
) -> None:
    from apps.accounts.access import Level
    from apps.accounts.services.permissions import grant, revoke

    grant(obj=job, to=viewer, level=Level.READ)
    theirs = workflow_of([call(doubling)], [], by=viewer)
    assert problems(theirs) == [("invalid_config", "config.workflowId")]
    held = grant(obj=doubling, to=viewer, level=Level.EXECUTE)
    assert problems(theirs) == []
    execution = services.start_execution(viewer=owner, workflow_id=theirs.pk)
    revoke(grant=held)
    assert work(execution).error["code"] == "missing_workflow"


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"parameters": {"times": "often"}}, ("type_mismatch", "config.parameters.times")),
        ({"outputNode": "nowhere"}, ("invalid_config", "config.outputNode")),
        ({"outputNode": "read"}, ("invalid_config", "config.outputNode")),
        ({"inputNode": "read"}, ("invalid_config", "config.inputNode")),
        ({"wait": False, "outputNode": "more"}, ("invalid_config", "config")),
        ({"workflowId": "0000"}, ("invalid_config", "config.workflowId")),
    ],
)
def test_a_wrong_call_is_a_problem_at_its_field(
    workflow_of: Make, doubling: Any, config: Any, problem: tuple[str, str]
) -> None:
    assert problem in problems(
        workflow_of([node("call", "control", "sub_workflow", **{"workflowId": str(doubling.pk), **config})], [])
    )


def test_rows_are_taken_over_without_a_copy(tmp_path: Any) -> None:
    import polars as pl

    store = RunStore(tmp_path)
    rows = store.of_execution("sea", "parent").write_frame(pl.LazyFrame({"n": [1, 2]}))
    taken = store.of_execution("sea", "child").take_over(rows)
    store.delete_execution("sea", "parent")
    assert store.scan(taken).collect().get_column("n").to_list() == [1, 2]


def test_a_child_runs_in_the_environment_of_its_parent_and_is_found_by_it(
    workflow_of: Make, doubling: Any, owner: Any, api: Any, job: Any, work: Make
) -> None:
    from apps.workflows.services.environments import create_environment

    create_environment(workspace=job.folder.workspace, by=owner, name="storm", parameters={"times": 7})
    workflow = workflow_of([call(doubling)], [])
    path = f"/api/v1/workflows/{workflow.pk}/execute"
    started = api(owner).post(path, {"environment": "storm"}, format="json").json()
    work(WorkflowExecution.objects.get(pk=started["id"]))
    [child] = api(owner).get(f"/api/v1/executions?parent={started['id']}").json()["results"]
    assert (child["parameters"], child["environment_id"]) == ({"times": 7}, started["environment_id"])
    assert child["parent_id"] == started["id"]
