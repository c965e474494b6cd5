"""How long a node will take: models compared on recorded runs, and the one that was chosen."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

import pytest

from apps.executions.core.durations import MODELS, RECENT, Past, middle, middle_line, quantile, span

RECORDED = json.loads((Path(__file__).parent / "data" / "forecast_history.json").read_text())
"""Runs in their order: `ms` of the whole and, by node, [rows, ms]."""
MEASURED = ("flights", "sorted", "delays", "ranks", "days")
FIRST = 8
"""Runs that are history only."""


@dataclass(frozen=True)
class Judgement:
    whole: float
    """Sum of the errors by the sum of the times."""
    one: float
    """Median of the errors of one node, each by its time."""
    inside: float
    """Part of the times that fell into the interval."""


def judge(name: str) -> Judgement:
    """Tell each node's time from the runs before it, as the product does."""
    wrong, times, inside = [], [], []
    for node in MEASURED:
        for place in range(FIRST, len(RECORDED)):
            before = RECORDED[max(0, place - RECENT) : place][::-1]
            history = [Past(ms=run["nodes"][node][1], rows=run["nodes"][node][0]) for run in before]
            rows, ms = RECORDED[place]["nodes"][node]
            told = span(history, rows, MODELS[name])
            assert told is not None
            wrong.append(abs(told.expected - ms))
            times.append(ms)
            inside.append(told.low <= ms <= told.high)
    ratios = [error / max(ms, 1) for error, ms in zip(wrong, times, strict=True)]
    return Judgement(sum(wrong) / sum(times), statistics.median(ratios), sum(inside) / len(inside))


@pytest.fixture(scope="module")
def judged() -> dict[str, Judgement]:
    return {name: judge(name) for name in MODELS}


def test_the_median_line_is_chosen_because_nothing_is_less_wrong(judged: dict[str, Judgement]) -> None:
    chosen = judged["median line"]
    assert chosen.whole <= min(each.whole for each in judged.values()) * 1.05
    assert chosen.whole < judged["median"].whole / 2
    assert chosen.whole < judged["last run"].whole / 2
    assert chosen.one < 0.3


def test_four_of_five_recorded_times_fall_into_the_interval(judged: dict[str, Judgement]) -> None:
    assert 0.7 <= judged["median line"].inside <= 0.95


def test_one_run_that_was_held_up_bends_the_line_little() -> None:
    history = [Past(ms=rows / 10, rows=rows) for rows in (1000, 2000, 3000, 4000, 5000, 6000)]
    held_up = [Past(ms=60_000, rows=2000), *history]
    assert middle_line(held_up, 10_000) == pytest.approx(1000, rel=0.1)
    assert MODELS["least squares"](held_up, 10_000) == 0


def test_more_rows_never_make_it_shorter_and_no_time_is_below_nothing() -> None:
    falling = [Past(ms=500 - rows, rows=rows) for rows in (100, 200, 300, 400)]
    assert middle_line(falling, 10_000) == middle_line(falling, 100) == 250
    steep = [Past(ms=100 * rows, rows=rows) for rows in (10, 20, 30, 40)]
    assert middle_line([Past(ms=each.ms - 900, rows=each.rows) for each in steep], 1) == 0


@pytest.mark.parametrize(
    ("history", "rows"),
    [
        ([Past(10, 5), Past(30, 50), Past(20, 500)], 5000),  # too few for a line
        ([Past(10, 5), Past(30, 5), Past(20, 5), Past(20, 5)], 50),  # all of one size
        ([Past(10), Past(30), Past(20), Past(20)], 50),
        ([Past(10, 5), Past(30, 50), Past(20, 500), Past(20, 1)], None),
    ],
)
def test_where_rows_say_nothing_it_is_the_median(history: list[Past], rows: int | None) -> None:
    assert middle_line(history, rows) == middle(history, rows) == 20


def test_without_history_nothing_is_said() -> None:
    assert span([]) is None


def test_one_run_gives_no_more_than_itself() -> None:
    told = span([Past(80, 10)], 10)
    assert told is not None
    assert (told.low, told.expected, told.high) == (80, 80, 80)


def test_quantiles_lie_between_neighbours() -> None:
    assert [quantile([10, 20, 40], part) for part in (0, 0.5, 0.75, 1)] == [10, 20, 30, 40]
