"""When a schedule fires, above all where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.schedules.core.cron import InvalidTimetable, parse
from apps.schedules.core.timetables import (
    IntervalTimetable,
    cron_timetable,
    fires_between,
    interval_timetable,
    last_fires,
    next_fires,
    previous_fire,
    window,
)

ZURICH = "Europe/Zurich"  # forward at 2026-03-29 02:00, back at 2026-10-25 03:00
APIA = "Pacific/Apia"  # had no 2011-12-30
LORD_HOWE = "Australia/Lord_Howe"  # shifts by half an hour


def at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def walls(cron: str, zone: str, day: str, count: int) -> list[str]:
    """The next fires after midnight of a day there, as clocks there show them with their offset."""
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)
    fires = next_fires(cron_timetable(cron, zone), start.astimezone(UTC), count)
    return [fire.astimezone(ZoneInfo(zone)).strftime("%d %H:%M %z") for fire in fires]


@pytest.mark.parametrize(
    ("cron", "first"),
    [
        ("0 9 * * MON-FRI", "2026-11-23T09:00"),
        ("*/15 * * * *", "2026-11-21T12:15"),
        ("0 0 29 feb *", "2028-02-29T00:00"),
        ("0 0 1 * 1", "2026-11-23T00:00"),  # the first of a month, or a Monday
        ("0 0 L * *", "2026-11-30T00:00"),
        ("0 12 * * 5#1", "2026-12-04T12:00"),
        ("@daily", "2026-11-22T00:00"),
        ("@YEARLY", "2027-01-01T00:00"),
        ("0 0 * * 7", "2026-11-22T00:00"),
    ],
)
def test_expressions_fire_when_they_say(cron: str, first: str) -> None:
    assert next_fires(cron_timetable(cron, "UTC"), at("2026-11-21T12:00"), 1) == [at(first)]


@pytest.mark.parametrize(
    ("cron", "says"),
    [
        ("60 * * * *", "wrong minute"),
        ("* 24 * * *", "wrong hour"),
        ("0 0 31 2 *", "wrong day-of-month"),
        ("0 0 * 13 *", "wrong month"),
        ("0 0 * * 8", "wrong day-of-week"),
        ("* * * *", "5 fields"),
        ("0 * * * * *", "5 fields"),
        ("@reboot", "not known"),
        ("", "1 to 200 characters"),
        ("1,2" * 200, "1 to 200 characters"),
        ("٣ * * * *", "wrong minute"),
    ],
)
def test_a_wrong_expression_says_where(cron: str, says: str) -> None:
    with pytest.raises(InvalidTimetable, match=says):
        parse(cron)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "Europe\0Zurich", "x" * 99])
def test_a_zone_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InvalidTimetable) as refused:
        cron_timetable("@daily", name)
    assert refused.value.field == "timezone"


def test_a_time_that_does_not_exist_fires_at_the_next_instant_that_does_once() -> None:
    assert walls("30 2 * * *", ZURICH, "2026-03-28", 3) == ["28 02:30 +0100", "29 03:00 +0200", "30 02:30 +0200"]
    assert walls("*/20 2 * * *", ZURICH, "2026-03-29", 2) == ["29 03:00 +0200", "30 02:00 +0200"]
    assert walls("0 2,3 * * *", ZURICH, "2026-03-29", 2) == ["29 03:00 +0200", "30 02:00 +0200"]
    assert walls("0 12 * * *", APIA, "2011-12-29", 3) == ["29 12:00 -1000", "31 00:00 +1400", "31 12:00 +1400"]


def test_a_time_that_exists_twice_fires_the_first_time() -> None:
    assert walls("30 2 * * *", ZURICH, "2026-10-24", 3) == ["24 02:30 +0200", "25 02:30 +0200", "26 02:30 +0100"]
    assert walls("*/30 2 * * *", ZURICH, "2026-10-25", 3) == ["25 02:00 +0200", "25 02:30 +0200", "26 02:00 +0100"]
    assert walls("45 1 * * *", LORD_HOWE, "2026-04-05", 2) == ["05 01:45 +1100", "06 01:45 +1030"]


def test_every_hour_keeps_its_rhythm_through_the_hour_that_comes_twice() -> None:
    assert walls("0 * * * *", ZURICH, "2026-10-25", 5) == [
        "25 00:00 +0200", "25 01:00 +0200", "25 02:00 +0200", "25 02:00 +0100", "25 03:00 +0100",
    ]  # fmt: skip
    fires = next_fires(cron_timetable("*/15 * * * *", ZURICH), at("2026-10-24T22:00"), 40)
    assert {b - a for a, b in pairwise(fires)} == {timedelta(minutes=15)}
    spring = next_fires(cron_timetable("*/15 * * * *", ZURICH), at("2026-03-28T22:00"), 40)
    assert {b - a for a, b in pairwise(spring)} == {timedelta(minutes=15)}


def test_it_goes_on_from_the_middle_of_the_hour_that_comes_twice() -> None:
    every = cron_timetable("*/30 * * * *", ZURICH)
    assert next_fires(every, at("2026-10-25T00:45"), 3) == [
        at("2026-10-25T01:00"), at("2026-10-25T01:30"), at("2026-10-25T02:00"),
    ]  # fmt: skip
    once = cron_timetable("30 2 * * *", ZURICH)
    assert next_fires(once, at("2026-10-25T00:30"), 1) == [at("2026-10-26T01:30")]


def test_an_interval_counts_elapsed_time_from_its_anchor() -> None:
    anchored = interval_timetable(5400, at("2026-03-28T23:10:05+01:00"))
    assert next_fires(anchored, at("2026-03-29T00:00"), 3) == [
        at("2026-03-29T01:10:05"), at("2026-03-29T02:40:05"), at("2026-03-29T04:10:05"),
    ]  # fmt: skip
    assert next_fires(anchored, at("2026-03-20T00:00"), 1)[0] > at("2026-03-20T00:00")  # before the anchor, too
    for seconds in (0, -5, 9, 400 * 86_400):
        with pytest.raises(InvalidTimetable):
            interval_timetable(seconds, at("2026-01-01T00:00"))


def test_a_fire_stands_for_the_time_since_the_one_before() -> None:
    daily = cron_timetable("0 2 * * *", ZURICH)
    assert window(daily, at("2026-03-30T00:00")) == (at("2026-03-29T01:00"), at("2026-03-30T00:00"))
    yearly = cron_timetable("0 0 29 2 *", "UTC")
    assert previous_fire(yearly, at("2028-02-29T00:00")) == at("2024-02-29T00:00")


def test_words_are_english() -> None:
    assert cron_timetable("0 9 * * MON-FRI", ZURICH).words() == (
        "At 09:00 on Monday through Friday, Europe/Zurich time"
    )
    assert IntervalTimetable(timedelta(seconds=60), at("2026-01-01T00:00")).words() == "Every minute"
    assert IntervalTimetable(timedelta(seconds=5400), at("2026-01-01T00:00")).words() == "Every 1 hour and 30 minutes"
    assert IntervalTimetable(timedelta(days=2), at("2026-01-01T00:00")).words() == "Every 2 days"


ZONES = st.sampled_from([ZURICH, "America/New_York", APIA, LORD_HOWE, "Africa/Casablanca", "Asia/Kathmandu", "UTC"])
MOMENTS = st.integers(1_230_768_000, 1_956_528_000).map(lambda second: datetime.fromtimestamp(second, UTC))
MINUTES = st.sampled_from(["0", "*/7", "30", "15,45", "*", "10-20"])
HOURS = st.sampled_from(["*", "2", "*/3", "1-3", "0,12"])
DAYS = st.sampled_from(["*", "1", "*/5", "15,L"])
WEEKDAYS = st.sampled_from(["*", "0", "1-5", "5#2"])
CRONS = st.builds(lambda m, h, d, w: f"{m} {h} {d} * {w}", MINUTES, HOURS, DAYS, WEEKDAYS)


@given(CRONS, ZONES, MOMENTS)
@settings(max_examples=150, deadline=None)
def test_fires_grow_and_each_is_what_clocks_show_or_the_end_of_a_gap(cron: str, zone: str, after: datetime) -> None:
    fires = next_fires(cron_timetable(cron, zone), after, 20)
    assert fires
    assert all(a < b for a, b in pairwise([after, *fires]))
    where = ZoneInfo(zone)
    for fire in fires:
        wall = fire.astimezone(where).replace(tzinfo=None)
        gap = fire.astimezone(where).utcoffset() != (fire - timedelta(seconds=1)).astimezone(where).utcoffset()
        shown = next(parse(cron).instants(wall.replace(tzinfo=UTC) - timedelta(seconds=1), ZoneInfo("UTC")))
        assert gap or shown == wall.replace(tzinfo=UTC)


@given(CRONS, ZONES, MOMENTS, st.integers(1, 5_000))
@settings(max_examples=100, deadline=None)
def test_two_schedulers_that_look_at_different_times_agree(cron: str, zone: str, start: datetime, minutes: int) -> None:
    """What is asked for in two parts is what is asked for at once: no fire is missed or doubled at the seam."""
    timetable = cron_timetable(cron, zone)
    seam, end = start + timedelta(minutes=minutes), start + timedelta(minutes=minutes + 3_000)
    whole = fires_between(timetable, start, end, limit=10_000)
    parts = fires_between(timetable, start, seam, limit=10_000) + fires_between(timetable, seam, end, limit=10_000)
    assert parts == whole
    assert (
        last_fires(timetable, start, end - timedelta(microseconds=1), 7)
        == [fire for fire in whole if fire > start][-7:]
    )
    for a, b in islice(pairwise(whole), 5):
        assert previous_fire(timetable, b) == a


@given(ZONES, st.integers(2009, 2031))
@settings(max_examples=40, deadline=None)
def test_a_daily_time_fires_once_on_every_day_of_every_year(zone: str, year: int) -> None:
    fires = fires_between(
        cron_timetable("17 2 * * *", zone), datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC),
        limit=1000,
    )  # fmt: skip
    days = [fire.astimezone(ZoneInfo(zone)).date() for fire in fires]
    gone = 1 if (zone, year) == (APIA, 2011) else 0  # the day that was skipped fires at the start of the next
    assert len(fires) in (365, 366)
    assert len(set(days)) >= len(fires) - gone


def test_looking_for_the_last_of_a_year_of_minutes_walks_through_few() -> None:
    every = cron_timetable("* * * * *", ZURICH)
    end = at("2026-11-21T12:00")
    assert last_fires(every, end - timedelta(days=366), end, 3) == [
        end - timedelta(minutes=2), end - timedelta(minutes=1), end,
    ]  # fmt: skip
