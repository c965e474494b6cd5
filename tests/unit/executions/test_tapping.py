"""Rows counted as they pass: always the number that a count of their own would give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.executions.core.engine import Execution
from apps.executions.core.tapping import Taps
from tests.unit.harbour import diagram, execute, node

ROWS = 600_000
"""Enough for several batches: whoever stops early has then seen some rows only."""


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("manifest") / "n.arrow"
    pl.DataFrame({"n": range(ROWS)}).write_ipc(path, record_batch_size=50_000)
    return str(path)


def counts(execution: Execution) -> dict[str, int | None]:
    assert execution.outcome is not None
    assert execution.outcome.error is None
    return {node_id: state.rows_out for node_id, state in execution.states.items()}


def transform(node_id: str, operation: str, **config: Any) -> dict[str, Any]:
    return node(node_id, operation, category="transform", **config)


def test_a_chain_is_counted_as_it_passes(manifest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[int] = []
    together = pl.collect_all
    monkeypatch.setattr(pl, "collect_all", lambda frames, **how: plans.append(len(frames)) or together(frames, **how))
    drawn = diagram(
        [node("ida", "file", path=manifest), node("some", "above", above=99_999), node("more", "add", add=1),
         node("few", "above", above=599_990), node("sum", "total")],
        "ida -> some", "some -> more", "more -> few", "few -> sum",
    )  # fmt: skip
    execution, _, _ = execute(drawn, tmp_path)
    assert counts(execution) == {"ida": ROWS, "some": 500_000, "more": 500_000, "few": 10, "sum": 1}
    assert plans == [1], "one plan for the rows, none beside it for a count"


def test_the_side_of_a_join_that_meets_nothing_is_counted_to_its_end(manifest: str, tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "file", path=manifest), node("una", "file", path=manifest), node("some", "above", above=99_999),
         node("none", "above", above=ROWS), node("both", "pair")],
        "ida -> some", "una -> none", "some -> both.left", "none -> both.right",
    )  # fmt: skip
    execution, _, _ = execute(drawn, tmp_path)
    assert counts(execution) == {"ida": ROWS, "una": ROWS, "some": 500_000, "none": 0, "both": 0}


@pytest.mark.parametrize(
    ("last", "left"),
    [
        (transform("last", "limit", n=3), 3),
        (transform("last", "aggregate", groupBy=[], aggregations={"n": "first"}), 1),
        (transform("last", "filter", expression="1 = 2"), 0),
        (transform("last", "sample", n=5), 5),
        (transform("last", "custom", code="df.filter(col('n') > 10).head(4)"), 4),
    ],
    ids=["limit", "first", "nothing", "sample", "custom"],
)
def test_rows_before_a_node_that_stops_early_are_all_counted(
    manifest: str, tmp_path: Path, last: dict[str, Any], left: int
) -> None:
    drawn = diagram(
        [node("ida", "file", path=manifest), node("some", "above", above=99_999), node("more", "add"), last],
        "ida -> some", "some -> more", "more -> last",
    )  # fmt: skip
    execution, _, _ = execute(drawn, tmp_path)
    assert counts(execution) == {"ida": ROWS, "some": 500_000, "more": 500_000, "last": left}


def test_rows_that_an_asof_join_does_not_come_to_are_counted(manifest: str, tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "file", path=manifest), node("una", "file", path=manifest), node("few", "part"),
         node("some", "above", above=99_999),
         transform("low", "filter", expression="n < 5"),
         transform("near", "join", joinType="asof", leftOn=["n"], rightOn=["n"])],
        "ida -> low", "una -> some", "low -> near.left", "some -> near.right", "una -> few",
    )  # fmt: skip
    execution, _, _ = execute(drawn, tmp_path)
    found = counts(execution)
    assert (found["low"], found["some"], found["near"]) == (5, 500_000, 5)


def test_taps_that_lie_twice_in_a_plan_or_not_at_all_do_not_hold() -> None:
    taps = Taps()
    frame = taps.place(("ida", "output"), pl.LazyFrame({"n": [1, 2, 3]}))
    assert taps.hold([frame.sort("n")])
    assert not taps.hold([frame.sort("n"), frame.filter(pl.col("n") > 1)])
    assert not taps.hold([pl.LazyFrame({"n": [1]})])


def test_what_passed_while_the_plan_was_made_is_not_counted() -> None:
    taps = Taps()
    frame = taps.place(("ida", "output"), pl.LazyFrame({"n": [1, 2, 3]}))
    frame.collect()
    taps.hold([frame])
    frame.collect()
    assert taps.rows == {("ida", "output"): 3}
