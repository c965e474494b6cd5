"""Schedules: due once, caught up with by policy, overlapping by policy, in somebody's name."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from apps.audit.models import AuditEntry
from apps.executions.models import JobRun, WorkflowExecution
from apps.executions.services import cancel_job_run
from apps.schedules.clock import database_now
from apps.schedules.looking import look
from apps.schedules.models import Fire, Schedule
from apps.schedules.services.firing import QUEUE_LIMIT
from tests.db.conftest import RIVAL_HOST
from tests.db.schedules.conftest import pass_time

pytestmark = pytest.mark.django_db


OVERLAP = ("skip", "queue", "allow")


def fires(schedule: Any) -> Counter[tuple[str, str]]:
    return Counter(Fire.objects.filter(schedule=schedule).values_list("status", "reason"))


def half_past() -> datetime:
    """An anchor whose hourly fires are half an hour old, or half an hour away."""
    return database_now() - timedelta(minutes=30)


def test_what_is_due_runs_once_with_its_time_and_window(schedule: Any, owner: Any) -> None:
    hourly = schedule(cron="0 * * * *", parameters={"pier": 3}, catch_up="last")
    pass_time(hourly, hours=1)
    look()
    look()
    [fire] = Fire.objects.filter(schedule=hourly)
    execution = WorkflowExecution.objects.get(job_run=fire.job_run)
    hour = database_now().replace(minute=0, second=0, microsecond=0)
    assert (fire.scheduled_at, fire.window_start) == (hour, hour - timedelta(hours=1))
    assert execution.parameters == {
        "pier": 3,
        "scheduled_at": hour.isoformat().replace("+00:00", "Z"),
        "window_start": (hour - timedelta(hours=1)).isoformat().replace("+00:00", "Z"),
        "window_end": hour.isoformat().replace("+00:00", "Z"),
    }
    assert (fire.job_run.trigger, fire.job_run.triggered_by) == ("schedule", owner)
    hourly.refresh_from_db()
    assert hourly.next_fire_at == hour + timedelta(hours=1)


def test_nothing_is_due_before_its_time(schedule: Any) -> None:
    schedule(cron="0 0 29 2 *")
    look()
    assert not Fire.objects.exists()


@pytest.mark.parametrize(("policy", "started", "missed"), [("skip", 0, 3), ("last", 1, 2), ("all", 3, 0)])
def test_after_three_hours_the_policy_says_what_is_caught_up_with(
    schedule: Any, policy: str, started: int, missed: int
) -> None:
    hourly = schedule(every_seconds=3600, anchor=half_past(), catch_up=policy, overlap="allow")
    pass_time(hourly, hours=3)
    look()
    assert fires(hourly) == Counter({("started", ""): started, ("skipped", "missed"): missed}) + Counter()
    look()
    assert Fire.objects.filter(schedule=hourly).count() == 3


def test_a_pause_is_caught_up_with_when_it_ends(schedule: Any, api: Any, owner: Any) -> None:
    hourly = schedule(every_seconds=3600, anchor=half_past(), catch_up="all", overlap="allow")
    path = f"/api/v1/schedules/{hourly.pk}"
    assert api(owner).patch(path, {"enabled": False}, format="json").json()["next_fire_at"] is None
    pass_time(hourly, hours=3)
    look()
    assert not Fire.objects.exists()
    assert api(owner).patch(path, {"enabled": True}, format="json").status_code == 200
    look()
    assert fires(hourly) == {("started", ""): 3}


def test_a_year_of_minutes_is_left_out_in_one_look(schedule: Any) -> None:
    minutely = schedule(catch_up="last")
    pass_time(minutely, days=366)
    look()
    counted = fires(minutely)
    assert sum(n for (status, _), n in counted.items() if status == "started") == 1
    assert counted["skipped", "missed"] <= 101
    minutely.refresh_from_db()
    assert minutely.next_fire_at > database_now() - timedelta(minutes=1)


def test_the_overlap_policy_decides_while_a_run_is_under_way(schedule: Any) -> None:
    made = {policy: schedule(every_seconds=60, overlap=policy, catch_up="skip") for policy in OVERLAP}
    for _ in range(2):
        for each in made.values():
            Fire.objects.filter(schedule=each).update(scheduled_at=database_now() - timedelta(days=1))
            Schedule.objects.filter(pk=each.pk).update(anchor=database_now() - timedelta(seconds=61))
            pass_time(each, seconds=30)
        look()
    assert sorted(fires(made["skip"])) == [("skipped", "overlap"), ("started", "")]
    assert sorted(fires(made["queue"])) == [("pending", ""), ("started", "")]
    assert fires(made["allow"]) == {("started", ""): 2}


def test_what_waits_in_the_queue_starts_when_the_run_before_it_is_over(schedule: Any, owner: Any) -> None:
    hourly = schedule(every_seconds=3600, anchor=half_past(), overlap="queue", catch_up="all")
    pass_time(hourly, hours=2)
    look()
    assert fires(hourly) == {("started", ""): 1, ("pending", ""): 1}
    cancel_job_run(run_id=JobRun.objects.get(status="running").pk, by=owner)
    look()
    assert fires(hourly) == {("started", ""): 2}
    first, second = Fire.objects.order_by("started_at")
    assert first.scheduled_at < second.scheduled_at


def test_the_queue_is_bounded(schedule: Any) -> None:
    minutely = schedule(overlap="queue")
    now = database_now().replace(second=0, microsecond=0)
    rows = [Fire(schedule=minutely, scheduled_at=now - timedelta(minutes=n), window_start=now) for n in range(103)]
    Fire.objects.bulk_create(rows)
    look()
    for _ in range(3):
        from apps.schedules.services.firing import start_pending

        start_pending(schedule_id=minutely.pk)
    assert fires(minutely) == {("started", ""): 1, ("pending", ""): QUEUE_LIMIT, ("skipped", "queue_full"): 2}


def test_it_starts_and_ends_when_it_says(schedule: Any) -> None:
    now = database_now()
    over = schedule(every_seconds=3600, anchor=now - timedelta(minutes=30), catch_up="all", overlap="allow",
                    ends_at=now - timedelta(hours=1))  # fmt: skip
    later = schedule(every_seconds=3600, starts_at=now + timedelta(days=1))
    pass_time(over, hours=3)
    look()
    over.refresh_from_db()
    assert (fires(over), over.next_fire_at) == ({("started", ""): 2}, None)
    assert later.next_fire_at == now.replace(microsecond=0) + timedelta(days=1) or later.next_fire_at >= later.starts_at


def test_a_changed_timetable_begins_now(schedule: Any, api: Any, owner: Any) -> None:
    daily = schedule(cron="@daily", catch_up="all")
    pass_time(daily, days=3)
    answer = api(owner).patch(f"/api/v1/schedules/{daily.pk}", {"every_seconds": 3600}, format="json").json()
    assert (answer["cron"], answer["every_seconds"], answer["words"]) == ("", 3600, "Every hour")
    look()
    assert not Fire.objects.exists()


def test_whoever_lost_the_right_starts_nothing_and_the_fire_says_so(
    job: Any, runner: Any, workflow: Any, grant: Any
) -> None:
    from apps.accounts.models import UserGrant
    from apps.schedules.services.schedules import create_schedule

    grant(runner, job, "execute")
    minutely = create_schedule(target=job, by=runner, cron="* * * * *")
    UserGrant.objects.filter(user=runner).delete()
    pass_time(minutely, minutes=1)
    look()
    fire = Fire.objects.get()
    assert (fire.status, fire.error["code"], JobRun.objects.count()) == ("failed", "not_found", 0)


def test_while_its_job_is_deleted_nothing_is_due_or_missed(schedule: Any, job: Any) -> None:
    minutely = schedule(catch_up="all")
    job.deleted_at = database_now()
    job.save()
    pass_time(minutely, minutes=5)
    look()
    assert not Fire.objects.exists()


def test_the_api_makes_shows_and_deletes_schedules(job: Any, workflow: Any, api: Any, owner: Any) -> None:
    client = api(owner)
    body = {"name": "At nine", "cron": "0 9 * * MON-FRI", "timezone": "Europe/Zurich", "parameters": {"pier": 3}}
    made = client.post(f"/api/v1/jobs/{job.pk}/schedules", body, format="json")
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["catch_up"], shown["overlap"], shown["enabled"]) == ("last", "skip", True)
    assert shown["words"] == "At 09:00 on Monday through Friday, Europe/Zurich time"
    own = f"/api/v1/schedules/{shown['id']}"
    coming = client.get(f"{own}/next-fires?count=3").json()
    assert (len(coming["fires"]), coming["fires"][0]) == (3, shown["next_fire_at"])
    for path in ("/api/v1/schedules", f"/api/v1/jobs/{job.pk}/schedules", "/api/v1/schedules?search=nine&enabled=true"):
        assert [each["id"] for each in client.get(path).json()["results"]] == [shown["id"]]
    assert client.delete(own).status_code == 204
    assert (client.get(own).status_code, client.get("/api/v1/schedules").json()["count"]) == (404, 0)
    said = set(AuditEntry.objects.values_list("action", "object_type"))
    assert {("starter_created", "schedule"), ("starter_deleted", "schedule")} <= said


def test_it_runs_under_the_environment_that_it_names(
    job: Any, workflow: Any, owner: Any, api: Any, schedule: Any
) -> None:
    from apps.workflows.services.environments import create_environment

    create_environment(workspace=job.folder.workspace, by=owner, name="harbour", parameters={"pier": 1, "port": "Kiel"})
    minutely = schedule(environment="harbour", parameters={"pier": 3})
    pass_time(minutely, minutes=1)
    look()
    execution = WorkflowExecution.objects.get()
    assert execution.environment is not None
    assert execution.environment.name == "harbour"
    assert (execution.parameters["pier"], execution.parameters["port"]) == (3, "Kiel")
    wrong = api(owner).patch(f"/api/v1/schedules/{minutely.pk}", {"environment": "moon"}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "environment")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "cron"),
        ({"cron": "@daily", "every_seconds": 60}, "cron"),
        ({"cron": "61 * * * *"}, "cron"),
        ({"cron": "@daily", "timezone": "Mars/Olympus"}, "timezone"),
        ({"every_seconds": 1}, "every_seconds"),
        ({"cron": "@daily", "catch_up": "some"}, "catch_up"),
        ({"cron": "@daily", "starts_at": "0001-01-01T00:00:00Z"}, "starts_at"),
        ({"every_seconds": 60, "anchor": "9999-12-31T23:59:59-14:00"}, "anchor"),
        ({"cron": "@daily", "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}, "ends_at"),
    ],
)
def test_a_wrong_schedule_says_where(job: Any, api: Any, owner: Any, body: dict[str, Any], field: str) -> None:
    answer = api(owner).post(f"/api/v1/jobs/{job.pk}/schedules", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == field


def test_a_timetable_is_explained_before_it_is_saved(api: Any, viewer: Any) -> None:
    client = api(viewer)
    query = "cron=30 2 * * *&timezone=Europe/Zurich&after=2026-03-28T12:00:00Z&count=2"
    said = client.get(f"/api/v1/schedules/explain?{query}")
    assert said.json() == {
        "timezone": "Europe/Zurich",
        "words": "At 02:30 every day, Europe/Zurich time",
        "fires": ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
    }
    wrong = client.get("/api/v1/schedules/explain?cron=nonsense")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "cron")


def test_whoever_may_write_but_not_run_makes_no_schedule(
    job: Any, editor: Any, viewer: Any, workflow: Any, grant: Any, api: Any
) -> None:
    path, body = f"/api/v1/jobs/{job.pk}/schedules", {"cron": "@daily"}
    assert api(editor).post(path, body, format="json").status_code == 404
    grant(editor, job, "write")
    assert api(editor).post(path, body, format="json").status_code == 403
    grant(editor, job, "execute")
    made = api(editor).post(path, body, format="json")
    assert (made.status_code, made.json()["run_as"]) == (201, str(editor.pk))
    grant(viewer, job, "read")
    assert api(viewer).delete(f"/api/v1/schedules/{made.json()['id']}").status_code == 403


def test_t05_the_rivals_schedules_are_looked_at_in_their_own_schema(
    schedule: Any, rival: Any, rival_owner: Any, api: Any
) -> None:
    minutely = schedule()
    pass_time(minutely, minutes=1)
    with tenant_context(rival):
        assert not Schedule.objects.exists()
    before = connection.schema_name
    look()
    assert connection.schema_name == before
    with tenant_context(rival):
        assert not Fire.objects.exists()
    assert fires(minutely)["started", ""] == 1
    rosa = api(rival_owner, host=RIVAL_HOST, tenant=rival)
    assert rosa.get(f"/api/v1/schedules/{minutely.pk}").status_code == 404
    assert rosa.get("/api/v1/schedules").json()["count"] == 0
