"""The progress message of a running execution, worked out from the states of its nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.executions.core.forecast import Forecast, as_json
from apps.executions.core.records import NodeState
from apps.executions.core.states import NODE_OVER, NodeStatus

MAX_LISTED_NODES = 200
"""Above so many nodes the message holds counts in place of names, and nothing of single nodes."""


def progress(states: Iterable[NodeState]) -> float:
    """The part of the nodes that is over, from 0 to 1; one that runs counts as far as it is done."""
    all_states = list(states)
    if not all_states:
        return 1.0
    return sum(map(_done, all_states)) / len(all_states)


def _done(state: NodeState) -> float:
    if state.status in NODE_OVER:
        return 1.0
    if state.status is not NodeStatus.RUNNING:
        return 0.0
    if state.iterations is not None:
        return state.iterations["finished"] / max(state.iterations["total"], 1)
    return state.part or 0.0


def progress_message(
    *,
    execution_id: str,
    status: str,
    states: Iterable[NodeState],
    started_at: datetime | None,
    at: datetime,
    forecast: Forecast | None = None,
    told: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The data of a `workflow_execution_progress` event. `states` are those of all nodes, in the plan's
    order; `at` is the present moment, or the execution's end. `told`: what was forecast, once it is over."""
    listed = list(states)
    running = [state for state in listed if state.status is NodeStatus.RUNNING]
    over = [state for state in listed if state.status in NODE_OVER]
    left = [state for state in listed if state.status is NodeStatus.PENDING]
    few = len(listed) <= MAX_LISTED_NODES
    body: dict[str, Any] = {
        "execution_id": execution_id,
        "status": status,
        "progress": round(progress(listed), 4),
        "current_node": running[0].node_id if running else None,
        "completed_nodes": [state.node_id for state in over] if few else len(over),
        "remaining_nodes": [state.node_id for state in left] if few else len(left),
        "total_nodes": len(listed),
        "elapsed_time_ms": 0 if started_at is None else max(0, round((at - started_at).total_seconds() * 1000)),
        "estimated_completion": None,
        "estimated_completion_interval": None,
        "forecast": None if told is None else dict(told),
    }
    if forecast is not None and started_at is not None:
        body["forecast"] = as_json(forecast, started_at)
        body["estimated_completion"] = _moment(forecast.expected)
        body["estimated_completion_interval"] = [_moment(forecast.earliest), _moment(forecast.latest)]
    if few:
        body["nodes"] = {state.node_id: _node(state, at) for state in (*over, *running)}
    return body


def _node(state: NodeState, at: datetime) -> dict[str, Any]:
    body: dict[str, Any] = {
        "status": str(state.status),
        "duration_ms": _duration(state, at),
        "rows_processed": state.rows_out if state.rows_out is not None else state.rows_in,
    }
    if state.iterations is not None:
        body["iterations"] = dict(state.iterations)
    return body if state.part is None else {**body, "part": state.part}


def _duration(state: NodeState, at: datetime) -> int | None:
    if state.started_at is None:
        return None
    return max(0, round(((state.finished_at or at) - state.started_at).total_seconds() * 1000))


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
