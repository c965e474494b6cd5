"""The bench's own arithmetic: a wrong ruler measures nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import harness
from tests.bench.harness import Figure, Measurement, interleaved, percentile, table, write


def speed(goal: float, better: harness.Better) -> Figure:
    return Figure("speed", "ratio", goal, better, lambda bench: Measurement(0))  # noqa: ARG005


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, 0.95) == 95
    assert percentile(values, 0.5) == 50
    assert percentile([7.0], 0.95) == 7
    assert percentile([3.0, 1.0, 2.0], 1) == 3


def test_a_ratio_is_judged_in_the_figures_direction() -> None:
    ratio = Measurement.against(1.2, 1.0)
    assert speed(1.3, "lower").result(ratio)["met"]
    assert not speed(1.3, "higher").result(ratio)["met"]
    assert speed(1.3, "lower").result(ratio)["ratio"] == pytest.approx(1.2)
    assert speed(1.3, "lower").result(Measurement(5))["ratio"] is None


def test_interleaving_takes_turns_and_leaves_the_first_round_out() -> None:
    order: list[str] = []
    ours, theirs = iter([100.0, 1, 2, 3]), iter([100.0, 10, 20, 30])

    def first() -> float:
        order.append("ours")
        return next(ours)

    def second() -> float:
        order.append("theirs")
        return next(theirs)

    assert interleaved(first, second, rounds=3) == (2, 20)
    assert order == ["ours", "theirs", "theirs", "ours", "ours", "theirs", "theirs", "ours"]


def test_measuring_one_figure_keeps_what_is_known_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write([{"name": "a", "value": 1}, {"name": "b", "value": 2}], path)
    write([{"name": "a", "value": 3}], path)
    assert {each["name"]: each["value"] for each in json.loads(path.read_text())} == {"a": 3, "b": 2}


def test_the_table_says_which_goals_were_missed() -> None:
    printed = table([speed(0.9, "higher").result(Measurement(0.5, note="slow"))])
    assert "NO" in printed
    assert "≥ 0.9" in printed
    assert printed.endswith("slow")
