"""Loops as the engine runs them: rows of every iteration, failures, what a lost worker leaves, parking."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

import apps.executions.nodes
from apps.executions.core.engine import Execution
from apps.executions.core.iterations import Iteration
from apps.executions.core.records import Outcome
from apps.executions.core.states import NodeStatus
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.kernel.errors import NodeError
from apps.nodes.registry import load
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import Plan, compile_plan
from tests.unit.harbour import diagram, execute, node, rows

load(apps.executions.nodes)


def control(node_id: str, operation: str, **config: Any) -> dict[str, Any]:
    return node(node_id, operation, category="control", **config)


def loop(node_id: str = "f", **config: Any) -> dict[str, Any]:
    return control(node_id, "for_each", **config)


def outcome_of(execution: Execution) -> Outcome:
    assert execution.outcome is not None
    return execution.outcome


def unloaded(host: FakeHost) -> list[int]:
    return list(host.connector("quay"))


def engine(drawn: dict[str, Any], folder: Path, host: FakeHost, **how: Any) -> Execution:
    plan = Plan.from_json(compile_plan(analyse(drawn, values={})).as_json())
    return Execution(plan, host=host, store=RunStore(folder).of_execution("harbour", "run-1"), luck=lambda: 0.0, **how)


def harbour(**how: Any) -> FakeHost:
    return FakeHost(connectors={"quay": []}, **how)


BATCHES = ([node("ida", "ship", cargo=[1, 2, 3, 4, 5]), loop(batchSize=2, collect="sum"), node("sum", "total"),
            node("end", "add", add=0)], "ida -> f", "f.each -> sum", "f.done -> end")  # fmt: skip


@pytest.mark.parametrize("concurrency", [1, 3])
def test_each_batch_runs_the_body_and_done_has_what_was_collected_in_order(tmp_path: Path, concurrency: int) -> None:
    nodes, *edges = BATCHES
    nodes[1]["data"]["config"]["concurrency"] = concurrency
    execution, _, store = execute(diagram(nodes, *edges), tmp_path)
    assert outcome_of(execution).status == "success"
    assert rows(execution, store, "f", "done") == [3, 7, 5]
    assert rows(execution, store, "end") == [3, 7, 5]
    state = execution.states["f"]
    assert (state.rows_in, state.rows_out, state.iterations) == (5, 3, {"total": 3, "finished": 3, "failed": 0})
    body = execution.states["sum"]
    assert (body.status, body.rows_in, body.rows_out) == (NodeStatus.SUCCESS, 5, 3)


def test_without_collect_the_rows_that_came_go_on_and_terminal_rows_are_kept_together(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1, 2, 3]), loop(), node("a", "add", add=10), node("end", "total")],
        "ida -> f", "f.each -> a", "f.done -> end",
    )  # fmt: skip
    execution, _, store = execute(drawn, tmp_path)
    assert rows(execution, store, "end") == [6]
    assert rows(execution, store, "a") == [11, 12, 13]


def test_a_loop_over_no_rows_has_no_iteration_and_keeps_its_columns(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship"), loop(collect="a"), node("a", "note", text="x"), node("end", "add")],
        "ida -> f", "f.each -> a", "f.done -> end",
    )  # fmt: skip
    execution, host, store = execute(drawn, tmp_path)
    assert rows(execution, store, "end") == []
    assert host.traced == {}
    assert execution.states["a"].status is NodeStatus.SKIPPED


def test_the_body_knows_the_columns_of_its_row_and_values_from_outside(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3]),
            node("sum", "total"),
            loop(collect="more"),
            control("gate", "if", expression="{{ item.n }} * 2 > {{ sum }} - {{ base }}"),
            node("more", "add", add="{{ item.n }}"),
        ],
        "ida -> sum", "ida -> f", "f.each -> gate", "gate.true -> more",
    )  # fmt: skip
    execution, host, store = execute(drawn, tmp_path, base=3)
    assert rows(execution, store, "f", "done") == [4, 6]
    first = host.traced["f", ""][0]
    assert {name: each["status"] for name, each in first.nodes.items()} == {"gate": "success", "more": "skipped"}


def test_rows_from_outside_come_to_every_iteration(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1, 2, 3]), node("anna", "ship", cargo=[2, 3, 4]), loop(collect="both"),
         node("both", "pair")],
        "ida -> f", "f.each -> both.left", "anna -> both.right",
    )  # fmt: skip
    execution, _, store = execute(drawn, tmp_path)
    assert rows(execution, store, "f", "done") == [2, 3]


def test_effects_in_the_body_happen_once_for_every_row(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3]),
            loop(),
            node("a", "add", add=10),
            node("q", "quay", fails=1, retryCount=1, retryDelay=0),
        ],
        "ida -> f", "f.each -> a", "a -> q",
    )  # fmt: skip
    _, host, _ = execute(drawn, tmp_path)
    assert unloaded(host) == [11, 12, 13]
    assert next(line for line in host.logs if line[0] == "q")[2].startswith("Iteration 1: Attempt 1 failed")


FRAGILE = ([node("ida", "ship", cargo=[1, 2, 3, 4]), loop(), node("s", "spoil", at=3), node("q", "quay")],
           "ida -> f", "f.each -> s", "s -> q")  # fmt: skip


def fragile(**config: Any) -> dict[str, Any]:
    nodes, *edges = FRAGILE
    return diagram([nodes[0], loop(**config), *nodes[2:]], *edges)


def test_an_iteration_that_fails_fails_the_loop_and_says_which(tmp_path: Path) -> None:
    execution, host, _ = execute(fragile(), tmp_path)
    outcome = outcome_of(execution)
    assert (outcome.status, outcome.failed_node) == ("failed", "f")
    assert outcome.error is not None
    assert outcome.error.code == "iteration_failed"
    assert outcome.error.message.startswith("Iteration 3 of 4 failed: s: cast_failed")
    assert unloaded(host) == [1, 2]
    assert execution.states["s"].status is NodeStatus.FAILED
    assert [each.status for each in host.traced["f", ""].values()] == ["success", "success", "failed"]


def test_with_continue_the_other_iterations_go_on_and_the_failures_are_warnings(tmp_path: Path) -> None:
    execution, host, _ = execute(fragile(onError="continue"), tmp_path)
    assert (outcome_of(execution).status, outcome_of(execution).warnings) == ("success", 1)
    assert execution.states["f"].iterations == {"total": 4, "finished": 4, "failed": 1}
    assert unloaded(host) == [1, 2, 4]


def test_a_failed_loop_that_is_run_again_runs_only_what_was_not_finished(tmp_path: Path) -> None:
    host = harbour()
    assert engine(fragile(), tmp_path, host).run_all().status == "failed"
    ran: list[int] = []
    host.on_iteration = lambda each: ran.append(each.number)
    assert engine(fragile(), tmp_path, host).run_all().status == "failed"
    assert set(ran) == {2}
    assert unloaded(host) == [1, 2]


def test_iterations_over_other_rows_are_none_of_this_run(tmp_path: Path) -> None:
    host = harbour()
    engine(fragile(onError="continue"), tmp_path, host).run_all()
    nodes, *edges = FRAGILE
    other = diagram([node("ida", "ship", cargo=[7]), loop(onError="continue"), *nodes[2:]], *edges)
    engine(other, tmp_path, host).run_all()
    assert unloaded(host) == [1, 2, 4, 7]


class _Killed(BaseException):
    pass


def test_f1_a_worker_lost_in_a_loop_costs_no_finished_iteration_and_no_finished_stage(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1, 2, 3]), loop(collect="q"), node("q", "quay"), node("r", "quay")],
        "ida -> f", "f.each -> q", "q -> r",
    )  # fmt: skip
    host = harbour()
    commits = 0

    def die(at: int) -> Any:
        def count(_: Iteration) -> None:
            nonlocal commits
            commits += 1
            if commits == at:
                raise _Killed

        return count

    for at in range(1, 60):
        commits = 0
        host.on_iteration = die(at)
        try:
            execution = engine(drawn, tmp_path, host)
            if execution.run_all().status == "success":
                break
        except _Killed:
            continue
    assert commits < at
    assert sorted(unloaded(host)) == [1, 1, 2, 2, 3, 3]
    assert rows(execution, RunStore(tmp_path), "f", "done") == [1, 2, 3]


def test_too_many_iterations_are_refused_before_the_first(tmp_path: Path) -> None:
    execution, host, _ = execute(fragile(maxIterations=3), tmp_path)
    error = outcome_of(execution).error
    assert error is not None
    assert error.code == "too_many_iterations"
    assert unloaded(host) == []


def test_a_loop_stops_within_two_seconds_when_it_is_cancelled(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1, 2, 3]), loop(concurrency=2), node("q", "quay", hangs=5)],
        "ida -> f", "f.each -> q",
    )  # fmt: skip
    began = time.monotonic()
    execution = engine(drawn, tmp_path, harbour(cancel_when=lambda _: time.monotonic() > began + 0.5))
    assert execution.run_all().status == "cancelled"
    assert time.monotonic() - began < 4, "two seconds, and what a busy machine needs; its nodes hang for five"
    assert execution.states["f"].status is NodeStatus.CANCELLED
    time.sleep(0.5)  # the threads of the iterations give their own work a moment to notice
    assert not [thread for thread in threading.enumerate() if thread.name == "uzo-loop"]


def test_concurrency_runs_so_many_side_by_side_and_no_more(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1, 2, 3, 4]), loop(concurrency=2), node("q", "quay", hangs=1)],
        "ida -> f", "f.each -> q",
    )  # fmt: skip
    began = time.monotonic()
    execution, host, _ = execute(drawn, tmp_path)
    assert outcome_of(execution).status == "success"
    assert sorted(unloaded(host)) == [1, 2, 3, 4]
    assert 2 <= time.monotonic() - began < 4


def test_a_loop_in_a_loop_runs_for_every_row_of_every_batch(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3]),
            loop("outer", batchSize=2, collect="inner"),
            node("a", "add", add=10),
            loop("inner", itemName="crumb", collect="b"),
            node("b", "add", add="{{ crumb.n }}"),
        ],
        "ida -> outer", "outer.each -> a", "a -> inner", "inner.each -> b",
    )  # fmt: skip
    execution, host, store = execute(drawn, tmp_path)
    assert rows(execution, store, "outer", "done") == [22, 24, 26]
    assert sorted(host.traced) == [("inner", "outer:0/"), ("inner", "outer:1/"), ("outer", "")]
    assert execution.states["b"].rows_out == 3


def test_a_loop_whose_body_waits_for_long_parks_and_goes_on_where_it_was(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1, 2]), loop(), node("q", "quay"), control("w", "wait", seconds=3600)],
        "ida -> f", "f.each -> q", "q -> w",
    )  # fmt: skip
    host = harbour()
    outcome = engine(drawn, tmp_path, host).run_all()
    assert (outcome.status, outcome.waiting_for) == ("paused", "wait")
    assert outcome.wake_at is not None
    assert unloaded(host) == [1]
    again = engine(drawn, tmp_path, host, parked=host.parked).run_all()
    assert (again.status, again.wake_at) == ("paused", outcome.wake_at)
    assert unloaded(host) == [1]


def test_pausing_lets_the_iteration_end_and_begins_no_other(tmp_path: Path) -> None:
    host = harbour()

    def pause(_: Iteration) -> None:
        host.asked_to_pause = True

    host.on_iteration = pause
    drawn = diagram([node("ida", "ship", cargo=[1, 2]), loop(), node("q", "quay")], "ida -> f", "f.each -> q")
    assert engine(drawn, tmp_path, host).run_all().waiting_for == "resume"
    assert len(unloaded(host)) <= 1
    host.asked_to_pause, host.on_iteration = False, lambda _: None
    assert engine(drawn, tmp_path, host, parked=host.parked).run_all().status == "success"
    assert unloaded(host) == [1, 2]


def test_what_iterations_kept_on_disk_is_gone_when_the_loop_is_over(tmp_path: Path) -> None:
    nodes, *edges = BATCHES
    execute(diagram(nodes, *edges), tmp_path)
    assert not list(tmp_path.rglob("loops/*"))


def test_a_preview_of_the_body_runs_the_first_batch_without_effects(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[5, 6]), loop(), node("q", "quay"), node("more", "add", add="{{ item.n }}")],
        "ida -> f", "f.each -> q", "q -> more",
    )  # fmt: skip
    host = harbour()
    store = RunStore(tmp_path).of_execution("harbour", "preview-1")
    plan = compile_plan(analyse(drawn, values={}), targets=["more"])
    execution = Execution(plan, host=host, store=store, sample=100)
    assert execution.run_all().status == "success"
    assert rows(execution, store, "more") == [10]
    assert unloaded(host) == []


class _Sulky(list[int]):
    """A quay that refuses the first cargo of 3."""

    refused = False

    def __iadd__(self, cargo: Any) -> Any:
        if 3 in cargo and not self.refused:
            self.refused = True
            raise NodeError("the quay is closed", code="closed")
        return super().__iadd__(cargo)


@pytest.mark.parametrize("again", ["resumed", "retried"])
def test_rows_of_iterations_that_were_finished_before_a_failure_come_out_in_the_end(tmp_path: Path, again: str) -> None:
    config: dict[str, Any] = {"retryCount": 1, "retryDelay": 0} if again == "retried" else {}
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3, 4]),
            loop(collect="a", **config),
            node("q", "quay"),
            node("a", "add", add=10),
        ],
        "ida -> f", "f.each -> q", "q -> a",
    )  # fmt: skip
    host = FakeHost(connectors={"quay": _Sulky()})
    execution = engine(drawn, tmp_path, host)
    if again == "resumed":
        assert execution.run_all().status == "failed"
        execution = engine(drawn, tmp_path, host)
    assert execution.run_all().status == "success"
    assert rows(execution, RunStore(tmp_path), "f", "done") == [11, 12, 13, 14]
    assert unloaded(host) == [1, 2, 3, 4]


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_body_that_looks_at_single_rows_gives_what_it_gives_without_a_loop(
    tmp_path: Path, batch: int, concurrency: int
) -> None:
    cargo = [(number * 37) % 23 - 5 for number in range(40)]
    body = [node("a", "add", add=3), node("b", "above", above=4), node("c", "part")]
    inside = ["a -> b", "b -> c"]
    straight, _, plain = execute(
        diagram([node("ida", "ship", cargo=cargo), *body], "ida -> a", *inside), tmp_path / "a"
    )
    looping = loop(batchSize=batch, concurrency=concurrency, collect="c")
    drawn = diagram([node("ida", "ship", cargo=cargo), looping, *body], "ida -> f", "f.each -> a", *inside)
    execution, _, store = execute(drawn, tmp_path / "b")
    assert rows(execution, store, "f", "done") == rows(straight, plain, "c")
    assert rows(execution, store, "c", "odd") == rows(straight, plain, "c", "odd")


def test_each_iteration_has_a_key_of_its_own_that_stays_while_its_rows_do(tmp_path: Path, monkeypatch: Any) -> None:
    from tests.unit.harbour import Quay

    keys: list[str] = []
    unload = Quay.run

    def keyed(self: Any, config: Any, inputs: Any, context: Any) -> Any:
        keys.append(context.idempotency_key)
        return unload(self, config, inputs, context)

    monkeypatch.setattr(Quay, "run", keyed)

    def run(cargo: list[int]) -> list[str]:
        drawn = diagram([node("ida", "ship", cargo=cargo), loop(), node("q", "quay")], "ida -> f", "f.each -> q")
        engine(drawn, tmp_path, harbour()).run_all()
        made, keys[:] = list(keys), []
        return made

    first = run([1, 2])
    assert len(set(first)) == 2
    assert run([1, 2]) == first
    assert not set(run([3, 4])) & set(first)
