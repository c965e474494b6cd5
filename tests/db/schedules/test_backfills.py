"""Backfills: a plan first, then bounded, with progress, and stopped on demand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.executions.models import JobRun, WorkflowExecution
from apps.schedules.looking import look
from apps.schedules.models import Fire

pytestmark = pytest.mark.django_db
RANGE = {"from": "2026-03-28T00:00:00Z", "to": "2026-04-01T00:00:00Z"}


@pytest.fixture
def daily(schedule: Any) -> Any:
    return schedule(cron="30 2 * * *", timezone="Europe/Zurich", parameters={"pier": 3})


def finish_running(work: Any, callbacks: Any) -> None:
    for each in WorkflowExecution.objects.filter(status="queued"):
        with callbacks(execute=True):
            work(each)


def test_the_plan_is_shown_and_nothing_runs(daily: Any, api: Any, owner: Any) -> None:
    answer = api(owner).post(f"/api/v1/schedules/{daily.pk}/backfill", {**RANGE, "dry_run": True}, format="json")
    assert answer.status_code == 200, answer.content
    assert [each["scheduled_at"] for each in answer.json()["fires"]] == [
        "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z",
    ]  # fmt: skip
    assert answer.json()["fires"][1]["window_start"] == "2026-03-28T01:30:00Z"
    assert not Fire.objects.exists()


def test_it_runs_the_oldest_first_and_no_more_at_once_than_it_may(
    daily: Any, api: Any, owner: Any, work: Any, django_capture_on_commit_callbacks: Any
) -> None:
    body = {**RANGE, "concurrency": 3, "parameters": {"again": True}}
    made = api(owner).post(f"/api/v1/schedules/{daily.pk}/backfill", body, format="json")
    assert made.status_code == 202, made.content
    own = f"/api/v1/backfills/{made.json()['id']}"
    look()
    look()
    progress = api(owner).get(own).json()["progress"]
    assert progress == {"total": 4, "pending": 1, "running": 3, "success": 0, "failed": 0, "cancelled": 0}
    first = WorkflowExecution.objects.order_by("created_at").first()
    assert first is not None
    assert first.parameters == {
        "pier": 3, "again": True, "scheduled_at": "2026-03-28T01:30:00Z",
        "window_start": "2026-03-27T01:30:00Z", "window_end": "2026-03-28T01:30:00Z",
    }  # fmt: skip
    for _ in range(2):
        finish_running(work, django_capture_on_commit_callbacks)
        look()
    over = api(owner).get(own).json()
    assert (over["status"], over["progress"]["success"]) == ("success", 4)
    again = api(owner).post(
        f"/api/v1/schedules/{daily.pk}/backfill", {**RANGE, "missing_only": True, "dry_run": True}, format="json"
    )
    assert (again.status_code, again.json()["code"]) == (422, "nothing_to_run")


def test_cancelling_stops_what_runs_and_what_waits(daily: Any, api: Any, owner: Any) -> None:
    made = api(owner).post(f"/api/v1/schedules/{daily.pk}/backfill", RANGE, format="json").json()
    look()
    answer = api(owner).post(f"/api/v1/backfills/{made['id']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert answer.json()["progress"]["cancelled"] == 4
    assert set(JobRun.objects.values_list("status", flat=True)) == {"cancelled"}
    look()
    assert JobRun.objects.count() == 1
    assert api(owner).post(f"/api/v1/backfills/{made['id']}/cancel").json()["code"] == "already_finished"


def test_a_range_with_too_many_fires_or_none_is_refused(schedule: Any, api: Any, owner: Any) -> None:
    path = f"/api/v1/schedules/{schedule().pk}/backfill"
    client = api(owner)
    assert client.post(path, RANGE, format="json").json()["code"] == "too_many"
    wrong = client.post(path, {"from": RANGE["to"], "to": RANGE["from"]}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "to")


def test_a_backfill_leaves_the_schedules_own_fires_alone(daily: Any, api: Any, owner: Any) -> None:
    daily.refresh_from_db()
    before = daily.decided_until, daily.next_fire_at
    api(owner).post(f"/api/v1/schedules/{daily.pk}/backfill", RANGE, format="json")
    look()
    daily.refresh_from_db()
    assert (daily.decided_until, daily.next_fire_at) == before
    Fire.objects.create(
        schedule=daily,
        scheduled_at=Fire.objects.earliest("scheduled_at").scheduled_at,
        window_start=before[0] - timedelta(days=1),
    )  # the same time again, as the schedule's own
