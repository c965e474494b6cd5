"""Running a schedule's fires of a past range on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from apps.accounts.models import User
from apps.executions.core.job_runs import JOB_RUN_OVER, JobRunStatus
from apps.executions.services import cancel_job_run
from apps.kernel import clock
from apps.kernel.errors import Conflict, FieldError, Invalid, Unprocessable
from apps.kernel.events import publish
from apps.schedules.core.timetables import fires_between, previous_fire
from apps.schedules.events import BackfillCancelled, BackfillStarted
from apps.schedules.models import Backfill, Fire, Schedule
from apps.schedules.services.firing import start_fire
from apps.schedules.services.saving import require_may_run

MOST_FIRES = 1000
_DONE = JobRunStatus.SUCCESS.value


@dataclass(frozen=True, slots=True)
class Planned:
    """A fire of a backfill. `ran`: the status of the latest run that the schedule made for this time."""

    scheduled_at: datetime
    window_start: datetime
    ran: str | None


def plan_backfill(*, schedule: Schedule, begin: datetime, end: datetime, missing_only: bool = False) -> list[Planned]:
    """The fires at `begin` or later and before `end`; with `missing_only` those without a successful run.

    Raises Invalid, Unprocessable `too_many` and `nothing_to_run`.
    """
    if end <= begin:
        raise Invalid(errors=[FieldError("to", "invalid", "it must be later than `from`")])
    timetable = schedule.timetable
    fires = fires_between(timetable, begin, end, limit=MOST_FIRES + 1)
    if len(fires) > MOST_FIRES:
        raise Unprocessable(
            f"That is more than {MOST_FIRES:,} fires", code="too_many", remedy="Take a shorter range at a time"
        )
    ran = _ran(schedule, fires)
    before = {fire: start for start, fire in pairwise(fires)}
    planned = [
        Planned(fire, before.get(fire) or previous_fire(timetable, fire) or fire, ran.get(fire))
        for fire in fires
        if not (missing_only and ran.get(fire) == _DONE)
    ]
    if not planned:
        raise Unprocessable("No fire lies in this range", code="nothing_to_run", remedy="Take another range")
    return planned


def _ran(schedule: Schedule, fires: list[datetime]) -> dict[datetime, str]:
    if not fires:
        return {}
    rows = Fire.objects.filter(schedule=schedule, scheduled_at__range=(fires[0], fires[-1]), job_run__isnull=False)
    found: dict[datetime, str] = {}
    for at, status in rows.order_by("created_at").values_list("scheduled_at", "job_run__status"):
        if found.get(at) != _DONE:
            found[at] = status
    return found


@transaction.atomic
def start_backfill(
    *,
    schedule: Schedule,
    by: User,
    begin: datetime,
    end: datetime,
    missing_only: bool = False,
    concurrency: int = 1,
    parameters: Mapping[str, Any] | None = None,
) -> Backfill:
    """Run the fires of the range, the oldest first, in the name of whoever asks. Raises as `plan_backfill`."""
    require_may_run(schedule, by)
    planned = plan_backfill(schedule=schedule, begin=begin, end=end, missing_only=missing_only)
    backfill = Backfill.objects.create(
        schedule=schedule,
        begin=begin,
        end=end,
        concurrency=concurrency,
        parameters=dict(parameters or {}),
        created_by=by,
    )
    Fire.objects.bulk_create(
        Fire(schedule=schedule, backfill=backfill, scheduled_at=each.scheduled_at, window_start=each.window_start)
        for each in planned
    )
    publish(BackfillStarted(backfill_id=backfill.pk, schedule_id=schedule.pk, fires=len(planned), by=by.pk))
    return backfill


@transaction.atomic
def advance_backfill(*, backfill_id: UUID) -> bool:
    """Start what may start now, and end the backfill when all its runs are over; answers whether it is over."""
    backfill = (
        Backfill.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("schedule__run_as", "created_by")
        .filter(pk=backfill_id, status=Backfill.Status.RUNNING)
        .first()
    )
    if backfill is None:
        return False
    under_way = (
        backfill.fires.filter(status=Fire.Status.STARTED, job_run__isnull=False)
        .exclude(job_run__status__in=list(JOB_RUN_OVER))
        .count()
    )
    room = backfill.concurrency - under_way
    pending = backfill.fires.filter(status=Fire.Status.PENDING).order_by("scheduled_at")
    for fire in pending[: max(room, 0)]:
        under_way += start_fire(fire, backfill.schedule, backfill)
    if under_way or pending.exists():
        return False
    counts = progress(backfill)
    backfill.status = Backfill.Status.SUCCESS if counts["success"] == counts["total"] else Backfill.Status.FAILED
    backfill.finished_at = clock.now()
    backfill.save(update_fields=["status", "finished_at"])
    return True


@transaction.atomic
def cancel_backfill(*, backfill: Backfill, by: User) -> Backfill:
    """What has not begun never will, what runs is cancelled. Raises Conflict `already_finished`."""
    row = Backfill.objects.select_for_update(of=("self",)).get(pk=backfill.pk)
    if row.status != Backfill.Status.RUNNING:
        raise Conflict(f"The backfill is over: {row.status}", code="already_finished")
    row.fires.filter(status=Fire.Status.PENDING).update(status=Fire.Status.CANCELLED)
    for fire in row.fires.filter(status=Fire.Status.STARTED, job_run__isnull=False).select_related("job_run"):
        assert fire.job_run is not None
        try:
            if not fire.job_run.is_over:
                cancel_job_run(run_id=fire.job_run.pk, by=by)
        except Conflict as error:
            if error.code != "already_finished":  # it ended a moment ago, which is as good
                raise
    row.status, row.finished_at = Backfill.Status.CANCELLED, clock.now()
    row.save(update_fields=["status", "finished_at"])
    publish(BackfillCancelled(backfill_id=row.pk, schedule_id=row.schedule_id, by=by.pk))
    return row


def progress(backfill: Backfill) -> dict[str, int]:
    """How many fires stand how: `total`, `pending`, `running`, `success`, `failed`, `cancelled`."""
    return progress_of([backfill])[backfill.pk]


def progress_of(backfills: Collection[Backfill]) -> dict[UUID, dict[str, int]]:
    """The same of several, by their ids, in one query."""
    counts: dict[UUID, Counter[str]] = {backfill.pk: Counter() for backfill in backfills}
    standing = Fire.objects.filter(backfill__in=counts).order_by().values_list("backfill", "status", "job_run__status")
    for id, status, run, fires in standing.annotate(fires=Count("pk")):
        counts[id][_standing(status, run)] += fires
    return {id: {"total": each.total(), **{name: each[name] for name in STANDINGS}} for id, each in counts.items()}


STANDINGS = ("pending", "running", "success", "failed", "cancelled")


def _standing(status: str, run: str | None) -> str:
    if status != Fire.Status.STARTED:
        return {"skipped": "cancelled"}.get(status, status)
    return {None: "failed", "queued": "running"}.get(run, run or "failed")
