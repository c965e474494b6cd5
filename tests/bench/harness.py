"""Figures: how one is declared, measured, judged and written.

A module of this folder declares figures with `@figure(…)`; the function gets a `Bench` and answers a
`Measurement`. `make bench` runs them all, `make bench ONLY=name` one.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.bench.stack import Bench

RESULTS = Path(__file__).resolve().parents[2] / ".bench" / "results.json"
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """`value` in the figure's unit. `baseline`, in the unit of `raw`, is what it was measured against:
    then `value` is the ratio of both, and so is what the goal judges. `note` says how it came about."""

    value: float
    baseline: float | None = None
    note: str = ""

    @classmethod
    def against(cls, raw: float, baseline: float, note: str = "") -> Measurement:
        """A ratio: `raw` divided by `baseline`, both in the same unit."""
        return cls(raw / baseline, baseline, f"{raw:.3g} against {baseline:.3g}{note and ', ' + note}")


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    unit: str
    goal: float
    better: Better
    measure: Callable[[Bench], Measurement]

    def met(self, value: float) -> bool:
        return value >= self.goal if self.better == "higher" else value <= self.goal

    def result(self, measured: Measurement) -> dict[str, Any]:
        """An entry of the results file."""
        return {
            "name": self.name,
            "value": measured.value,
            "unit": self.unit,
            "baseline": measured.baseline,
            "ratio": measured.value if measured.baseline is not None else None,
            "goal": self.goal,
            "better": self.better,
            "met": self.met(measured.value),
            "note": measured.note,
        }


FIGURES: dict[str, Figure] = {}


def figure(
    name: str, *, unit: str, goal: float, better: Better
) -> Callable[[Callable[[Bench], Measurement]], Callable[[Bench], Measurement]]:
    """Declare a figure; `goal` is in `unit` (`ratio` for what is compared with a peer in the same run)."""

    def declare(measure: Callable[[Bench], Measurement]) -> Callable[[Bench], Measurement]:
        if name in FIGURES:
            raise ValueError(f"the figure {name} is declared twice")
        FIGURES[name] = Figure(name, unit, goal, better, measure)
        return measure

    return declare


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def interleaved(first: Callable[[], float], second: Callable[[], float], *, rounds: int) -> tuple[float, float]:
    """Medians of two measurements taken in turns, so that a noisy minute hits both; one round warms up."""
    first(), second()
    pairs = [(first(), second()) if turn % 2 else (second(), first())[::-1] for turn in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def write(results: Sequence[dict[str, Any]], path: Path = RESULTS) -> None:
    """Write the results; figures that were not measured this time keep what was known of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(path.read_text()) if path.exists() else []
    fresh = {each["name"] for each in results}
    path.write_text(json.dumps([*(each for each in before if each["name"] not in fresh), *results], indent=1))


def table(results: Sequence[dict[str, Any]]) -> str:
    """The results as text."""
    lines = [f"{'figure':<22} {'value':>12} {'unit':<6} {'goal':>12}  met  how"]
    for each in results:
        sign = "≥" if each["better"] == "higher" else "≤"
        goal = f"{sign} {each['goal']:g}"
        met = "yes" if each["met"] else "NO"
        lines.append(f"{each['name']:<22} {each['value']:>12.3f} {each['unit']:<6} {goal:>12}  {met:<4} {each['note']}")
    return "\n".join(lines)
