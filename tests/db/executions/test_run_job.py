"""The node run_job: the run of a job within a workflow, whose parent waits without a worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.executions import outputs
from apps.executions.models import JobRun, WorkflowExecution
from apps.executions.services import cancel_execution, start_execution
from tests.db.executions.conftest import chain
from tests.e2e.client import diagram, node

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


@pytest.fixture
def inner(job: Any, owner: Any) -> Make:
    """Makes a job of its own with one workflow, which waits for nothing or fails."""
    from apps.workflows.services.saving import create_workflow
    from apps.workspaces.services.jobs import create_job

    def make(name: str, *, fails: bool = False) -> Any:
        made = create_job(folder=job.folder, by=owner, name=name)
        drawn = node(name, "control", "fail") if fails else node(name, "control", "wait", seconds=0)
        create_workflow(job=made, by=owner, name=name, diagram=diagram([drawn], []))
        return made

    return make


@pytest.fixture
def settle(work: Make, django_capture_on_commit_callbacks: Any) -> Callable[[], None]:
    """Works off everything that is queued, and what events queue then."""

    def run() -> None:
        while queued := WorkflowExecution.objects.filter(status="queued").order_by("created_at", "pk").first():
            with django_capture_on_commit_callbacks(execute=True):
                work(queued)

    return run


def call(job: Any, **config: Any) -> dict[str, Any]:
    return node("call", "control", "run_job", jobId=str(job.pk), **config)


def begin(owner: Any, workflow: Any) -> Any:
    return start_execution(viewer=owner, workflow_id=workflow.pk)


def error_of(execution: Any) -> dict[str, Any]:
    found: dict[str, Any] = execution.nodes.get(node_id="call").error
    return found


def test_the_job_runs_and_its_parent_holds_no_worker_meanwhile(
    workflow_of: Make, inner: Make, owner: Any, work: Make, settle: Any
) -> None:
    tides = inner("tides")
    workflow = workflow_of(*chain(call(tides, parameters={"pier": 3})))
    execution = work(begin(owner, workflow))
    assert (execution.status, execution.waiting_for, execution.lease_owner) == ("paused", "children", None)
    run = JobRun.objects.get()
    assert (run.job, run.parent_execution_id, run.trigger) == (tides, execution.pk, "run_job")
    settle()
    execution.refresh_from_db()
    run.refresh_from_db()
    assert (execution.status, run.status, JobRun.objects.count()) == ("success", "success", 1)
    assert run.steps.get().execution.parameters == {"pier": 3}
    rows = outputs.read_output(outputs.find_output(execution, "call", "output"), offset=0, limit=10)
    assert rows.as_json()["rows"] == [[str(run.pk), "success"]]


def test_without_waiting_it_goes_on_at_once(workflow_of: Make, inner: Make, owner: Any, work: Make) -> None:
    execution = work(begin(owner, workflow_of(*chain(call(inner("tides"), wait=False)))))
    assert (execution.status, JobRun.objects.get().status) == ("success", "running")


def test_a_run_that_fails_fails_the_node(workflow_of: Make, inner: Make, owner: Any, settle: Any) -> None:
    execution = begin(owner, workflow_of(*chain(call(inner("storm", fails=True)))))
    settle()
    execution.refresh_from_db()
    assert (execution.status, error_of(execution)["code"]) == ("failed", "child_failed")
    assert str(JobRun.objects.get().pk) in error_of(execution)["message"]


def test_cancelling_the_execution_cancels_the_run_that_it_waits_for(
    workflow_of: Make, inner: Make, owner: Any, work: Make
) -> None:
    execution = work(begin(owner, workflow_of(*chain(call(inner("tides"))))))
    cancel_execution(viewer=owner, execution_id=execution.pk)
    assert set(JobRun.objects.values_list("status", flat=True)) == {"cancelled"}
    assert set(WorkflowExecution.objects.values_list("status", flat=True)) == {"cancelled"}


def test_a_job_that_runs_itself_ends_somewhere(workflow_of: Make, job: Any, owner: Any, settle: Any) -> None:
    workflow = workflow_of(*chain(call(job)))
    begin(owner, workflow)
    settle()
    assert 1 < JobRun.objects.count() <= 10
    deepest = WorkflowExecution.objects.order_by("created_at").last()
    assert error_of(deepest)["code"] == "too_deep"
    assert set(WorkflowExecution.objects.values_list("status", flat=True)) == {"failed"}


def test_t11_the_authors_right_counts(workflow_of: Make, inner: Make, job: Any, editor: Any, work: Make) -> None:
    from apps.accounts.access import Level
    from apps.accounts.services import permissions

    for level in (Level.WRITE, Level.EXECUTE):
        permissions.grant(obj=job, to=editor, level=level)
    execution = work(begin(editor, workflow_of(*chain(call(inner("tides"))), by=editor)))
    assert (execution.status, error_of(execution)["code"]) == ("failed", "missing_job")
    assert not JobRun.objects.exists()
