"""Cron expressions, read strictly and laid on a time zone's clock.

Five fields (minute, hour, day of month, month, day of week) with names, ranges, steps, lists, `L` and `#`, or
one of `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. As in Vixie's cron, a day matches by either of day
of month and day of week if both are restricted.

What happens when clocks change is decided here, by two rules:
- A wall time that does not exist (clocks go forward) fires at the first instant after the gap, once, however
  many fires lie in the gap and whether or not another one falls on that instant.
- A wall time that exists twice (clocks go back) fires the first time only. The exception is a schedule of
  every hour (`*` in the hour field): it means a rhythm, so it keeps it through the hour that comes twice.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

LONGEST = 200
MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_LONGEST_FOLD = timedelta(hours=3)
_LAST = datetime(9900, 1, 1, tzinfo=UTC)


class InvalidTimetable(ValueError):
    """The text says what is wrong; `field` is where: `cron`, `timezone`, `every_seconds`."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Cron:
    """A checked expression of five fields; make it with `parse`."""

    expression: str

    @property
    def every_hour(self) -> bool:
        return self.expression.split()[1] == "*"

    def words(self) -> str:
        """The expression in English."""
        said: str = CronSim(self.expression, datetime(2000, 1, 1)).explain()  # noqa: DTZ001
        return said

    def instants(self, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Every fire later than the instant `after`, in UTC, growing."""
        if after >= _LAST:
            return
        waiting: list[datetime] = []
        last = after
        begin = after.astimezone(zone).replace(tzinfo=None) - (_LONGEST_FOLD if self.every_hour else timedelta())
        for wall in CronSim(self.expression, begin):
            found = _on_the_clock(wall, zone, again=self.every_hour)
            for each in found:
                heapq.heappush(waiting, each)
            # The second pass of an hour waits until the first is through.
            while waiting and waiting[0] <= found[0]:
                each = heapq.heappop(waiting)
                if each > last:
                    last = each
                    yield each


def _on_the_clock(wall: datetime, zone: ZoneInfo, *, again: bool) -> list[datetime]:
    """The instants at which clocks in the zone show this time, by the rules above; the first is the earliest."""
    first = wall.replace(tzinfo=zone, fold=0)
    second = wall.replace(tzinfo=zone, fold=1)
    early, late = first.astimezone(UTC), second.astimezone(UTC)
    if early == late:
        return [early]
    if early < late:  # it comes twice
        return [early, late] if again else [early]
    return [_end_of_gap(late, early, zone)]


def _end_of_gap(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the zone's offset jumps, which lies between the two."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def parse(text: str) -> Cron:
    """Raises InvalidTimetable that names the field of the expression that is wrong."""
    written = " ".join(text.split())
    if not 0 < len(written) <= LONGEST:
        raise InvalidTimetable(f"a cron expression has 1 to {LONGEST} characters", field="cron")
    if written.startswith("@"):
        expanded = MACROS.get(written.lower())
        if expanded is None:
            raise InvalidTimetable(f"{written!r} is not known; there are {', '.join(MACROS)}", field="cron")
        written = expanded
    fields = len(written.split())
    if fields != 5:
        raise InvalidTimetable(
            f"a cron expression has 5 fields (minute, hour, day of month, month, day of week), not {fields}",
            field="cron",
        )
    try:
        sim = CronSim(written, datetime(2000, 1, 1))  # noqa: DTZ001
        next(sim)
    except CronSimError as error:
        raise InvalidTimetable(f"{str(error).replace('Bad', 'wrong')} in {written!r}", field="cron") from error
    except StopIteration:
        raise InvalidTimetable(f"{written!r} never fires", field="cron") from None
    return Cron(written)
