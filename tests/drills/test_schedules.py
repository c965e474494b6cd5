"""F8, F9: whatever schedulers, clocks and senders do, each fire and each event starts a run once.

A committed tenant, schedulers as processes with clocks an hour off that are killed at any moment, and senders
on threads. No worker runs: what is counted are the runs that were started.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest
from django.db import connection

from tests.db.conftest import TenantClient
from tests.db.executions.office import Office
from tests.drills.conftest import ROOT
from tests.e2e.client import diagram, node

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SEED = 20261121
KILLS = 6


@pytest.fixture
def schedulers(environment: dict[str, str]) -> Iterator[list[psutil.Process]]:
    """Two schedulers; the clock of one is an hour fast, of the other an hour slow."""
    started = [
        psutil.Popen([sys.executable, "-m", "tests.drills.scheduler", hours], cwd=ROOT, env=environment)
        for hours in ("1", "-1")
    ]
    yield started
    stop(started)


def stop(schedulers: list[psutil.Process]) -> None:
    for each in schedulers:
        if each.is_running():
            each.kill()  # its child dies with it
            each.wait()


@pytest.fixture
def job(office: Office) -> Any:
    """A job of one small workflow, in the committed tenant."""
    return office.call(_job)


def _job() -> Any:
    from apps.accounts.models import User
    from apps.workflows.services.saving import create_workflow
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.jobs import create_job
    from apps.workspaces.services.workspaces import create_workspace

    owner = User.objects.get(is_owner=True)
    folder = create_folder(workspace=create_workspace(by=owner, name="Sea"), by=owner, name="Tides")
    job = create_job(folder=folder, by=owner, name="Nightly")
    create_workflow(job=job, by=owner, name="Ebb", diagram=diagram([node("ebb", "control", "wait", seconds=0)], []))
    return job


def _schedule(job: Any, since: datetime, **fields: Any) -> Any:
    """A schedule at which nobody has looked since then; all of that is to be caught up with."""
    from apps.accounts.models import User
    from apps.schedules.services.schedules import create_schedule, next_fire

    owner = User.objects.get(is_owner=True)
    policy = {"catch_up": "all", "catch_up_limit": 1000, "overlap": "allow"}
    schedule = create_schedule(target=job, by=owner, **policy, **fields)
    schedule.decided_until = since
    schedule.next_fire_at = next_fire(schedule)
    schedule.save()
    return schedule


def _pending() -> bool:
    from django.db.models.functions import Now

    from apps.schedules.models import Fire, Schedule

    due = Schedule.objects.filter(next_fire_at__lte=Now(), deleted_at=None)
    return due.exists() or Fire.objects.filter(status="pending").exists()


def _started(schedule: Any) -> tuple[list[datetime], Counter[str]]:
    """The times of the fires that started, and how many runs were made for each, by what the runs were told."""
    from apps.executions.models import JobRun, WorkflowExecution
    from apps.schedules.models import Fire

    fires = Fire.objects.filter(schedule=schedule)
    assert set(fires.values_list("status", flat=True)) == {"started"}
    runs = JobRun.objects.filter(pk__in=fires.values("job_run"))
    assert WorkflowExecution.objects.filter(job_run__in=runs).count() == runs.count() == fires.count()
    told = Counter(runs.values_list("parameters__scheduled_at", flat=True))
    return list(fires.order_by("scheduled_at").values_list("scheduled_at", flat=True)), told


def _begun() -> bool:
    from apps.schedules.models import Fire

    return Fire.objects.filter(status="started").exists()


def _runs_of(job: Any) -> int:
    from apps.executions.models import JobRun

    return JobRun.objects.filter(job=job).count()


@pytest.mark.timeout(420)
def test_f9_two_schedulers_an_hour_off_and_killed_miss_and_double_nothing(
    schedulers: list[psutil.Process], office: Office, job: Any
) -> None:
    """After three hours in which nothing ran, and over weeks with both changes of the clocks."""
    now = datetime.now(UTC)
    pause = now - timedelta(hours=3)
    zurich = {"timezone": "Europe/Zurich"}
    schedules = {
        "cron": office.call(_schedule, job, pause, cron="*/5 * * * *", **zurich),
        "interval": office.call(_schedule, job, pause, every_seconds=600, anchor=now - timedelta(days=1)),
        "fold": office.call(_schedule, job, datetime(2025, 10, 20, tzinfo=UTC), cron="30 2 20-31 10 *",
                            ends_at=datetime(2025, 11, 1, tzinfo=UTC), **zurich),
        "gap": office.call(_schedule, job, datetime(2026, 3, 25, tzinfo=UTC), cron="30 2 25-31 3 *",
                           ends_at=datetime(2026, 4, 1, tzinfo=UTC), **zurich),
    }  # fmt: skip
    luck = random.Random(SEED)
    kills = 0
    end = time.monotonic() + 300
    while time.monotonic() < end and (kills < KILLS or office.call(_pending)):
        time.sleep(luck.uniform(0.3, 1.5))
        looking = luck.choice(schedulers).children()
        if kills < KILLS and looking and office.call(_begun):
            looking[0].kill()
            kills += 1
    assert not office.call(_pending), "fires were stranded"
    assert kills == KILLS
    stop(schedulers)

    total = 0
    for name, schedule in schedules.items():
        fires, told = office.call(_started, schedule)
        total += len(fires)
        assert set(told.values()) == {1}, f"{name}: a fire was doubled"
        assert len(told) == len(fires)
        if name in ("cron", "interval"):
            step = timedelta(minutes=5 if name == "cron" else 10)
            assert {b - a for a, b in pairwise(fires)} == {step}, f"{name}: a fire was missed"
            assert fires[0] - pause <= step
            assert fires[-1] + step >= datetime.now(UTC) - timedelta(seconds=60)
        else:
            days = [fire.astimezone(ZoneInfo("Europe/Zurich")).date().day for fire in fires]
            assert days == (list(range(20, 32)) if name == "fold" else list(range(25, 32))), name
    assert office.call(_runs_of, job) == total


def test_f9_postgresqls_own_clock_jumps_an_hour_forward_and_back(
    office: Office, job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.schedules.services import firing

    begin = datetime.now(UTC).replace(microsecond=0)
    schedule = office.call(_schedule, job, begin, every_seconds=600, anchor=begin)
    seen: list[datetime] = []
    for minutes in (0, 30, 90, 30, 20, 60, 95, 90, 150):  # what its clock shows, one look after the other
        monkeypatch.setattr(firing, "database_now", lambda minutes=minutes: begin + timedelta(minutes=minutes))
        office.call(firing.claim_due, schedule_id=schedule.pk)
        office.call(firing.start_pending, schedule_id=schedule.pk)
        seen = office.call(_started, schedule)[0] if minutes else []
    assert seen == [begin + timedelta(minutes=n) for n in range(10, 151, 10)]
    assert office.call(_runs_of, job) == len(seen)


def test_f8_events_delivered_three_times_and_shuffled_start_one_run_each(
    office: Office, job: Any, committed_tenant: Any
) -> None:
    from apps.schedules.core.signing import sign

    hook_id, secret = office.call(_hook, job)
    ids = [f"evt_{n}" for n in range(25)]
    deliveries = ids * 3
    random.Random(SEED).shuffle(deliveries)

    def deliver(id: str) -> tuple[str, Any]:
        body = json.dumps({"ship": id}).encode()
        at = int(time.time())
        headers = {
            "webhook-id": id,
            "webhook-timestamp": str(at),
            "webhook-signature": sign(secret, id=id, timestamp=at, body=body),
        }
        try:
            client = TenantClient(committed_tenant.host)
            answer = client.generic("POST", f"/api/v1/hooks/{hook_id}", body, "application/json", headers=headers)
            assert answer.status_code == 202, answer.content
            return id, answer.json()
        finally:
            connection.close()  # of this thread

    with ThreadPoolExecutor(max_workers=6) as senders:
        answers = list(senders.map(deliver, deliveries))
    runs = {id: {answer["job_run_id"] for of, answer in answers if of == id} for id in ids}
    assert all(len(each) == 1 and None not in each for each in runs.values())
    assert Counter(answer["duplicate"] for _, answer in answers) == {False: 25, True: 50}
    assert office.call(_runs_of, job) == 25


def _hook(job: Any) -> tuple[Any, str]:
    from apps.accounts.models import User
    from apps.schedules.services.hooks import create_hook

    hook, secret = create_hook(target=job, by=User.objects.get(is_owner=True))
    return hook.pk, secret
