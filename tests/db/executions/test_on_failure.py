"""The workflow for failures: started once for each failure, with what failed, and never for its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.executions import selectors, services
from apps.executions.models import WorkflowExecution
from apps.executions.services.on_failure import start_on_failure
from tests.db.executions.conftest import chain
from tests.e2e.client import node

Make = Callable[..., Any]


def sinks(id: str = "reef") -> dict[str, Any]:
    return node(id, "control", "fail", message="aground", code="aground")


@pytest.fixture
def rescue(workflow_of: Make) -> Any:
    return workflow_of([node("alarm", "control", "wait", seconds=0)], [])


@pytest.fixture
def voyage(workflow_of: Make, rescue: Any, owner: Any) -> Any:
    """A workflow that fails, and names the rescue for that."""
    workflow = workflow_of([sinks()], [])
    name_for_failures(workflow, rescue, owner)
    return workflow


def name_for_failures(workflow: Any, named: Any, by: Any) -> None:
    from apps.workflows.services.saving import save_workflow

    save_workflow(workflow=workflow, by=by, changes={"on_failure_workflow_id": named and named.pk})


def rescues(workflow: Any) -> list[Any]:
    return list(WorkflowExecution.objects.filter(workflow=workflow))


def test_a_failure_starts_it_once_with_what_failed(voyage: Any, rescue: Any, owner: Any, work: Make) -> None:
    failed = work(services.start_execution(viewer=owner, workflow_id=voyage.pk))
    [started] = rescues(rescue)
    assert (started.status, started.trigger) == ("queued", "failure")
    assert started.parameters["execution_id"] == str(failed.pk)
    assert started.parameters["workflow_id"] == str(voyage.pk)
    assert started.parameters["error"] == failed.error
    assert failed.error["code"] == "aground"
    assert work(started).status == "success"


def test_success_and_cancel_start_nothing(workflow_of: Make, rescue: Any, owner: Any, work: Make) -> None:
    calm = workflow_of([node("ebb", "control", "wait", seconds=0)], [])
    name_for_failures(calm, rescue, owner)
    assert work(services.start_execution(viewer=owner, workflow_id=calm.pk)).status == "success"
    cancelled = services.start_execution(viewer=owner, workflow_id=calm.pk)
    services.cancel_execution(viewer=owner, execution_id=cancelled.pk)
    assert rescues(rescue) == []


def test_it_never_starts_for_its_own_failure_nor_for_a_retry_of_that(
    voyage: Any, workflow_of: Make, owner: Any, work: Make
) -> None:
    sinking_rescue = workflow_of([sinks("tug")], [])
    name_for_failures(voyage, sinking_rescue, owner)
    name_for_failures(sinking_rescue, voyage, owner)
    work(services.start_execution(viewer=owner, workflow_id=voyage.pk))
    [tug] = rescues(sinking_rescue)
    tug = work(tug)
    assert tug.status == "failed"
    again = work(services.retry_execution(viewer=owner, execution_id=tug.pk))
    assert again.status == "failed"
    assert len(rescues(voyage)) == 1, "the voyage itself, and none that a rescue started"


def test_where_it_cannot_start_the_log_of_the_failure_says_so(voyage: Any, rescue: Any, owner: Any, work: Make) -> None:
    from apps.workflows.services.saving import save_workflow
    from tests.e2e.client import diagram, edge

    broken = diagram([node("alarm", "control", "wait", seconds=0)], [edge("alarm", "nowhere")])
    save_workflow(workflow=rescue, by=owner, changes={}, diagram=broken)
    failed = work(services.start_execution(viewer=owner, workflow_id=voyage.pk))
    assert (failed.status, rescues(rescue)) == ("failed", [])
    assert any("workflow_invalid" in line.message for line in selectors.logs_of(failed))


def test_one_that_was_deleted_is_not_started(voyage: Any, rescue: Any, owner: Any, work: Make) -> None:
    type(rescue).objects.filter(pk=rescue.pk).update(deleted_at=rescue.created_at)
    failed = work(services.start_execution(viewer=owner, workflow_id=voyage.pk))
    assert (failed.status, rescues(rescue)) == ("failed", [])
    assert start_on_failure(execution_id=failed.pk) is None


def test_whoever_names_it_must_be_allowed_to_run_it(
    voyage: Any, rescue: Any, owner: Any, editor: Any, api: Any
) -> None:
    from apps.accounts.access import Level
    from apps.accounts.services.permissions import grant

    url = f"/api/v1/workflows/{voyage.pk}"
    assert api(owner).get(url).json()["on_failure_workflow_id"] == str(rescue.pk)
    assert api(owner).patch(url, {"on_failure_workflow_id": str(voyage.pk)}, format="json").status_code == 400
    grant(obj=voyage, to=editor, level=Level.WRITE)
    hidden = api(editor).patch(url, {"on_failure_workflow_id": str(rescue.pk)}, format="json")
    assert (hidden.status_code, hidden.json()["errors"][0]["code"]) == (400, "not_found")
    grant(obj=rescue, to=editor, level=Level.READ)
    assert api(editor).patch(url, {"on_failure_workflow_id": str(rescue.pk)}, format="json").status_code == 403
    cleared = api(owner).patch(url, {"on_failure_workflow_id": None}, format="json")
    assert (cleared.status_code, cleared.json()["on_failure_workflow_id"]) == (200, None)


def test_a_chain_of_a_workflow_without_one_fails_as_before(workflow_of: Make, owner: Any, work: Make) -> None:
    workflow = workflow_of(*chain(node("ebb", "control", "wait", seconds=0), sinks()))
    failed = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert failed.status == "failed"
    assert WorkflowExecution.objects.count() == 1
