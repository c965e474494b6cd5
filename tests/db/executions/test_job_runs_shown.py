"""What pages show of job runs: a calendar of them, when each step ran, and events as they go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from apps.executions.models import JobRun
from apps.executions.services import start_job_run
from apps.realtime import log
from tests.db.executions.conftest import chain
from tests.e2e.client import node

pytestmark = pytest.mark.django_db

Told = list[tuple[str, str, Any]]


@pytest.fixture
def tide(workflow_of: Callable[..., Any]) -> Any:
    return workflow_of(*chain(node("tide", "control", "wait", seconds=0)))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Events of workspaces, as sockets hear them."""
    heard: Told = []
    append = log.append

    def listening(channel: str, event: str, data: Any) -> int:
        if channel.startswith("workspace:"):
            heard.append((channel, event, data))
        return append(channel, event, data)

    monkeypatch.setattr(log, "append", listening)
    return heard


def ran(job: Any, at: str, status: str) -> None:
    run = JobRun.objects.create(job=job, status=status)
    JobRun.objects.filter(pk=run.pk).update(created_at=datetime.fromisoformat(at))


def days_of(client: Any, job: Any, **query: str) -> Any:
    answer = client.get(f"/api/v1/jobs/{job.pk}/run-calendar", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["days"]


def test_the_calendar_counts_how_runs_ended_by_the_day_of_the_persons_zone(job: Any, owner: Any, api: Any) -> None:
    ran(job, "2026-03-01T23:30:00+00:00", "success")  # the second of March already in Zurich
    ran(job, "2026-03-02T09:00:00+00:00", "failed")
    ran(job, "2026-03-02T10:00:00+00:00", "running")
    ran(job, "2026-04-01T00:00:00+00:00", "success")
    month = {"first": "2026-03-01", "last": "2026-03-31"}
    assert days_of(api(owner), job, **month, timezone="Europe/Zurich") == [
        {"day": "2026-03-02", "success": 1, "failed": 1, "cancelled": 0, "unfinished": 1}
    ]
    assert [each["day"] for each in days_of(api(owner), job, **month)] == ["2026-03-01", "2026-03-02"]


def test_the_calendar_is_of_one_job_and_for_those_who_may_read_it(job: Any, owner: Any, viewer: Any, api: Any) -> None:
    from apps.workspaces.services.jobs import create_job

    ran(create_job(folder=job.folder, by=owner, name="Evening"), "2026-03-02T09:00:00+00:00", "success")
    month = {"first": "2026-03-01", "last": "2026-03-31"}
    assert days_of(api(owner), job, **month) == []
    assert api(viewer).get(f"/api/v1/jobs/{job.pk}/run-calendar", month).status_code == 404


def test_a_package_has_a_calendar_too(job: Any, owner: Any, api: Any) -> None:
    from apps.workspaces.services.job_packages import create_job_package

    package = create_job_package(workspace=job.folder.workspace, by=owner, name="All day", job_ids=[job.pk])
    run = JobRun.objects.create(job_package=package, status="cancelled")
    run.refresh_from_db()
    day = f"{run.created_at:%Y-%m-%d}"
    answer = api(owner).get(f"/api/v1/job-packages/{package.pk}/run-calendar", {"first": day, "last": day})
    assert answer.json()["days"] == [{"day": day, "success": 0, "failed": 0, "cancelled": 1, "unfinished": 0}]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"first": "2026-03-01", "last": "2026-02-01"}, "last"),
        ({"first": "2026-01-01", "last": "2026-12-31"}, "last"),
        ({"first": "2026-03-01", "last": "2026-03-02", "timezone": "Mars/Olympus"}, "timezone"),
        ({"first": "2026-03-01", "last": "2026-03-02", "timezone": "Europe"}, "timezone"),
        ({"first": "2026-03-01", "last": "2026-03-02", "timezone": "../../etc/passwd"}, "timezone"),
    ],
)
def test_a_range_that_is_none_and_a_zone_that_is_none_are_refused(
    job: Any, owner: Any, api: Any, query: dict[str, str], field: str
) -> None:
    answer = api(owner).get(f"/api/v1/jobs/{job.pk}/run-calendar", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_steps_say_when_their_executions_ran(job: Any, owner: Any, tide: Any, work: Any, api: Any) -> None:
    run = start_job_run(job=job, by=owner)
    execution = work(run.steps.get().execution)
    [step] = api(owner).get(f"/api/v1/job-runs/{run.pk}").json()["steps"]
    assert datetime.fromisoformat(step["started_at"]) == execution.started_at
    assert datetime.fromisoformat(step["finished_at"]) == execution.finished_at
    assert step["waiting_for"] is None


def test_steps_and_what_they_run_are_read_at_once(
    job: Any, owner: Any, workflow_of: Any, api: Any, django_assert_max_num_queries: Any
) -> None:
    client = api(owner)
    for _ in range(12):
        workflow_of(*chain(node("tide", "control", "wait", seconds=0)))
    run = start_job_run(job=job, by=owner, mode="parallel")
    with django_assert_max_num_queries(14):
        assert len(client.get(f"/api/v1/job-runs/{run.pk}").json()["steps"]) == 12


def test_whoever_watches_the_workspace_hears_how_a_run_goes_on(
    job: Any, owner: Any, tide: Any, work: Any, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = start_job_run(job=job, by=owner)
    with django_capture_on_commit_callbacks(execute=True):
        work(run.steps.get().execution)
    assert [(channel, event) for channel, event, _ in told] == [(f"workspace:{job.folder.workspace_id}", "job_run")] * 2
    assert [(data["status"], data["steps"]) for *_, data in told] == [
        ("running", {"running": 1}),
        ("success", {"success": 1}),
    ]
    assert {(data["job_run_id"], data["job_id"], data["job_package_id"]) for *_, data in told} == {
        (str(run.pk), str(job.pk), None)
    }


def test_a_look_that_moves_nothing_tells_nothing(
    job: Any, owner: Any, tide: Any, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    from apps.executions.services import advance_job_run

    run = start_job_run(job=job, by=owner)
    with django_capture_on_commit_callbacks(execute=True):
        advance_job_run(run_id=run.pk)
    assert told == []
