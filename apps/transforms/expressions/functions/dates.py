"""Functions of dates, times, time stamps and durations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from apps.nodes.columns import DATE, DATETIME, DURATION, INT64, STRING, TIME, DataType
from apps.transforms.expressions.functions.base import DAY, Function, Kind, Parameter

UNITS: Final = ("microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_UNIT: Final = Parameter("unit", "text", constant=True, choices=UNITS)
_FORMAT: Final = Parameter("format", "text", constant=True)
_FIXED_UNIT: Final = Parameter("unit", "text", constant=True, choices=UNITS[:7])
_YEAR_MONTH_DAY: Final = tuple(Parameter(name, "integer") for name in ("year", "month", "day"))


def _part(
    name: str, documentation: str, example: int, *aliases: str, kind: Kind = "date", method: str = ""
) -> Function:
    written = "TIME '13:45:07'" if kind == "clock" else "DATE '2024-03-10'"
    return Function(
        name, "dates", (Parameter("date", kind),), INT64, documentation, ((f"{name}({written})", example),),
        aliases=aliases, methods=(f"dt.{method or name}",),
    )  # fmt: skip


def _stays_or_stamps(arguments: Sequence[DataType]) -> DataType:
    return arguments[0]


FUNCTIONS: Final = (
    _part("year", "The year.", 2024),
    _part("quarter", "The quarter, 1 to 4.", 1),
    _part("month", "The month, 1 to 12.", 3),
    _part("week", "The week of the year by ISO 8601.", 10, "weekofyear"),
    _part("day", "The day of the month.", 10, "dayofmonth"),
    _part("weekday", "The day of the week by ISO 8601: Monday 1 to Sunday 7.", 7, "isodow", "dayofweek"),
    _part("ordinal_day", "The day of the year.", 70, "dayofyear", "doy"),
    _part("iso_year", "The year to which the ISO week belongs.", 2024, "isoyear"),
    _part("hour", "The hour.", 13, kind="clock"),
    _part("minute", "The minute.", 45, kind="clock"),
    _part("second", "The second, without its fraction.", 7, kind="clock"),
    _part("millisecond", "The thousandths of the second.", 0, kind="clock"),
    _part("microsecond", "The millionths of the second.", 0, kind="clock"),
    Function(
        "epoch", "dates", (DAY,), INT64, "Whole seconds since 1970-01-01 in UTC.",
        (("epoch(DATE '1970-01-02')", 86400),), methods=("dt.epoch",),
    ),
    Function(
        "to_date", "dates", (Parameter("value", "any"), Parameter("format", "text", "%Y-%m-%d", constant=True)), DATE,
        "A date from text, by ISO 8601 or a format of strftime, or the day of a time stamp. Fails on other text.",
        (("to_date('2024-03-10')", date(2024, 3, 10)), ("to_date('10/03/2024', '%d/%m/%Y')", date(2024, 3, 10))),
        aliases=("date",), methods=("str.to_date", "dt.date"), nulls="maybe",
    ),
    Function(
        "to_datetime", "dates", (Parameter("text", "text"), _FORMAT), DATETIME,
        "A time stamp from text by a format of strftime. Fails on text that does not fit.",
        (("to_datetime('10/03/2024 07:05', '%d/%m/%Y %H:%M')", datetime(2024, 3, 10, 7, 5)),),  # noqa: DTZ001
        aliases=("strptime",), methods=("str.to_datetime",), nulls="maybe",
    ),
    Function(
        "strftime", "dates", (Parameter("date", "temporal"), _FORMAT), STRING, "As text, by a format of strftime.",
        (("strftime(DATE '2024-03-10', '%d.%m.%Y')", "10.03.2024"),), aliases=("format_date",),
        methods=("dt.strftime", "dt.to_string"),
    ),
    Function(
        "date_trunc", "dates", (_UNIT, DAY), lambda kinds: kinds[1],
        "The start of the unit in which the date lies.",
        (("date_trunc('month', DATE '2024-03-10')", date(2024, 3, 1)),),
    ),
    Function(
        "date_add", "dates", (DAY, Parameter("n", "integer"), _UNIT), _stays_or_stamps,
        "So many units later; a day that the month has not becomes its last. Units below a day need a time stamp.",
        (("date_add(DATE '2024-01-31', 1, 'month')", date(2024, 2, 29)),),
    ),
    Function(
        "add_months", "dates", (DAY, Parameter("n", "integer")), _stays_or_stamps,
        "So many months later; a day that the month has not becomes its last.",
        (("add_months(DATE '2024-01-31', 1)", date(2024, 2, 29)),),
    ),
    Function(
        "date_diff", "dates", (_UNIT, Parameter("start", "date"), Parameter("end", "date")), INT64,
        "How many boundaries of the unit lie between two dates.",
        (("date_diff('day', DATE '2024-03-01', DATE '2024-03-10')", 9),
         ("date_diff('month', DATE '2024-01-31', DATE '2024-03-01')", 2)),
        aliases=("datediff",),
    ),
    Function(
        "last_day", "dates", (DAY,), DATE, "The last day of the month.",
        (("last_day(DATE '2024-02-10')", date(2024, 2, 29)),), methods=("dt.month_end",),
    ),
    Function(
        "make_date", "dates", _YEAR_MONTH_DAY,
        DATE, "A date from its parts; null where there is no such day.",
        (("make_date(2024, 3, 10)", date(2024, 3, 10)),), nulls="maybe",
    ),
    Function(
        "total_seconds", "dates", (Parameter("duration", "duration"),), INT64, "A duration in whole seconds.",
        (("total_seconds(INTERVAL '2 minutes')", 120),), methods=("dt.total_seconds",),
    ),
    Function(
        "total_days", "dates", (Parameter("duration", "duration"),), INT64, "A duration in whole days.",
        (("total_days(INTERVAL '50 hours')", 2),), methods=("dt.total_days",),
    ),
    Function(
        "at_time_zone", "dates", (Parameter("stamp", "date"), Parameter("zone", "text", constant=True)),
        DATETIME,
        "A time stamp in another zone: one with a zone is converted, one without is taken to be of that zone.",
        (("hour(at_time_zone(at_time_zone(TIMESTAMP '2024-03-10 12:00:00', 'UTC'), 'Asia/Tokyo'))", 21),),
        aliases=("timezone",), methods=("dt.convert_time_zone",), nulls="maybe",
    ),
    Function(
        "time_of_day", "dates", (Parameter("stamp", "clock"),), TIME, "The time of day of a time stamp.",
        (("strftime(time_of_day(TIMESTAMP '2024-03-10 12:30:00'), '%H:%M')", "12:30"),), methods=("dt.time",),
    ),
    Function(
        "to_duration", "dates", (Parameter("n", "integer"), _FIXED_UNIT),
        DURATION, "So many units as a duration.", (("total_seconds(to_duration(2, 'minute'))", 120),),
    ),
)  # fmt: skip
