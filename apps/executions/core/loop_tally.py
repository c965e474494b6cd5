"""What the nodes of a loop's body came to, over all iterations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.executions.core.records import Failure, NodeState
from apps.executions.core.states import NODE_OVER, NodeStatus
from apps.kernel.clock import now


@dataclass(slots=True)
class _Sum:
    started_at: datetime | None = None
    rows_in: int | None = None
    rows_out: int | None = None
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    error: Failure | None = None

    def add(self, brief: Mapping[str, Any]) -> None:
        status = NodeStatus(brief["status"])
        self.succeeded += status is NodeStatus.SUCCESS
        self.failed += status is NodeStatus.FAILED
        self.cancelled += status is NodeStatus.CANCELLED
        for name in ("rows_in", "rows_out"):
            if brief[name] is not None:
                setattr(self, name, (getattr(self, name) or 0) + brief[name])
        if brief["error"] is not None:
            self.error = Failure(brief["error"]["code"], brief["error"]["message"])

    @property
    def status(self) -> NodeStatus:
        if self.failed:
            return NodeStatus.FAILED
        if self.cancelled:
            return NodeStatus.CANCELLED
        return NodeStatus.SUCCESS if self.succeeded else NodeStatus.SKIPPED


class Tally:
    """Adds up; knows nothing of threads."""

    def __init__(self, nodes: Sequence[str]) -> None:
        self._sums = {node_id: _Sum() for node_id in nodes}
        self._running: dict[int, Collection[str]] = {}

    def began(self, number: int, states: Sequence[NodeState]) -> None:
        """Something happened to nodes of a running iteration."""
        running = set(self._running.get(number, ()))
        for state in states:
            if state.node_id in self._sums:
                held = self._sums[state.node_id]
                held.started_at = held.started_at or state.started_at
                (running.discard if state.status in NODE_OVER else running.add)(state.node_id)
        self._running[number] = running

    def ended(self, number: int, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        """An iteration is over, now or with an earlier worker; `nodes` is its trace."""
        self._running.pop(number, None)
        for node_id, brief in nodes.items():
            if node_id in self._sums:
                self._sums[node_id].add(brief)

    def now_running(self) -> list[NodeState]:
        """Nodes that run, or wait for the next iteration."""
        running = {node_id for nodes in self._running.values() for node_id in nodes}
        return [
            NodeState(
                node_id, NodeStatus.RUNNING, started_at=held.started_at, rows_in=held.rows_in, rows_out=held.rows_out
            )
            for node_id, held in self._sums.items()
            if node_id in running or held.started_at is not None
        ]

    def over(self) -> list[NodeState]:
        """Every node, once the loop is over."""
        return [self._over(node_id, held) for node_id, held in self._sums.items()]

    def _over(self, node_id: str, held: _Sum) -> NodeState:
        status = held.status
        if status is NodeStatus.SKIPPED:
            return NodeState(node_id, status)
        return NodeState(
            node_id,
            status,
            started_at=held.started_at,
            finished_at=now() if held.started_at is not None else None,
            rows_in=held.rows_in,
            rows_out=held.rows_out,
            error=held.error if status is NodeStatus.FAILED else None,
        )
