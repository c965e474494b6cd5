"""States of executions and of their nodes: one table of allowed moves, and nobody else decides."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from apps.kernel.errors import Conflict


class ExecutionStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"


class NodeStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


EXECUTION_MOVES: Mapping[ExecutionStatus, frozenset[ExecutionStatus]] = {
    ExecutionStatus.QUEUED: frozenset(
        # Failed: it could not be started, or its author lost a right on the way.
        {ExecutionStatus.RUNNING, ExecutionStatus.PAUSED, ExecutionStatus.CANCELLED, ExecutionStatus.FAILED}
    ),
    ExecutionStatus.RUNNING: frozenset(
        {
            ExecutionStatus.RUNNING,  # its worker was lost, and another took it over
            ExecutionStatus.PAUSED,
            ExecutionStatus.QUEUED,  # resumed, or woken, in the moment in which it paused
            ExecutionStatus.SUCCESS,
            ExecutionStatus.FAILED,
            ExecutionStatus.CANCELLED,
        }
    ),
    ExecutionStatus.PAUSED: frozenset({ExecutionStatus.QUEUED, ExecutionStatus.CANCELLED}),
    ExecutionStatus.SUCCESS: frozenset(),
    ExecutionStatus.FAILED: frozenset({ExecutionStatus.QUEUED}),  # resumed from the failed node
    ExecutionStatus.CANCELLED: frozenset({ExecutionStatus.QUEUED}),  # resumed
}
NODE_MOVES: Mapping[NodeStatus, frozenset[NodeStatus]] = {
    NodeStatus.PENDING: frozenset({NodeStatus.RUNNING, NodeStatus.SKIPPED, NodeStatus.CANCELLED}),
    NodeStatus.RUNNING: frozenset(
        {
            NodeStatus.PENDING,  # its worker died before the stage was committed
            NodeStatus.RUNNING,  # another attempt
            NodeStatus.SUCCESS,
            NodeStatus.FAILED,
            NodeStatus.SKIPPED,  # a node before it, fused into the same stage, failed
            NodeStatus.CANCELLED,
        }
    ),
    NodeStatus.SUCCESS: frozenset(),
    NodeStatus.FAILED: frozenset({NodeStatus.PENDING}),  # resumed, as are the next two
    NodeStatus.SKIPPED: frozenset({NodeStatus.PENDING}),
    NodeStatus.CANCELLED: frozenset({NodeStatus.PENDING}),
}
OVER = frozenset({ExecutionStatus.SUCCESS, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED})
"""States of an execution that is over."""
NODE_OVER = frozenset({NodeStatus.SUCCESS, NodeStatus.FAILED, NodeStatus.SKIPPED, NodeStatus.CANCELLED})

S = TypeVar("S", ExecutionStatus, NodeStatus)


def allowed(now: S, to: S) -> bool:
    """Whether a thing in state `now` may go to `to`."""
    if isinstance(now, ExecutionStatus):
        return to in EXECUTION_MOVES[now]
    return to in NODE_MOVES[now]


def transition(now: S, to: S) -> S:
    """The new state; raises Conflict (`already_finished` for an execution that is over) if it may not be."""
    if allowed(now, to):
        return to
    if now in OVER or now in NODE_OVER:
        raise Conflict(f"It is over already: {now}", code="already_finished")
    raise Conflict(f"It cannot go from {now} to {to}")
