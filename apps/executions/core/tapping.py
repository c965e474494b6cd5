"""Counting rows as they pass, inside the plan that makes them.

A count of its own (`frame.select(pl.len())`) shares little with the plan whose rows it counts: another
set of columns is asked for, so Polars runs joins and filters once more for it. A tap lies in the plan and
looks at each batch. It counts rightly only where every row passes it exactly once; where that is not
certain there is none, or its count is not used, and the rows are counted on their own.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from apps.transforms.schemas import remember, schema_of
from apps.workflows.core.plan import Port

_MARK = "OPAQUE_PYTHON"
"""How a plan shows a function of Python's."""
_OPTIONS: dict[str, Any] = {"predicate_pushdown": False, "slice_pushdown": False, "projection_pushdown": True}
"""A filter or a limit behind a tap must not slip before it; columns that nobody needs may stay away."""
_kept: set[int] = set()


def _keep_thread_state() -> None:
    """Python makes a state for a thread of Polars' and, as soon as a function has returned, takes it away: memory
    mapped and unmapped for each batch, at which all processors stop. Asked for once more than given back, the state
    stays as long as the thread, of which Polars has a fixed number."""
    thread = threading.get_ident()
    if thread not in _kept:
        _kept.add(thread)
        ctypes.pythonapi.PyGILState_Ensure()


class Taps:
    """The taps of one plan, by port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[Port, int] = {}

    @property
    def rows(self) -> Mapping[Port, int]:
        """Rows that have passed."""
        return self._rows

    def place(self, port: Port, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with a tap in it."""
        self._rows[port] = 0
        tapped = frame.map_batches(self._counting(port), streamable=True, **_OPTIONS)
        return remember(tapped, schema_of(frame))

    def hold(self, sinks: Sequence[pl.LazyFrame]) -> bool:
        """Whether the optimised plans have each tap once: none is left out with rows that nobody needs, none
        lies in a part that runs twice. Counting begins anew: what lowering read has passed as well."""
        found = sum(sink.explain(engine="streaming").count(_MARK) for sink in sinks) if self._rows else 0
        self._rows = dict.fromkeys(self._rows, 0)
        return found == len(self._rows)

    def _counting(self, port: Port) -> Callable[[pl.DataFrame], pl.DataFrame]:
        def count(batch: pl.DataFrame) -> pl.DataFrame:
            _keep_thread_state()
            with self._lock:
                self._rows[port] += batch.height
            return batch

        return count
