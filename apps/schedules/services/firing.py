"""From what is due to runs, once each, however many schedulers look.

First a fire is claimed: its row, which is unique, and the schedule's cursor are written in one transaction.
Then it is started: the run and the fire's new status are written in one transaction. Whoever is killed in
between leaves a claimed fire, which the next look starts.
"""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.db import DatabaseError, transaction

from apps.executions.bodies import moment
from apps.executions.core.job_runs import JOB_RUN_OVER
from apps.executions.core.records import Failure
from apps.kernel.errors import UzoError
from apps.schedules.clock import database_now
from apps.schedules.core.catching_up import GRACE, CatchUp, Overlap, enough_to_sort, sort_out
from apps.schedules.core.cron import InvalidTimetable
from apps.schedules.core.timetables import last_fires, previous_fire
from apps.schedules.models import Backfill, Fire, Schedule
from apps.schedules.services.schedules import next_fire, undecided_from
from apps.schedules.services.starting import is_living, start_target

logger = logging.getLogger(__name__)
QUEUE_LIMIT = 100
"""Fires of one schedule that wait for the run before them; older ones are given up."""
_STARTS_AT_ONCE = 20


@transaction.atomic
def claim_due(*, schedule_id: UUID) -> int:
    """Decide what is due of a schedule; answers how many fires will start. None while another decides."""
    now = database_now()
    schedule = (
        Schedule.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=schedule_id, deleted_at=None, next_fire_at__lte=now)
        .first()
    )
    if schedule is None:
        return 0
    until = now if schedule.ends_at is None else min(now, schedule.ends_at)
    policy, limit = CatchUp(schedule.catch_up), schedule.catch_up_limit
    try:
        fires = last_fires(schedule.timetable, undecided_from(schedule), until, enough_to_sort(policy, limit))
        if not is_living(schedule):
            fires = []  # while its job is deleted nothing is due, and nothing will have been missed
        due = sort_out(fires, now, policy=policy, limit=limit)
        rows = _rows(schedule, fires, due.run, now) + _rows(schedule, fires, due.skip, now, missed=True)
        Fire.objects.bulk_create(rows, ignore_conflicts=True)
        schedule.decided_until = max(schedule.decided_until, until)
        schedule.next_fire_at = next_fire(schedule)
    except InvalidTimetable as error:
        logger.warning("schedule %s cannot fire any more: %s", schedule_id, error)
        schedule.next_fire_at = None
        due = sort_out((), now, policy=policy, limit=limit)
    schedule.save(update_fields=["decided_until", "next_fire_at"])
    return len(due.run)


def _rows(
    schedule: Schedule, fires: list[datetime], chosen: tuple[datetime, ...], now: datetime, *, missed: bool = False
) -> list[Fire]:
    before = {fire: start for start, fire in pairwise(fires)}
    return [
        Fire(
            schedule=schedule,
            scheduled_at=fire,
            window_start=before.get(fire) or previous_fire(schedule.timetable, fire) or fire,
            late=fire < now - GRACE,
            status=Fire.Status.SKIPPED if missed else Fire.Status.PENDING,
            reason="missed" if missed else "",
        )
        for fire in chosen
    ]


def start_pending(*, schedule_id: UUID) -> int:
    """Start claimed fires of a schedule, the oldest first, as its policy on overlap lets; answers how many."""
    started = 0
    for _ in range(_STARTS_AT_ONCE):
        done = _start_next(schedule_id)
        if done is None:
            break
        started += done
    return started


@transaction.atomic
def _start_next(schedule_id: UUID) -> bool | None:
    """Start or give up the oldest claimed fire; None where nothing can be done now."""
    schedule = (
        Schedule.objects.select_for_update(of=("self",), skip_locked=True).select_related("run_as").filter(
            pk=schedule_id
        )
    ).first()  # fmt: skip
    if schedule is None:
        return None
    pending = Fire.objects.filter(schedule=schedule, backfill=None, status=Fire.Status.PENDING)
    fire = pending.order_by("scheduled_at").first()
    if fire is None:
        return None
    overlap = Overlap(schedule.overlap)
    if overlap is not Overlap.ALLOW and _under_way(schedule):
        # What is caught up with waits its turn, or catching up with all would run only one.
        if overlap is Overlap.QUEUE or fire.late:
            if pending.count() <= QUEUE_LIMIT or fire.late:
                return None
            return _give_up(fire, "queue_full")
        return _give_up(fire, "overlap")
    return start_fire(fire, schedule)


def _under_way(schedule: Schedule) -> bool:
    started = Fire.objects.filter(schedule=schedule, backfill=None, status=Fire.Status.STARTED)
    return started.filter(job_run__isnull=False).exclude(job_run__status__in=list(JOB_RUN_OVER)).exists()


def _give_up(fire: Fire, reason: str) -> bool:
    fire.status, fire.reason = Fire.Status.SKIPPED, reason
    fire.save(update_fields=["status", "reason"])
    return False


def start_fire(fire: Fire, schedule: Schedule, backfill: Backfill | None = None) -> bool:
    """Start the run of a claimed fire, or say on it why not. Call it in a transaction that holds the schedule's
    lock (a backfill's: the backfill's)."""
    kind, target_id = schedule.target
    parameters = {
        **schedule.parameters,
        **(backfill.parameters if backfill is not None else {}),
        "scheduled_at": moment(fire.scheduled_at),
        "window_start": moment(fire.window_start),
        "window_end": moment(fire.scheduled_at),
    }
    try:
        with transaction.atomic():
            fire.job_run = start_target(
                kind=kind,
                target_id=target_id,
                run_as=schedule.run_as if backfill is None else backfill.created_by,
                parameters=parameters,
                environment=schedule.environment,
                trigger="schedule" if backfill is None else "backfill",
            ).job_run
    except DatabaseError:
        raise  # nothing was decided: the next look tries again
    except Exception as error:
        if not isinstance(error, UzoError):
            logger.exception("fire %s of schedule %s cannot be started", fire.pk, schedule.pk)
        fire.status, fire.error = Fire.Status.FAILED, Failure.of(error).as_json()
        fire.job_run = None
    else:
        fire.status, fire.started_at = Fire.Status.STARTED, database_now()
    fire.save(update_fields=["status", "error", "job_run", "started_at"])
    return fire.status == Fire.Status.STARTED
