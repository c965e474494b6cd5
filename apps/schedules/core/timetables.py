"""When a schedule fires: by a cron expression or at an interval. Instants are aware, in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, islice, takewhile
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.schedules.core.cron import Cron, InvalidTimetable, parse

SHORTEST_SECONDS = 10
LONGEST_SECONDS = 366 * 86_400
_SPANS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 7 * 24, 32 * 24, 367 * 24, 9 * 366 * 24))


class Timetable(Protocol):
    def after(self, moment: datetime) -> Iterator[datetime]:
        """Every fire later than the moment, growing; ends only where the calendar does."""
        ...

    def words(self) -> str:
        """In English."""
        ...


@dataclass(frozen=True, slots=True)
class CronTimetable:
    cron: Cron
    zone: ZoneInfo

    def after(self, moment: datetime) -> Iterator[datetime]:
        return self.cron.instants(moment, self.zone)

    def words(self) -> str:
        return f"{self.cron.words()}, {self.zone.key} time"


@dataclass(frozen=True, slots=True)
class IntervalTimetable:
    """Every so often, counted from the anchor in elapsed time: clocks that change do not matter."""

    every: timedelta
    anchor: datetime

    def after(self, moment: datetime) -> Iterator[datetime]:
        anchor = self.anchor.astimezone(UTC)
        n = (moment - anchor) // self.every + 1
        while True:
            try:
                yield anchor + n * self.every
            except OverflowError:
                return
            n += 1

    def words(self) -> str:
        return f"Every {_length(int(self.every.total_seconds()))}"


def cron_timetable(cron: str, timezone: str) -> CronTimetable:
    """Raises InvalidTimetable."""
    return CronTimetable(parse(cron), zone_named(timezone))


def interval_timetable(every_seconds: int, anchor: datetime) -> IntervalTimetable:
    """Raises InvalidTimetable."""
    if not SHORTEST_SECONDS <= every_seconds <= LONGEST_SECONDS:
        raise InvalidTimetable(
            f"an interval is {SHORTEST_SECONDS} to {LONGEST_SECONDS} seconds long", field="every_seconds"
        )
    return IntervalTimetable(timedelta(seconds=every_seconds), anchor)


def zone_named(name: str) -> ZoneInfo:
    """Raises InvalidTimetable."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        shown = name if len(name) <= 60 else f"{name[:57]}…"
        raise InvalidTimetable(
            f"there is no time zone {shown!r}; give one like Europe/Zurich or UTC", field="timezone"
        ) from error


def next_fires(timetable: Timetable, after: datetime, count: int, *, until: datetime | None = None) -> list[datetime]:
    """The next fires later than `after` and not later than `until`, at most `count`."""
    found = timetable.after(after)
    return list(islice(found if until is None else takewhile(lambda fire: fire <= until, found), count))


def fires_between(timetable: Timetable, start: datetime, end: datetime, *, limit: int) -> list[datetime]:
    """The first fires at `start` or later, and before `end`, at most `limit`."""
    fires = dropwhile(lambda fire: fire < start, timetable.after(start - timedelta(seconds=1)))
    return list(islice(takewhile(lambda fire: fire < end, fires), limit))


def last_fires(timetable: Timetable, after: datetime, until: datetime, count: int) -> list[datetime]:
    """The last fires later than `after` and not later than `until`, growing, at most `count`. It does not
    walk through the whole time: a year of minutes costs no more than the minutes that are asked for."""
    if until <= after:
        return []
    found: list[datetime] = []
    for span in _SPANS:
        begin = max(after, until - span)
        found = list(takewhile(lambda fire: fire <= until, timetable.after(begin)))
        if len(found) >= count or begin == after:
            return found[-count:]
    return found[-count:]


def previous_fire(timetable: Timetable, moment: datetime) -> datetime | None:
    """The last fire earlier than the moment; None if there was none for nine years."""
    found = last_fires(timetable, moment - _SPANS[-1], moment - timedelta(microseconds=1), 1)
    return found[0] if found else None


def window(timetable: Timetable, fire: datetime) -> tuple[datetime, datetime]:
    """The time that a fire stands for: from the fire before it to itself."""
    return previous_fire(timetable, fire) or fire, fire


def _length(seconds: int) -> str:
    parts: list[str] = []
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}s" if count > 1 else name if not parts and not seconds else f"1 {name}")
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
