"""Progress, forecast and backoff: arithmetic on what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apps.executions.core.backoff import LONGEST_SECONDS, backoff
from apps.executions.core.forecast import forecast
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


def test_waits_double_up_to_an_hour_and_luck_takes_at_most_half() -> None:
    assert [backoff(1, attempt, 0.0) for attempt in (1, 2, 3)] == [1, 2, 4]
    assert backoff(1, 2, 1.0) == 1
    assert backoff(60, 100, 0.0) == LONGEST_SECONDS
    assert backoff(0, 5, 0.3) == 0
