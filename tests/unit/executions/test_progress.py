"""Progress, forecast and backoff: arithmetic on what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apps.executions.core.backoff import LONGEST_SECONDS, backoff
from apps.executions.core.durations import Past
from apps.executions.core.forecast import Forecast, History, as_json, forecast, forecast_run, judged
from apps.executions.core.progress import MAX_LISTED_NODES, progress_message
from apps.executions.core.records import NodeState
from apps.executions.core.states import NodeStatus

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_message_has_the_keys_and_nodes_that_clients_know() -> None:
    states = [
        NodeState("read", NodeStatus.SUCCESS, START, after(5), rows_in=0, rows_out=10_000),
        NodeState("sum", NodeStatus.RUNNING, after(5), rows_in=5_000),
        NodeState("store", NodeStatus.PENDING),
        NodeState("other", NodeStatus.SKIPPED),
    ]
    message = progress_message(execution_id="e", status="running", states=states, started_at=START, at=after(12))
    assert message == {
        "execution_id": "e",
        "status": "running",
        "progress": 0.5,
        "current_node": "sum",
        "completed_nodes": ["read", "other"],
        "remaining_nodes": ["store"],
        "total_nodes": 4,
        "estimated_completion": None,
        "estimated_completion_interval": None,
        "forecast": None,
        "elapsed_time_ms": 12_000,
        "nodes": {
            "read": {"status": "success", "duration_ms": 5_000, "rows_processed": 10_000},
            "other": {"status": "skipped", "duration_ms": None, "rows_processed": None},
            "sum": {"status": "running", "duration_ms": 7_000, "rows_processed": 5_000},
        },
    }


def test_above_two_hundred_nodes_there_are_counts_only() -> None:
    states = [NodeState(str(index), NodeStatus.PENDING) for index in range(MAX_LISTED_NODES + 1)]
    message = progress_message(execution_id="e", status="queued", states=states, started_at=None, at=START)
    assert (message["completed_nodes"], message["remaining_nodes"], message["total_nodes"]) == (0, 201, 201)
    assert message["progress"] == 0.0
    assert "nodes" not in message


def test_the_forecast_is_like_the_earlier_runs_that_were_no_faster_than_this_one() -> None:
    history = [10.0, 20.0, 30.0, 40.0]
    early = forecast(started_at=START, at=after(1), progress=0.1, history=history)
    assert early is not None
    assert (early.earliest, early.expected, early.latest) == (after(13), after(25), after(37))
    late = forecast(started_at=START, at=after(35), progress=0.1, history=history)
    assert late is not None
    assert late.expected == after(40)


def test_a_run_slower_than_all_is_judged_by_its_own_progress() -> None:
    slow = forecast(started_at=START, at=after(50), progress=0.5, history=[10.0])
    assert slow is not None
    assert (slow.earliest, slow.expected, slow.latest) == (after(75), after(100), after(150))
    assert forecast(started_at=START, at=after(5), progress=0.0, history=[]) is None


PLAN = {
    "nodes": [{"id": id} for id in ("read", "other", "sum", "store")],
    "edges": [["read", "output", "sum", "input"], ["sum", "output", "store", "input"]],
    "stages": [
        {"id": "a", "segments": [["read"]], "after": []},
        {"id": "b", "segments": [["other"]], "after": []},
        {"id": "c", "segments": [["sum", "store"]], "after": ["a", "b"]},
    ],
}
BEFORE = {
    "read": [Past(1000, 10)] * 5,
    "other": [Past(200)] * 5,
    "sum": [Past(100 * rows, rows) for rows in (10, 20, 30, 40, 50)],
    "store": [Past(100 * rows, rows) for rows in (10, 20, 30, 40, 50)],
}


def told(at: float, *states: NodeState, nodes: dict[str, list[Past]] = BEFORE) -> Forecast | None:
    return forecast_run(
        PLAN,
        {state.node_id: state for state in states},
        started_at=START,
        at=after(at),
        progress=0.25,
        history=History([4.0, 4.0, 4.0], nodes),
    )


def test_before_a_node_is_over_a_run_is_like_the_earlier_ones() -> None:
    found = told(0.5, NodeState("read", NodeStatus.RUNNING, START))
    assert found is not None
    assert found.expected == after(4)


def test_rows_that_have_arrived_tell_how_long_the_rest_takes() -> None:
    few, many = (
        told(2, NodeState("read", NodeStatus.SUCCESS, START, after(1), rows_out=rows),
             NodeState("other", NodeStatus.SUCCESS, START, after(2)))
        for rows in (10, 100)
    )  # fmt: skip
    assert few is not None
    assert many is not None
    assert few.expected == after(3)
    assert many.expected == after(12)
    assert few.earliest <= few.expected <= few.latest


def test_the_longest_way_counts_and_side_by_side_is_not_added() -> None:
    found = told(1, NodeState("read", NodeStatus.SUCCESS, START, after(1), rows_out=20),
                 NodeState("other", NodeStatus.RUNNING, after(0.9)))  # fmt: skip
    assert found is not None
    assert found.expected == after(3.1)  # other until 1.1, then two seconds


def test_a_stage_that_takes_longer_than_ever_is_expected_to_end_at_any_moment() -> None:
    found = told(9, NodeState("read", NodeStatus.SUCCESS, START, after(1), rows_out=20),
                 NodeState("other", NodeStatus.SUCCESS, START, after(1)),
                 NodeState("sum", NodeStatus.RUNNING, after(1)))  # fmt: skip
    assert found is not None
    assert found.expected == after(9)
    assert found.latest >= found.expected >= found.earliest


def test_a_stage_without_history_leaves_it_to_the_whole_runs() -> None:
    found = told(1, NodeState("read", NodeStatus.SUCCESS, START, after(1), rows_out=20), nodes={"read": BEFORE["read"]})
    assert found is not None
    assert found.expected == after(4)


def test_a_forecast_is_judged_by_the_real_time() -> None:
    first = as_json(Forecast(after(12), after(10), after(15)), START)
    assert first == {"expected_ms": 12_000, "low_ms": 10_000, "high_ms": 15_000, "error": None}
    assert judged(first, actual_ms=10_000)["error"] == 0.2
    assert judged(first, actual_ms=16_000)["error"] == -0.25


def test_the_message_carries_the_forecast_and_at_the_end_its_error() -> None:
    states = [NodeState("read", NodeStatus.RUNNING, START)]
    running = progress_message(
        execution_id="e", status="running", states=states, started_at=START, at=after(1),
        forecast=Forecast(after(4), after(3), after(6)),
    )  # fmt: skip
    assert running["forecast"] == {"expected_ms": 4000, "low_ms": 3000, "high_ms": 6000, "error": None}
    assert running["estimated_completion"] == "2026-11-21T10:00:04Z"
    over = progress_message(
        execution_id="e", status="success", states=states, started_at=START, at=after(5),
        told={**running["forecast"], "error": -0.2},
    )  # fmt: skip
    assert over["forecast"]["error"] == -0.2
    assert over["estimated_completion"] is None


def test_waits_double_up_to_an_hour_and_luck_takes_at_most_half() -> None:
    assert [backoff(1, attempt, 0.0) for attempt in (1, 2, 3)] == [1, 2, 4]
    assert backoff(1, 2, 1.0) == 1
    assert backoff(60, 100, 0.0) == LONGEST_SECONDS
    assert backoff(0, 5, 0.3) == 0
