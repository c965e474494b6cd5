"""Running jobs and packages: order, policy on failure, cancelling, rights, lost events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.executions import sweeping
from apps.executions.models import JobRun, WorkflowExecution
from apps.executions.services import advance_job_run, cancel_execution, cancel_job_run, start_job_run, start_package_run
from tests.e2e.client import diagram, node

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant() -> Any:
    """`grant(person, object, "write")`."""
    from apps.accounts.access import Level
    from apps.accounts.services import permissions

    return lambda person, obj, level: permissions.grant(obj=obj, to=person, level=Level(level))


def draw(id: str, *, fails: bool = False) -> dict[str, Any]:
    return node(id, "control", "fail") if fails else node(id, "control", "wait", seconds=0)


@pytest.fixture
def workflow(owner: Any) -> Callable[..., Any]:
    """Saves a workflow of one node, which waits for nothing or fails."""
    from apps.workflows.services.saving import create_workflow

    def make(job: Any, name: str, *, fails: bool = False, broken: bool = False) -> Any:
        drawn = node(name, "control", "no_such_operation") if broken else draw(name, fails=fails)
        return create_workflow(job=job, by=owner, name=name, diagram=diagram([drawn], [])).workflow

    return make


@pytest.fixture
def another_job(job: Any, owner: Any) -> Callable[[str], Any]:
    from apps.workspaces.services.jobs import create_job

    return lambda name: create_job(folder=job.folder, by=owner, name=name)


@pytest.fixture
def drain(work: Any, django_capture_on_commit_callbacks: Any) -> Callable[[], None]:
    """Runs every execution that is queued, and what events start then, until nothing is left."""

    def run() -> None:
        while queued := list(WorkflowExecution.objects.filter(status="queued").order_by("created_at", "pk")):
            for each in queued:
                with django_capture_on_commit_callbacks(execute=True):
                    work(each)

    return run


def steps(run: Any) -> list[str]:
    return list(run.steps.order_by("position").values_list("status", flat=True))


def test_a_job_runs_its_workflows_in_order_each_as_an_execution_of_its_own(
    job: Any, owner: Any, workflow: Any, drain: Any, api: Any
) -> None:
    first, second = workflow(job, "ebb"), workflow(job, "flood")
    client = api(owner)
    answer = client.post(f"/api/v1/jobs/{job.pk}/execute", {"parameters": {"pier": 3}}, format="json")
    assert answer.status_code == 202, answer.content
    run = JobRun.objects.get(pk=answer.json()["id"])
    assert (run.status, steps(run)) == ("running", ["running", "pending"])
    drain()
    body = client.get(f"/api/v1/job-runs/{run.pk}").json()
    assert (body["status"], body["error"]) == ("success", None)
    assert [(step["workflow_id"], step["status"]) for step in body["steps"]] == [
        (str(first.pk), "success"),
        (str(second.pk), "success"),
    ]
    found = client.get(f"/api/v1/executions?job_run={run.pk}").json()["results"]
    assert {each["id"] for each in found} == {step["execution_id"] for step in body["steps"]}
    assert all(each["parameters"] == {"pier": 3} and each["job_run_id"] == str(run.pk) for each in found)


def test_the_job_says_which_workflow_comes_first(job: Any, owner: Any, workflow: Any, api: Any) -> None:
    first, second = workflow(job, "ebb"), workflow(job, "flood")
    changed = api(owner).patch(f"/api/v1/jobs/{job.pk}", {"workflow_order": [str(second.pk)]}, format="json")
    assert changed.json()["workflow_order"] == [str(second.pk)]
    job.refresh_from_db()
    run = start_job_run(job=job, by=owner)
    assert [step.workflow for step in run.steps.all()] == [second, first]


def test_after_a_failure_the_others_are_skipped_or_run_as_the_job_says(
    job: Any, owner: Any, workflow: Any, drain: Any
) -> None:
    for name, fails in (("ebb", False), ("storm", True), ("flood", False)):
        workflow(job, name, fails=fails)
    stops = start_job_run(job=job, by=owner)
    goes_on = start_job_run(job=job, by=owner, on_failure="continue")
    drain()
    stops.refresh_from_db()
    goes_on.refresh_from_db()
    assert (stops.status, steps(stops)) == ("failed", ["success", "failed", "skipped"])
    assert (goes_on.status, steps(goes_on)) == ("failed", ["success", "failed", "success"])
    assert "storm" in stops.error["message"]
    assert stops.steps.get(position=1).error["code"] == "failed_on_purpose"


def test_side_by_side_all_begin_at_once(job: Any, owner: Any, workflow: Any) -> None:
    for name in ("ebb", "slack", "flood"):
        workflow(job, name)
    assert steps(start_job_run(job=job, by=owner, mode="parallel")) == ["running"] * 3


def test_a_workflow_that_cannot_start_is_a_failed_step_with_the_reason(job: Any, owner: Any, workflow: Any) -> None:
    workflow(job, "broken", broken=True)
    workflow(job, "ebb")
    run = start_job_run(job=job, by=owner)
    assert (run.status, steps(run)) == ("failed", ["failed", "skipped"])
    assert run.steps.get(position=0).error["code"] == "workflow_invalid"


def test_a_package_runs_its_jobs_one_after_the_other(
    job: Any, owner: Any, workflow: Any, another_job: Any, drain: Any, api: Any
) -> None:
    from apps.workspaces.services.job_packages import create_job_package

    evening = another_job("Evening")
    workflow(job, "ebb")
    workflow(evening, "flood")
    package = create_job_package(workspace=job.folder.workspace, by=owner, name="All day", job_ids=[evening.pk, job.pk])
    answer = api(owner).post(f"/api/v1/job-packages/{package.pk}/execute", {}, format="json")
    assert answer.status_code == 202, answer.content
    run = JobRun.objects.get(pk=answer.json()["id"])
    assert [child.job for child in run.children.all()] == [evening]
    drain()
    run.refresh_from_db()
    assert (run.status, steps(run)) == ("success", ["success", "success"])
    assert [step.child.job for step in run.steps.select_related("child")] == [evening, job]
    listed = api(owner).get("/api/v1/job-runs?top=true").json()["results"]
    assert [each["id"] for each in listed] == [str(run.pk)]


def test_the_right_to_run_a_package_runs_its_jobs_and_ends_with_it(
    job: Any,
    owner: Any,
    runner: Any,
    workflow: Any,
    grant: Any,
    drain: Any,
) -> None:
    from apps.accounts.models import UserGrant
    from apps.workspaces.services.job_packages import create_job_package

    workflow(job, "ebb")
    workflow(job, "flood")
    package = create_job_package(workspace=job.folder.workspace, by=owner, name="All day", job_ids=[job.pk])
    grant(runner, package, "execute")
    run = start_package_run(package=package, by=runner)
    assert steps(run) == ["running"]
    UserGrant.objects.filter(user=runner).delete()
    drain()
    run.refresh_from_db()
    assert run.status == "failed"
    child = run.steps.get().child
    assert steps(child) == ["success", "failed"]
    assert child.steps.get(position=1).error["code"] == "not_found"


def test_cancelling_goes_down_to_every_execution(
    job: Any, owner: Any, workflow: Any, another_job: Any, api: Any
) -> None:
    from apps.workspaces.services.job_packages import create_job_package

    for each in (job, evening := another_job("Evening")):
        workflow(each, "ebb")
        workflow(each, "flood")
    package = create_job_package(workspace=job.folder.workspace, by=owner, name="All day", job_ids=[job.pk, evening.pk])
    run = start_package_run(package=package, by=owner, mode="parallel")
    answer = api(owner).post(f"/api/v1/job-runs/{run.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert set(WorkflowExecution.objects.values_list("status", flat=True)) == {"cancelled"}
    assert set(JobRun.objects.values_list("status", flat=True)) == {"cancelled"}
    again = api(owner).post(f"/api/v1/job-runs/{run.pk}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "already_finished")


def test_an_execution_that_was_cancelled_by_itself_fails_the_run(job: Any, owner: Any, workflow: Any) -> None:
    workflow(job, "ebb")
    run = start_job_run(job=job, by=owner)
    cancel_execution(viewer=owner, execution_id=run.steps.get().execution_id)
    assert (advance_job_run(run_id=run.pk).status, steps(run)) == ("failed", ["cancelled"])


def test_a_lost_event_strands_nothing(job: Any, owner: Any, workflow: Any, work: Any) -> None:
    workflow(job, "ebb")
    workflow(job, "flood")
    run = start_job_run(job=job, by=owner)
    for _ in range(2):
        work(WorkflowExecution.objects.get(status="queued"))  # no event is heard: nothing is committed
        assert sweeping.move_on(quiet=timedelta()) == 1
    run.refresh_from_db()
    assert (run.status, steps(run)) == ("success", ["success", "success"])
    assert sweeping.move_on(quiet=timedelta()) == 0


def test_moving_on_twice_starts_nothing_twice(job: Any, owner: Any, workflow: Any) -> None:
    workflow(job, "ebb")
    run = start_job_run(job=job, by=owner)
    for _ in range(3):
        advance_job_run(run_id=run.pk)
    assert WorkflowExecution.objects.count() == 1


def test_the_same_key_runs_a_job_once(job: Any, owner: Any, workflow: Any, api: Any) -> None:
    workflow(job, "ebb")
    client = api(owner)
    answers = [
        client.post(f"/api/v1/jobs/{job.pk}/execute", {}, format="json", HTTP_IDEMPOTENCY_KEY="tonight")
        for _ in range(3)
    ]
    assert {answer.json()["id"] for answer in answers} == {str(JobRun.objects.get().pk)}


def test_an_empty_job_says_so(job: Any, owner: Any, api: Any) -> None:
    answer = api(owner).post(f"/api/v1/jobs/{job.pk}/execute", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_run")


def test_running_needs_execute_on_the_job(
    job: Any,
    owner: Any,
    viewer: Any,
    workflow: Any,
    grant: Any,
    api: Any,
) -> None:
    workflow(job, "ebb")
    run = start_job_run(job=job, by=owner)
    path, own = f"/api/v1/jobs/{job.pk}/execute", f"/api/v1/job-runs/{run.pk}"
    client = api(viewer)
    assert [client.post(path).status_code, client.get(own).status_code] == [404, 404]
    assert client.get("/api/v1/job-runs").json()["count"] == 0
    grant(viewer, job, "read")
    assert [client.post(path).status_code, client.get(own).status_code] == [403, 200]
    assert client.post(f"{own}/cancel").status_code == 403


def test_t05_the_rivals_sweep_leaves_our_run_alone(job: Any, owner: Any, workflow: Any, rival: Any) -> None:
    workflow(job, "ebb")
    run = start_job_run(job=job, by=owner)
    before = connection.schema_name
    sweeping.move_on(quiet=timedelta())
    assert connection.schema_name == before
    run.refresh_from_db()
    assert run.status == "running"
    cancel_job_run(run_id=run.pk, by=owner)
