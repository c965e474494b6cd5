"""Reads whose rows come once, as the plan of their reader asks for them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest

from apps.executions.core.arriving import ArrivalStopped, Arriving
from apps.executions.core.engine import Execution
from apps.executions.core.states import NodeStatus
from apps.kernel.errors import NodeError
from apps.nodes.columns import INT64, STRING, Column, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import InputPort
from apps.nodes.registry import register
from apps.nodes.types import EffectNodeType, Frames, InferContext, Inference, Inputs, RunContext, RunResult
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import compile_plan
from tests.unit.harbour import diagram, execute, node, rows

SHIPS = Schema((Column("n", INT64), Column("name", STRING), Column("flag", STRING)))
BATCH, BATCHES = 1_000, 8
ALL = BATCH * BATCHES

calls: list[tuple[str, ...]] = []
"""The columns that each convoy was asked for."""
line: list[str] = []
"""What happened on the one line that convoys share."""


@pytest.fixture(autouse=True)
def _nobody_has_called() -> None:
    calls.clear()
    line.clear()


class ConvoyConfig(NodeConfig):
    sinks_at: int | None = None
    sends_away: bool = False
    on_one_line: bool = False


@register
class Convoy(EffectNodeType):
    """Ships that come in batches, numbered from 0; it can sink, and send ships away that the reader would."""

    category: ClassVar[str] = "test"
    operation: ClassVar[str] = "convoy"
    label: ClassVar[str] = ""
    description: ClassVar[str] = ""
    Config: ClassVar[type[NodeConfig]] = ConvoyConfig
    has_external_effect: ClassVar[bool] = False

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return ()

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": SHIPS})

    def streams(self, config: NodeConfig, catalog: Any) -> bool:
        return True

    def scan(self, config: NodeConfig, context: RunContext) -> dict[str, pl.LazyFrame]:
        assert isinstance(config, ConvoyConfig)
        least = BATCH if config.sends_away and context.condition is not None else 0

        def arrive(names: tuple[str, ...]) -> Iterator[pl.DataFrame]:
            calls.append(names)
            for number in range(BATCHES):
                if config.sinks_at == number:
                    raise NodeError("it sank", code="sunk", remedy="Build another ship.")
                yield _ships(number * BATCH).filter(pl.col("n") >= least).select(names)

        def on_one_line(names: tuple[str, ...]) -> Iterator[pl.DataFrame]:
            line.append("taken")
            try:
                yield from arrive(names)
            finally:
                line.append("free")

        if config.on_one_line:
            return {"output": context.arriving(SHIPS, on_one_line, complete=True)}
        return {"output": context.arriving(SHIPS, arrive, complete=not least)}

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        frame = pl.concat([_ships(number * BATCH).lazy() for number in range(BATCHES)])
        return RunResult(rows_out=context.write_frame("output", frame))


def _ships(first: int) -> pl.DataFrame:
    numbers = range(first, first + BATCH)
    return pl.DataFrame({"n": numbers, "name": ["Ida"] * BATCH, "flag": ["NO"] * BATCH}, schema=SHIPS.to_polars())


def transform(node_id: str, operation: str, **config: Any) -> dict[str, Any]:
    return node(node_id, operation, category="transform", **config)


def counts(execution: Execution) -> dict[str, int | None]:
    return {node_id: state.rows_out for node_id, state in execution.states.items()}


def test_a_read_joins_the_plan_of_its_reader_and_gives_the_columns_that_are_needed(tmp_path: Path) -> None:
    drawn = diagram(
        [node("convoy", "convoy"), node("late", "above", above=4_999), node("sum", "total")],
        "convoy -> late", "late -> sum",
    )  # fmt: skip
    execution, _, store = execute(drawn, tmp_path)
    assert calls == [("n",)]
    assert [stage.nodes for stage in execution.plan.stages] == [("convoy", "late", "sum")]
    assert counts(execution) == {"convoy": ALL, "late": 3_000, "sum": 1}
    assert rows(execution, store, "sum") == [sum(range(5_000, 8_000))]


def test_rows_that_a_filter_would_drop_need_not_come_and_then_nobody_counts_them(tmp_path: Path) -> None:
    drawn = diagram(
        [node("convoy", "convoy", sendsAway=True), transform("late", "filter", expression="n >= 1000"),
         node("sum", "total")],
        "convoy -> late", "late -> sum",
    )  # fmt: skip
    execution, _, _ = execute(drawn, tmp_path)
    states = execution.states
    assert (states["convoy"].rows_out, states["convoy"].pushed_down) == (None, True)
    assert (states["late"].rows_in, states["late"].rows_out, states["late"].pushed_down) == (None, 7_000, True)
    assert (states["sum"].rows_in, states["sum"].pushed_down) == (7_000, False)


def test_a_condition_is_told_of_the_one_reader_only(tmp_path: Path) -> None:
    """Its rows go to two filters: what one of them drops the other may keep."""
    drawn = diagram(
        [node("convoy", "convoy", sendsAway=True), transform("late", "filter", expression="n >= 1000"),
         transform("early", "filter", expression="n < 1000")],
        "convoy -> late", "convoy -> early",
    )  # fmt: skip
    execution, _, _ = execute(drawn, tmp_path)
    assert counts(execution) == {"convoy": ALL, "late": 7_000, "early": 1_000}
    assert [stage.nodes for stage in execution.plan.stages] == [("convoy",), ("late", "early")]


@pytest.mark.parametrize(
    "config",
    [{"retryCount": 1}, {"timeout": 60}, {"continueOnError": True}, {"keepOutput": True}],
    ids=["retries", "time limit", "goes on", "kept"],
)
def test_a_read_with_a_life_of_its_own_stands_alone(config: dict[str, Any]) -> None:
    drawn = diagram([node("convoy", "convoy", **config), node("sum", "total")], "convoy -> sum")
    assert [stage.nodes for stage in compile_plan(analyse(drawn)).stages] == [("convoy",), ("sum",)]


def test_in_a_preview_a_read_stands_alone_so_that_its_sample_is_kept() -> None:
    drawn = diagram([node("convoy", "convoy"), node("sum", "total")], "convoy -> sum")
    plan = compile_plan(analyse(drawn), targets=["sum"])
    assert [stage.nodes for stage in plan.stages] == [("convoy",), ("sum",)]


def test_where_a_plan_would_ask_twice_the_rows_are_stored_first(tmp_path: Path) -> None:
    """The reader's rows go two ways, to two ends."""
    drawn = diagram(
        [node("convoy", "convoy"), node("late", "above", above=4_999), node("sum", "total"), node("more", "add")],
        "convoy -> late", "late -> sum", "late -> more",
    )  # fmt: skip
    execution, _, store = execute(drawn, tmp_path)
    assert len(calls) == 1
    assert counts(execution) == {"convoy": ALL, "late": 3_000, "sum": 1, "more": 3_000}
    assert rows(execution, store, "more") == list(range(5_001, 8_001))
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 2, "the rows that were stored first are gone with the stage"


def test_rows_before_a_limit_are_all_counted(tmp_path: Path) -> None:
    drawn = diagram([node("convoy", "convoy"), transform("few", "limit", n=3)], "convoy -> few")
    execution, _, store = execute(drawn, tmp_path)
    assert counts(execution) == {"convoy": ALL, "few": 3}
    assert rows(execution, store, "few") == [0, 1, 2]


def test_rows_that_a_join_to_nothing_did_not_ask_for_are_not_guessed(tmp_path: Path) -> None:
    drawn = diagram(
        [node("convoy", "convoy"), node("una", "convoy"), node("late", "above", above=4_999),
         node("none", "above", above=ALL), node("both", "pair")],
        "convoy -> late", "una -> none", "late -> both.left", "none -> both.right",
    )  # fmt: skip
    execution, _, _ = execute(drawn, tmp_path)
    found = counts(execution)
    assert found["both"] == 0
    assert found["late"] in (None, 3_000)
    assert found["convoy"] in (None, ALL)


def test_a_read_that_fails_says_so_itself_and_is_not_read_again(tmp_path: Path) -> None:
    drawn = diagram([node("convoy", "convoy", sinksAt=5), node("sum", "total")], "convoy -> sum")
    execution, _, _ = execute(drawn, tmp_path)
    states = execution.states
    assert execution.outcome is not None
    assert execution.outcome.failed_node == "convoy"
    assert states["convoy"].error is not None
    assert (states["convoy"].error.code, states["convoy"].error.message) == ("sunk", "it sank")
    assert states["sum"].status is NodeStatus.SKIPPED
    assert len(calls) == 1


def test_a_transform_that_fails_says_so_and_not_the_read(tmp_path: Path) -> None:
    drawn = diagram([node("convoy", "convoy"), node("bad", "spoil", at=4_321)], "convoy -> bad")
    execution, _, _ = execute(drawn, tmp_path)
    assert execution.outcome is not None
    assert execution.outcome.failed_node == "bad"
    assert execution.states["convoy"].status is NodeStatus.SUCCESS


def test_a_plan_that_fails_ends_its_source_before_the_rows_are_asked_for_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver that is told to stop stops all that runs on its connection."""
    stop = Arriving.stop
    monkeypatch.setattr(Arriving, "stop", lambda each: (stop(each), line.append("stopped")))
    drawn = diagram([node("convoy", "convoy", onOneLine=True), node("bad", "spoil", at=4_321)], "convoy -> bad")
    execution, _, _ = execute(drawn, tmp_path)
    assert line == ["taken", "free", "stopped", "taken", "free"]
    assert execution.outcome is not None
    assert (execution.outcome.failed_node, execution.states["convoy"].rows_out) == ("bad", ALL)


def test_stopping_ends_whoever_waits_and_whoever_is_at_work() -> None:
    at_work = threading.Event()

    def arrive(names: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        calls.append(names)
        try:
            yield _ships(0)
            at_work.set()
            while not arriving.stopping:
                time.sleep(0.01)
            raise ArrivalStopped
        finally:
            line.append("free")

    arriving = Arriving(SHIPS, arrive, complete=True)
    waiting = arriving._source(None, None, None)
    next(waiting)
    busy = arriving._source(None, None, None)
    next(busy)

    def read_on() -> None:
        with contextlib.suppress(ArrivalStopped):
            next(busy)

    reader = threading.Thread(target=read_on, daemon=True)
    reader.start()
    at_work.wait(5)
    arriving.stop()
    reader.join(5)
    assert line == ["free", "free"]
    assert arriving.error is None
    assert not arriving.stopping


def test_a_source_gives_no_more_rows_than_are_wanted() -> None:
    given: list[int] = []

    def arrive(names: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        for number in range(BATCHES):
            given.append(number)
            yield _ships(number * BATCH).select(names)

    frame = Arriving(SHIPS, arrive, complete=True).frame()
    assert frame.head(BATCH + 1).collect(engine="streaming").height == BATCH + 1
    assert given == [0, 1]
    assert frame.select(pl.len()).collect(engine="streaming").item() == ALL
