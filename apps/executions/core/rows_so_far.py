"""Rows that have passed the nodes of a stage while it runs: the threads at work count, the host's thread tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from apps.executions.core.progress import MAX_LISTED_NODES
from apps.executions.core.records import NodeState

PROGRESS_SECONDS = 0.5
_NEARLY = 0.99
"""Of a node that runs: it may have more to do than was thought."""


class RowsSoFar:
    """`states` are those of the nodes that run, `tell` tells others. A stage of very many nodes is not told on
    its way: each telling writes a row for each of them."""

    def __init__(self, states: Sequence[NodeState], tell: Callable[[Sequence[NodeState]], None]) -> None:
        self._states = states if len(states) <= MAX_LISTED_NODES else ()
        self._tell = tell
        self._rows: dict[str, tuple[int | None, int | None]] = {}
        self._parts: dict[str, float] = {}
        self._counting: Callable[[], Mapping[str, int]] | None = None
        self._told: Sequence[NodeState] = states
        self._told_at = time.monotonic()

    def note(
        self, node_id: str, *, rows_in: int | None = None, rows_out: int | None = None, part: float | None = None
    ) -> None:
        """So many rows have passed a node, and this part of its work is done, where that is known."""
        if rows_in is not None or rows_out is not None:
            self._rows[node_id] = (rows_in, rows_out)
        if part is not None:
            self._parts[node_id] = round(min(part, _NEARLY), 3)

    def count(self, counting: Callable[[], Mapping[str, int]]) -> None:
        """Ask `counting` for the rows out of each node that it knows of."""
        self._counting = counting

    def look(self) -> None:
        """Tell what is new, if it is some time since the last telling. Call it often, on the host's thread."""
        if not self._states or time.monotonic() - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = time.monotonic()
        if self._counting is not None:
            self._rows |= {node_id: (None, rows) for node_id, rows in self._counting().items()}
        # The nodes of a stage stream, so that they are over together.
        part = max(self._parts.values(), default=None)
        states = [self._state(state, part) for state in self._states]
        news = [state for state, told in zip(states, self._told, strict=True) if state != told]
        if news:
            self._told = states
            self._tell(news)

    def _state(self, state: NodeState, part: float | None) -> NodeState:
        rows_in, rows_out = self._rows.get(state.node_id, (None, None))
        return replace(state, rows_in=rows_in, rows_out=rows_out, part=part)
