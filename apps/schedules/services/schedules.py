"""Making, changing and deleting schedules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.kernel.errors import FieldError, Invalid
from apps.schedules.clock import database_now
from apps.schedules.core.cron import InvalidTimetable
from apps.schedules.core.timetables import next_fires
from apps.schedules.models import Backfill, Fire, Schedule
from apps.schedules.services import saving

_WHEN = frozenset({"cron", "timezone", "every_seconds", "anchor", "starts_at"})
"""Fields whose change makes another timetable: what it would have fired before now is not caught up with."""


@transaction.atomic
def create_schedule(*, target: Any, by: User, **fields: Any) -> Schedule:
    """A schedule of a job or a job package, from now on. Raises Invalid, Forbidden."""
    schedule = saving.aimed(Schedule(**fields), target, by=by)
    _begin(schedule)
    schedule.save(force_insert=True)
    saving.tell_created(schedule, by)
    return schedule


@transaction.atomic
def change_schedule(*, schedule: Schedule, by: User, changes: Mapping[str, Any]) -> Schedule:
    """Change, pause (`enabled` false) or go on. What a pause left out is caught up with as the policy says.
    Raises Invalid, Forbidden."""
    row = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    changed = saving.change(row, changes, by=by)
    if _WHEN & set(changed):
        if "cron" in changed and row.cron and "every_seconds" not in changes:
            row.every_seconds = None
        if "every_seconds" in changed and row.every_seconds is not None and "cron" not in changes:
            row.cron = ""
        _begin(row)
    else:
        row.next_fire_at = next_fire(row)
    row.save()
    saving.tell_changed(row, by, changed)
    return row


@transaction.atomic
def delete_schedule(*, schedule: Schedule, by: User) -> None:
    """It fires no more; what waits to be started never is. Runs under way go on."""
    row = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    row.next_fire_at = None
    row.save(update_fields=["next_fire_at"])
    Fire.objects.filter(schedule=row, status=Fire.Status.PENDING).update(status=Fire.Status.CANCELLED, reason="deleted")
    Backfill.objects.filter(schedule=row, status=Backfill.Status.RUNNING).update(status=Backfill.Status.CANCELLED)
    saving.delete(row, by=by)


def next_fire(schedule: Schedule) -> datetime | None:
    """The first fire that is not decided yet, which may be past; None while it is paused or once it has ended."""
    if not schedule.enabled or schedule.deleted_at is not None:
        return None
    found = next_fires(schedule.timetable, undecided_from(schedule), 1, until=schedule.ends_at)
    return found[0] if found else None


def undecided_from(schedule: Schedule) -> datetime:
    """Fires later than this are not decided."""
    if schedule.starts_at is None:
        return schedule.decided_until
    return max(schedule.decided_until, schedule.starts_at - timedelta(microseconds=1))


def _begin(schedule: Schedule) -> None:
    """Check the timetable and let it begin now."""
    if bool(schedule.cron) == (schedule.every_seconds is not None):
        message = "give either cron or every_seconds"
        raise Invalid(errors=[FieldError("cron", "invalid", message), FieldError("every_seconds", "invalid", message)])
    if schedule.starts_at is not None and schedule.ends_at is not None and schedule.ends_at <= schedule.starts_at:
        raise Invalid(errors=[FieldError("ends_at", "invalid", "it ends before it starts")])
    now = database_now()
    if schedule.every_seconds is not None and schedule.anchor is None:
        schedule.anchor = schedule.starts_at or now.replace(microsecond=0)
    schedule.decided_until = now
    try:
        schedule.next_fire_at = next_fire(schedule)
    except InvalidTimetable as error:
        raise Invalid(errors=[FieldError(error.field, "invalid", str(error))]) from error
