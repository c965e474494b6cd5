"""The engine: what every node came to, rows counted as if each ran alone, failures where they belong."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.executions.core import fused_stage
from apps.executions.core.engine import Execution
from apps.executions.core.records import StageResult
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.kernel.errors import Forbidden, NodeError, TransientNodeError
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import compile_plan
from tests.unit.harbour import Wreck, diagram, execute, node, rows


def statuses(execution: Execution) -> dict[str, str]:
    return {node_id: str(state.status) for node_id, state in execution.states.items()}


def counts(execution: Execution) -> dict[str, tuple[int | None, int | None]]:
    return {node_id: (state.rows_in, state.rows_out) for node_id, state in execution.states.items()}


def test_rows_are_counted_for_every_node_of_a_fused_stage(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3, 4, 5, 6]),
            node("big", "above", above=2),
            node("more", "add", add=1),
            node("parted", "part"),
            node("odd", "add", add=0),
            node("both", "stack"),
            node("sum", "total"),
        ],
        "ida -> big",
        "big -> more",
        "more -> parted",
        "parted -> both",
        "parted.odd -> odd",
        "odd -> both",
        "both -> sum",
    )
    execution, _, store = execute(drawn, tmp_path)
    assert execution.outcome is not None
    assert execution.outcome.status == "success"
    assert counts(execution) == {
        "ida": (0, 6),
        "big": (6, 4),
        "more": (4, 4),
        "parted": (4, 2),
        "odd": (2, 2),
        "both": (4, 4),
        "sum": (4, 1),
    }
    assert rows(execution, store, "sum") == [4 + 5 + 6 + 7]


def test_an_empty_input_flows_through_to_the_end(tmp_path: Path) -> None:
    drawn = diagram([node("ida", "ship"), node("a", "above", above=0), node("q", "quay")], "ida -> a", "a -> q")
    execution, host, _ = execute(drawn, tmp_path)
    assert counts(execution) == {"ida": (0, 0), "a": (0, 0), "q": (0, 0)}
    assert host.connector("quay") == []


def test_a_scanned_file_counts_its_rows_without_being_stored(tmp_path: Path) -> None:
    pl.DataFrame({"n": [1, 2, 3]}).write_ipc(tmp_path / "cargo.arrow")
    drawn = diagram([node("f", "file", path=str(tmp_path / "cargo.arrow")), node("a", "above", above=1)], "f -> a")
    execution, _, store = execute(drawn, tmp_path / "runs")
    assert counts(execution) == {"f": (0, 3), "a": (3, 2)}
    assert [port for result in execution.results.values() for port in result.datasets] == [("a", "output")]
    assert rows(execution, store, "a") == [2, 3]


def test_in_a_fused_stage_the_failing_node_is_named_and_its_neighbours_are_not(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3]),
            node("a", "add", add=0),
            node("s", "spoil", at=2),
            node("behind", "add"),
            node("beside", "above", above=1),
            node("q", "quay"),
        ],
        "ida -> a",
        "a -> s",
        "s -> behind",
        "a -> beside",
        "behind -> q",
    )
    execution, host, store = execute(drawn, tmp_path)
    assert statuses(execution) == {
        "ida": "success",
        "a": "success",
        "s": "failed",
        "behind": "skipped",
        "beside": "success",
        "q": "skipped",
    }
    assert execution.outcome is not None
    assert (execution.outcome.status, execution.outcome.failed_node) == ("failed", "s")
    error = execution.states["s"].error
    assert error is not None
    assert "rotten" in error.message
    assert rows(execution, store, "beside") == [2, 3]
    assert host.connector("quay") == []


def test_an_error_edge_takes_one_row_about_the_failure_and_the_run_succeeds_with_a_warning(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2]),
            node("w", "wreck", message="off Skagen"),
            node("rescue", "note", text="sent"),
            node("behind", "add"),
        ],
        "ida -> w",
        "w -> behind",
        "w.error -> rescue",
    )
    execution, _, store = execute(drawn, tmp_path)
    assert statuses(execution) == {"ida": "success", "w": "failed", "rescue": "success", "behind": "skipped"}
    assert execution.outcome is not None
    assert (execution.outcome.status, execution.outcome.warnings) == ("success", 1)
    [dataset] = [
        each for result in execution.results.values() for port, each in result.datasets.items() if port[0] == "rescue"
    ]
    row = store.scan(dataset).collect().row(0, named=True)
    assert (row["node_id"], row["code"], row["message"], row["attempt"]) == ("w", "sunk", "off Skagen", 1)


def test_the_error_branch_is_skipped_where_nothing_failed(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[5]), node("s", "spoil", at=1), node("e", "note", text="lost"), node("go", "add")],
        "ida -> s",
        "s.error -> e",
        "s.success -> go",
    )
    execution, _, store = execute(drawn, tmp_path)
    assert statuses(execution) == {"ida": "success", "s": "success", "e": "skipped", "go": "success"}
    assert rows(execution, store, "go") == [6]


def test_continue_on_error_lets_the_others_go_on(tmp_path: Path) -> None:
    nodes = [
        node("ida", "ship", cargo=[1]),
        node("w", "wreck", continueOnError=True),
        node("behind", "add"),
        node("q", "quay"),
    ]
    execution, host, _ = execute(diagram(nodes, "ida -> w", "w -> behind", "ida -> q"), tmp_path)
    assert statuses(execution) == {"ida": "success", "w": "failed", "behind": "skipped", "q": "success"}
    assert execution.outcome is not None
    assert (execution.outcome.status, execution.outcome.warnings) == ("success", 1)
    assert host.connector("quay") == [1]


def test_after_a_failure_that_nobody_handles_nothing_new_begins(tmp_path: Path) -> None:
    nodes = [node("ida", "ship", cargo=[1]), node("w", "wreck"), node("q", "quay")]
    execution, host, _ = execute(diagram(nodes, "ida -> w", "ida -> q"), tmp_path)
    assert statuses(execution) == {"ida": "success", "w": "failed", "q": "skipped"}
    assert host.connector("quay") == []


def test_a_stage_that_was_ready_before_the_failure_does_not_begin_after_it(tmp_path: Path) -> None:
    drawn = diagram([node("ida", "ship", cargo=[1]), node("w", "wreck"), node("q", "quay")], "ida -> w", "ida -> q")
    host = FakeHost(connectors={"quay": []})
    store = RunStore(tmp_path).of_execution("harbour", "run-1")
    execution = Execution(compile_plan(analyse(drawn)), host=host, store=store)
    execution.run(execution.ready()[0])
    for stage in execution.ready():  # w and q, side by side
        execution.run(stage)
    assert statuses(execution) == {"ida": "success", "w": "failed", "q": "skipped"}
    assert host.connector("quay") == []


def test_what_may_pass_is_tried_again_and_each_attempt_is_told(tmp_path: Path) -> None:
    nodes = [node("ida", "ship", cargo=[1]), node("q", "quay", fails=2, retryCount=2, retryDelay=0)]
    execution, host, _ = execute(diagram(nodes, "ida -> q"), tmp_path)
    assert execution.states["q"].attempt == 3
    assert host.statuses("q") == ["running", "running", "running", "success"]
    assert [level for node_id, level, _ in host.logs if node_id == "q"] == ["warning", "warning"]
    assert host.connector("quay") == [1]


def test_after_the_last_retry_it_has_failed(tmp_path: Path) -> None:
    nodes = [node("ida", "ship", cargo=[1]), node("q", "quay", fails=5, retryCount=1, retryDelay=0)]
    execution, _, _ = execute(diagram(nodes, "ida -> q"), tmp_path)
    state = execution.states["q"]
    assert (str(state.status), state.attempt, state.error.code if state.error else None) == ("failed", 2, "low_tide")


def test_a_transform_is_tried_again_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really, tides = fused_stage.supervise, iter(["low", "low", "high"])

    def supervise(*work: Any, **limits: Any) -> Any:
        if next(tides) == "low":
            raise TransientNodeError("The node did not finish within 5 seconds", code="timeout")
        return really(*work, **limits)

    monkeypatch.setattr(fused_stage, "supervise", supervise)
    nodes = [node("ida", "ship", cargo=[1]), node("a", "add", add=1, timeout=5, retryCount=2, retryDelay=0)]
    execution, host, store = execute(diagram(nodes, "ida -> a"), tmp_path)
    assert (statuses(execution)["a"], execution.states["a"].attempt) == ("success", 3)
    assert [level for node_id, level, _ in host.logs if node_id == "a"] == ["warning", "warning"]
    assert rows(execution, store, "a") == [2]


def test_whoever_asks_for_retries_gets_them_after_any_failure(tmp_path: Path) -> None:
    nodes = [node("ida", "ship", cargo=[1]), node("w", "wreck", retryCount=5, retryDelay=0)]
    execution, _, _ = execute(diagram(nodes, "ida -> w"), tmp_path)
    assert execution.states["w"].attempt == 6


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("the harbour is closed to you"),
        NodeError("there is no such connector", code="missing_connector"),
        NodeError("a private address", code="egress_blocked"),
        NodeError("not a number", code="invalid_config"),
    ],
    ids=lambda error: error.code,
)
def test_what_may_not_be_done_or_is_wrong_itself_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(Wreck, "run", refuse)
    nodes = [node("ida", "ship", cargo=[1]), node("w", "wreck", retryCount=5, retryDelay=0)]
    execution, _, _ = execute(diagram(nodes, "ida -> w"), tmp_path)
    assert execution.states["w"].attempt == 1


def test_an_error_that_nobody_foresaw_is_tried_again_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: Any) -> None:
        raise KeyError("tide")

    monkeypatch.setattr(Wreck, "run", stumble)
    nodes = [node("ida", "ship", cargo=[1]), node("w", "wreck", retryCount=1, retryDelay=0)]
    execution, _, _ = execute(diagram(nodes, "ida -> w"), tmp_path)
    state = execution.states["w"]
    assert (state.attempt, state.error.code if state.error else None) == (2, "internal_error")


def test_a_node_that_hangs_fails_by_its_timeout(tmp_path: Path) -> None:
    nodes = [node("ida", "ship", cargo=[1]), node("q", "quay", hangs=0.6, timeout=0.05)]
    execution, _, _ = execute(diagram(nodes, "ida -> q"), tmp_path)
    error = execution.states["q"].error
    assert error is not None
    assert error.code == "timeout"
    finished, started = execution.states["q"].finished_at, execution.states["q"].started_at
    assert finished is not None
    assert started is not None
    assert (finished - started).total_seconds() < 0.5


def test_cancelling_between_stages_begins_nothing_new(tmp_path: Path) -> None:
    drawn = diagram([node("ida", "ship", cargo=[1]), node("q", "quay")], "ida -> q")
    host = FakeHost(connectors={"quay": []}, cancel_when=lambda host: len(host.committed) >= 1)
    execution, _, _ = execute(drawn, tmp_path, host=host)
    assert statuses(execution) == {"ida": "success", "q": "cancelled"}
    assert execution.outcome is not None
    assert execution.outcome.status == "cancelled"
    assert host.connector("quay") == []


def test_cancelling_leaves_a_hanging_node_behind(tmp_path: Path) -> None:
    drawn = diagram([node("ida", "ship", cargo=[1]), node("q", "quay", hangs=1.5)], "ida -> q")
    host = FakeHost(connectors={"quay": []}, cancel_when=lambda host: host.statuses("q") == ["running"])
    execution, _, _ = execute(drawn, tmp_path, host=host)
    state = execution.states["q"]
    assert str(state.status) == "cancelled"
    assert state.duration_ms is not None
    assert state.duration_ms < 1400


def test_resuming_takes_finished_stages_over_and_runs_the_others_only(tmp_path: Path) -> None:
    drawn = diagram([node("ida", "ship", cargo=[1, 2]), node("q", "quay"), node("w", "wreck")], "ida -> q", "q -> w")
    first, host, store = execute(drawn, tmp_path)
    assert statuses(first) == {"ida": "success", "q": "success", "w": "failed"}
    finished = {
        result.stage_id: StageResult.from_json(result.as_json())
        for result in host.committed
        if {str(state.status) for state in result.nodes} == {"success"}
    }
    again = FakeHost(connectors={"quay": host.connector("quay")})
    second = Execution(compile_plan(analyse(drawn)), host=again, store=store, finished=finished)
    second.run_all()
    assert host.connector("quay") == [1, 2], "the finished effect did not happen twice"
    assert {state.node_id for state in again.told} == {"w"}
    assert statuses(second) == {"ida": "success", "q": "success", "w": "failed"}


def test_f1_a_worker_killed_after_any_stage_is_resumed_without_running_a_finished_one_again(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3]),
            node("w", "wreck"),
            node("rescue", "note", text="sent"),
            node("behind", "add"),
            node("big", "above", above=1),
            node("q", "quay"),
        ],
        "ida -> w",
        "w.error -> rescue",
        "w -> behind",
        "ida -> big",
        "big -> q",
    )
    whole, host, store = execute(drawn, tmp_path)
    assert host.connector("quay") == [2, 3]
    for killed_after in range(len(host.committed) + 1):
        committed = {result.stage_id: result for result in host.committed[:killed_after]}
        again = FakeHost(connectors={"quay": []})
        resumed = Execution(compile_plan(analyse(drawn)), host=again, store=store, finished=committed)
        assert resumed.run_all() == whole.outcome
        assert statuses(resumed) == statuses(whole)
        ran_again = {state.node_id for state in again.told if str(state.status) == "running"}
        assert not ran_again & {state.node_id for result in committed.values() for state in result.nodes}
        quay_was_done = any(state.node_id == "q" for result in committed.values() for state in result.nodes)
        assert again.connector("quay") == ([] if quay_was_done else [2, 3])


@pytest.mark.parametrize("handled", [True, False], ids=["handled", "unhandled"])
@pytest.mark.parametrize("kind", ["spoil", "wreck"], ids=["fused", "effect"])
def test_f1_a_failure_that_was_committed_is_finished_too(tmp_path: Path, kind: str, handled: bool) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3]),
            node("bad", kind, continueOnError=handled, **({"at": 2} if kind == "spoil" else {})),
            node("behind", "add"),
            node("last", "above", above=0),
        ],
        "ida -> bad",
        "bad -> behind",
        "behind -> last",
    )
    whole, host, store = execute(drawn, tmp_path)
    assert statuses(whole) == {"ida": "success", "bad": "failed", "behind": "skipped", "last": "skipped"}
    for killed_after in range(1, len(host.committed) + 1):
        committed = {result.stage_id: result for result in host.committed[:killed_after]}
        again = FakeHost()
        resumed = Execution(compile_plan(analyse(drawn)), host=again, store=store, finished=committed)
        assert resumed.run_all() == whole.outcome
        assert statuses(resumed) == statuses(whole)
        told_again = {result.stage_id for result in again.committed}
        assert not told_again & set(committed)
        done = {state.node_id for result in committed.values() for state in result.nodes}
        assert not done & {state.node_id for state in again.told}


def test_an_upstream_scalar_is_bound_as_a_typed_value(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1, 2, 3]), node("sum", "total"), node("a", "add", add="{{ sum }}")],
        "ida -> sum",
        "ida -> a",
    )
    execution, _, store = execute(drawn, tmp_path)
    assert rows(execution, store, "a") == [7, 8, 9]


def test_a_scalar_of_many_rows_fails_the_node_that_uses_it(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1, 2, 3]), node("b", "add"), node("a", "add", add="{{ b }}")],
        "ida -> b",
        "ida -> a",
    )
    execution, _, _ = execute(drawn, tmp_path)
    error = execution.states["a"].error
    assert error is not None
    assert (error.code, statuses(execution)["b"]) == ("not_scalar", "success")


def test_parameters_are_bound_before_a_plan_is_lowered(tmp_path: Path) -> None:
    drawn = diagram([node("ida", "ship", cargo=[1, 2, 3]), node("a", "above", above="{{ least }}")], "ida -> a")
    execution, _, store = execute(drawn, tmp_path, least=2)
    assert rows(execution, store, "a") == [3]


def test_a_long_chain_runs_in_segments_and_counts_in_each(tmp_path: Path) -> None:
    nodes = [node("n0", "ship", cargo=list(range(100)))]
    nodes += [
        node(f"n{index}", "above" if index % 2 else "add", **({"above": 0} if index % 2 else {}))
        for index in range(1, 80)
    ]
    drawn = diagram(nodes, *(f"n{index} -> n{index + 1}" for index in range(79)))
    execution, _, store = execute(drawn, tmp_path)
    expected = list(range(100))
    for index in range(1, 80):
        expected = [n for n in expected if n > 0] if index % 2 else [n + 1 for n in expected]
        assert execution.states[f"n{index}"].rows_out == len(expected)
    assert rows(execution, store, "n79") == expected
    left = [path for path in (tmp_path / "harbour").rglob("*") if path.is_file()]
    assert len(left) == 2, "scratch between segments is gone"


def test_a_diagram_without_nodes_succeeds(tmp_path: Path) -> None:
    execution, _, _ = execute({"nodes": [], "edges": []}, tmp_path)
    assert execution.outcome is not None
    assert execution.outcome.status == "success"


def test_f11_a_full_disk_fails_the_node_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = diagram([node("ida", "ship", cargo=[1]), node("a", "add")], "ida -> a")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("apps.executions.core.store.Path.replace", full)
        execution, _, _ = execute(drawn, tmp_path)
    error = execution.states["ida"].error
    assert error is not None
    assert error.code == "disk_full"
    assert list((tmp_path / "harbour" / "run-1").iterdir()) == []
    again, _, _ = execute(drawn, tmp_path)
    assert again.outcome is not None
    assert again.outcome.status == "success"
