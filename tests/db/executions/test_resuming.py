"""Pause, resume, retry: what finished is never run again, what did not finish is, and wrong moments are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.audit.models import AuditEntry
from apps.executions import leases, outputs, retention, selectors, services
from apps.executions.models import WorkflowExecution
from apps.executions.nodes.wait import Wait
from apps.kernel import clock
from apps.kernel.errors import Conflict, Forbidden, Gone, Invalid, NodeError, NotFound, Unprocessable
from tests.db.executions.conftest import chain
from tests.e2e.client import diagram, edge, node

Make = Callable[..., Any]


def pause(id: str, seconds: float = 0, **config: Any) -> dict[str, Any]:
    return node(id, "control", "wait", seconds=seconds, **config)


@pytest.fixture
def storm(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """While `at` names a wait node, that node fails; `ran` counts how often each was run."""
    weather: dict[str, Any] = {"at": "reef", "ran": []}
    run = Wait.run

    def in_weather(self: Wait, config: Any, inputs: Any, context: Any) -> Any:
        weather["ran"].append(context.node_id)
        if context.node_id == weather["at"]:
            raise NodeError("the storm is too strong", code="storm", remedy="Wait for calm weather.")
        return run(self, config, inputs, context)

    monkeypatch.setattr(Wait, "run", in_weather)
    return weather


@pytest.fixture
def voyage(workflow_of: Make) -> Any:
    return workflow_of(*chain(pause("ebb"), pause("reef"), pause("flood")))


@pytest.fixture
def wrecked(voyage: Any, owner: Any, work: Make, storm: dict[str, Any]) -> Any:
    """A run that failed at its second node of three."""
    execution = work(services.start_execution(viewer=owner, workflow_id=voyage.pk))
    assert execution.status == "failed"
    return execution


def statuses(execution: Any) -> dict[str, str]:
    return {each["node_id"]: each["status"] for each in selectors.body(execution)["nodes"]}


def again(execution: Any) -> Any:
    return WorkflowExecution.objects.get(pk=execution.pk)


def refusal(act: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(Conflict) as refused:
        act(**given)
    return str(refused.value.code)


def redraw(workflow: Any, owner: Any, nodes: Any, edges: Any) -> None:
    from apps.workflows.services.saving import save_workflow

    save_workflow(workflow=workflow, by=owner, changes={}, diagram=diagram(nodes, edges))


# Pausing


def test_a_queued_execution_is_paused_at_once_and_no_worker_takes_it(voyage: Any, owner: Any) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=voyage.pk)
    paused = services.pause_execution(viewer=owner, execution_id=execution.pk)
    assert (paused.status, paused.waiting_for) == ("paused", "resume")
    assert leases.claim(execution.pk, "worker-1") is None
    assert services.pause_execution(viewer=owner, execution_id=execution.pk).status == "paused", "twice is harmless"


def test_a_running_execution_finishes_its_stage_and_pauses(voyage: Any, owner: Any, work: Make, storm: Any) -> None:
    storm["at"] = None
    execution = services.start_execution(viewer=owner, workflow_id=voyage.pk)
    asked: list[str] = []

    def ask(_: str) -> None:
        if not asked:
            asked.append(services.pause_execution(viewer=owner, execution_id=execution.pk).status)

    execution = work(execution, before=ask)
    assert asked == ["running"]
    assert (execution.status, execution.waiting_for, execution.lease_owner) == ("paused", "resume", None)
    assert statuses(execution) == {"ebb": "success", "reef": "pending", "flood": "pending"}

    services.resume_execution(viewer=owner, execution_id=execution.pk)
    assert (again(execution).status, again(execution).pause_requested_at) == ("queued", None)
    assert work(execution, owner="worker-2").status == "success"
    assert storm["ran"] == ["ebb", "reef", "flood"]


def test_resumed_before_it_has_paused_it_goes_on(voyage: Any, owner: Any, work: Make) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=voyage.pk)

    def ask(_: str) -> None:
        services.pause_execution(viewer=owner, execution_id=execution.pk)
        services.resume_execution(viewer=owner, execution_id=execution.pk)

    assert work(execution, before=ask).status == "success"


def test_what_a_person_paused_no_clock_wakes(workflow_of: Make, owner: Any, work: Make) -> None:
    workflow = workflow_of(*chain(pause("slack", 3600), pause("flood")))
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert execution.waiting_for == "wait"
    paused = services.pause_execution(viewer=owner, execution_id=execution.pk)
    assert (paused.status, paused.waiting_for, paused.wake_at) == ("paused", "resume", None)
    assert not services.wake(execution_id=execution.pk)
    services.resume_execution(viewer=owner, execution_id=execution.pk)
    assert work(execution, owner="worker-2").waiting_for == "wait", "the node still waits for its moment"


def test_a_worker_lost_while_a_pause_was_asked_for_costs_nothing(voyage: Any, owner: Any, work: Make) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=voyage.pk)
    assert leases.claim(execution.pk, "worker-1") is not None
    services.pause_execution(viewer=owner, execution_id=execution.pk)
    leases.end(execution.pk, "worker-1")
    assert work(execution, owner="worker-2").status == "paused"


# Resuming


def test_resumed_after_a_failure_only_what_did_not_finish_runs(
    wrecked: Any, owner: Any, work: Make, storm: dict[str, Any]
) -> None:
    resumed = services.resume_execution(viewer=owner, execution_id=wrecked.pk)
    assert (resumed.status, resumed.error, resumed.finished_at) == ("queued", None, None)
    assert statuses(resumed) == {"ebb": "success", "reef": "pending", "flood": "pending"}
    storm["at"] = None
    over = work(resumed, owner="worker-2")
    assert (over.status, over.error, over.progress) == ("success", None, 1)
    assert storm["ran"] == ["ebb", "reef", "reef", "flood"]
    attempts = {each["node_id"]: each["attempt"] for each in selectors.body(over)["nodes"]}
    assert attempts == {"ebb": 1, "reef": 2, "flood": 1}


def test_resumed_and_failing_again_it_can_be_resumed_again(wrecked: Any, owner: Any, work: Make) -> None:
    for attempt in (2, 3):
        services.resume_execution(viewer=owner, execution_id=wrecked.pk)
        over = work(wrecked)
        assert (over.status, over.error["code"]) == ("failed", "storm")
        assert over.nodes.get(node_id="reef").attempt == attempt


def test_resumed_after_a_cancel_it_goes_on(voyage: Any, owner: Any, work: Make, storm: dict[str, Any]) -> None:
    storm["at"] = None
    execution = services.start_execution(viewer=owner, workflow_id=voyage.pk)
    services.cancel_execution(viewer=owner, execution_id=execution.pk)
    resumed = services.resume_execution(viewer=owner, execution_id=execution.pk)
    assert (resumed.status, resumed.cancel_requested_at) == ("queued", None)
    assert work(resumed).status == "success"


def test_resumed_with_the_latest_version_it_reuses_what_that_left_alone(
    voyage: Any, wrecked: Any, owner: Any, work: Make, storm: dict[str, Any]
) -> None:
    redraw(voyage, owner, *chain(pause("ebb"), pause("canal"), pause("flood")))
    resumed = services.resume_execution(viewer=owner, execution_id=wrecked.pk, version="latest")
    assert resumed.version.number == 2
    assert statuses(resumed) == {"ebb": "success", "canal": "pending", "flood": "pending"}
    over = work(resumed)
    assert over.status == "success"
    assert storm["ran"] == ["ebb", "reef", "canal", "flood"]


def test_what_the_latest_version_changed_runs_again_with_all_below(
    voyage: Any, wrecked: Any, owner: Any, work: Make, storm: dict[str, Any]
) -> None:
    redraw(voyage, owner, *chain(pause("ebb", retryDelay=2), pause("reef"), pause("flood")))
    services.resume_execution(viewer=owner, execution_id=wrecked.pk, version="latest")
    storm["at"] = None
    assert work(wrecked).status == "success"
    assert storm["ran"] == ["ebb", "reef", "ebb", "reef", "flood"]
    [ebb] = [each for each in again(wrecked).plan["nodes"] if each["id"] == "ebb"]
    assert ebb["revision"] == 1, "what it does outside counts as another doing"


def test_a_latest_version_with_problems_is_refused_and_nothing_changes(voyage: Any, wrecked: Any, owner: Any) -> None:
    redraw(voyage, owner, [pause("ebb")], [edge("ebb", "nowhere")])
    with pytest.raises(Unprocessable) as refused:
        services.resume_execution(viewer=owner, execution_id=wrecked.pk, version="latest")
    assert refused.value.code == "workflow_invalid"
    assert again(wrecked).status == "failed"


def test_rows_that_are_gone_from_the_store_are_made_again(
    workflow_of: Make, quays: Any, owner: Any, work: Make, storm: dict[str, Any], run_folder: Any
) -> None:
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    workflow = workflow_of(*chain(read, pause("ebb"), pause("reef")))
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert execution.status == "failed"
    for path in run_folder.rglob("*.arrow"):
        path.unlink()
    services.resume_execution(viewer=owner, execution_id=execution.pk)
    storm["at"] = None
    execution = work(execution)
    assert execution.status == "success"
    rows = outputs.read_output(outputs.find_output(execution, "reef", "output"), offset=0, limit=10)
    assert rows.dataset.rows == 3


def test_after_the_retention_there_is_nothing_to_go_on_from(wrecked: Any, owner: Any) -> None:
    WorkflowExecution.objects.filter(pk=wrecked.pk).update(data_removed_at=wrecked.finished_at)
    with pytest.raises(Gone):
        services.resume_execution(viewer=owner, execution_id=wrecked.pk)
    with pytest.raises(Gone):
        services.retry_execution(viewer=owner, execution_id=wrecked.pk, from_node="reef")


# Retrying


def test_a_retry_is_a_new_execution_with_the_same_parameters(
    workflow_of: Make, owner: Any, work: Make, storm: dict[str, Any]
) -> None:
    workflow = workflow_of(*chain(pause("reef")), parameters={"tide": {"type": "int64", "default": 1}})
    old = work(services.start_execution(viewer=owner, workflow_id=workflow.pk, parameters={"tide": 7}))
    storm["at"] = None
    new = services.retry_execution(viewer=owner, execution_id=old.pk)
    assert new.pk != old.pk
    assert (new.retry_of_id, new.parameters, new.trigger, new.status) == (old.pk, {"tide": 7}, "retry", "queued")
    assert work(new).status == "success"
    assert again(old).status == "failed", "what happened stays as it was"


def test_from_a_node_on_what_lies_above_is_taken_over(
    wrecked: Any, owner: Any, work: Make, storm: dict[str, Any]
) -> None:
    storm["at"] = None
    new = services.retry_execution(viewer=owner, execution_id=wrecked.pk, from_node="reef")
    assert statuses(new) == {"ebb": "success", "reef": "pending", "flood": "pending"}
    assert work(new).status == "success"
    assert storm["ran"] == ["ebb", "reef", "reef", "flood"]


def test_after_a_success_one_can_run_again_from_a_node(
    voyage: Any, owner: Any, work: Make, storm: dict[str, Any]
) -> None:
    storm["at"] = None
    old = work(services.start_execution(viewer=owner, workflow_id=voyage.pk))
    new = services.retry_execution(viewer=owner, execution_id=old.pk, from_node="flood", version="latest")
    assert work(new).status == "success"
    assert storm["ran"] == ["ebb", "reef", "flood", "flood"]


def test_rows_that_a_retry_uses_outlive_the_retention_of_the_old_run(
    workflow_of: Make,
    quays: Any,
    owner: Any,
    work: Make,
    storm: dict[str, Any],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    workflow = workflow_of(*chain(read, pause("ebb"), pause("reef")))
    old = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    new = services.retry_execution(viewer=owner, execution_id=old.pk, from_node="reef")
    settings.RUN_RETENTION_DAYS = 0
    assert retention.remove_old_rows() == 1
    soon = clock.now() + timedelta(days=5)
    monkeypatch.setattr(clock, "now", lambda: soon)
    retention.collect_garbage()
    storm["at"] = None
    assert work(new).status == "success"


def test_a_node_that_is_not_there_cannot_be_run_from(wrecked: Any, owner: Any) -> None:
    with pytest.raises(Invalid) as refused:
        services.retry_execution(viewer=owner, execution_id=wrecked.pk, from_node="nobody")
    assert [(each.field, each.code) for each in refused.value.errors] == [("from_node", "not_found")]


# Wrong moments, wrong people


def test_each_wrong_state_has_its_code(voyage: Any, owner: Any, work: Make, storm: dict[str, Any]) -> None:
    storm["at"] = None
    execution = services.start_execution(viewer=owner, workflow_id=voyage.pk)
    here: dict[str, Any] = {"viewer": owner, "execution_id": execution.pk}
    assert refusal(services.resume_execution, **here) == "not_paused"
    assert refusal(services.retry_execution, **here) == "not_finished"

    lease = leases.claim(execution.pk, "worker-1")
    assert lease is not None
    assert refusal(services.resume_execution, **here) == "not_paused"
    assert refusal(services.resume_execution, **here, version="latest") == "not_paused"
    assert refusal(services.retry_execution, **here) == "not_finished"
    services.pause_execution(**here)
    assert refusal(services.resume_execution, **here, version="latest") == "not_paused", "it has not paused yet"
    services.cancel_execution(**here)
    leases.end(execution.pk, "worker-1")

    other = services.start_execution(viewer=owner, workflow_id=voyage.pk)
    leases.claim(other.pk, "worker-1")
    services.cancel_execution(viewer=owner, execution_id=other.pk)
    assert refusal(services.pause_execution, viewer=owner, execution_id=other.pk) == "cancelling"

    success = work(services.start_execution(viewer=owner, workflow_id=voyage.pk))
    there: dict[str, Any] = {"viewer": owner, "execution_id": success.pk}
    assert refusal(services.pause_execution, **there) == "already_finished"
    assert refusal(services.resume_execution, **there) == "already_finished"


def test_a_preview_is_neither_paused_nor_resumed_nor_retried(voyage: Any, owner: Any) -> None:
    preview = services.start_preview(viewer=owner, workflow_id=voyage.pk, node_id="ebb")
    for act in (services.pause_execution, services.resume_execution, services.retry_execution):
        assert refusal(act, viewer=owner, execution_id=preview.pk) == "not_a_run"


def test_who_may_not_execute_may_do_none_of_it(wrecked: Any, voyage: Any, viewer: Any) -> None:
    from apps.accounts.access import Level
    from apps.accounts.services.permissions import grant

    acts = (services.pause_execution, services.resume_execution, services.retry_execution)
    for act in acts:
        with pytest.raises(NotFound):
            act(viewer=viewer, execution_id=wrecked.pk)
    grant(obj=voyage, to=viewer, level=Level.READ)
    for act in acts:
        with pytest.raises(Forbidden):
            act(viewer=viewer, execution_id=wrecked.pk)


def test_the_endpoints_answer_202_with_the_execution_and_leave_a_line_in_the_audit(
    wrecked: Any, owner: Any, api: Any
) -> None:
    client = api(owner)
    url = f"/api/v1/executions/{wrecked.pk}"
    retried = client.post(f"{url}/retry", {"from_node": "reef"}, format="json")
    assert (retried.status_code, retried.json()["retry_of"]) == (202, str(wrecked.pk))
    resumed = client.post(f"{url}/resume", {"version": "same"}, format="json")
    assert (resumed.status_code, resumed.json()["status"]) == (202, "queued")
    paused = client.post(f"{url}/pause")
    assert (paused.status_code, paused.json()["status"], paused.json()["waiting_for"]) == (202, "paused", "resume")
    refused = client.post(f"{url}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_finished")
    assert client.post(f"{url}/resume", {"version": "oldest"}, format="json").status_code == 400
    said = set(AuditEntry.objects.filter(actor_id=owner.pk).values_list("action", flat=True))
    assert {"execution_retried", "execution_resumed", "execution_pause_requested"} <= said
    assert connection.schema_name != "public"
