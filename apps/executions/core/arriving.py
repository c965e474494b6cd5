"""Rows that come once, while the plan that asks for them runs: a read that has joined its reader's plan.

Polars says when it begins which columns it wants and which rows it keeps. It begins anew for each place
of a plan where the frame stands, and shares nothing between them: whoever runs such a plan looks first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from apps.nodes.columns import Schema
from apps.transforms.schemas import remember

_MARK = "PYTHON SCAN"
"""How a plan shows such a source."""

_POLL_SECONDS = 0.01
_STOP_SECONDS = 10.0

Rows = Callable[[tuple[str, ...]], Iterator[pl.DataFrame]]
"""Opens a source for some of its columns."""


class ArrivalStopped(Exception):
    """No one waits for these rows any more."""


class Arriving:
    """A source of rows with the columns of `schema`. `complete`: it gives every row that there is, so that
    they can be counted; `rows` have arrived so far. `error` is what it raised; `stopping`: whoever gives rows is
    to raise ArrivalStopped."""

    def __init__(self, schema: Schema, rows: Rows, *, complete: bool) -> None:
        self.complete = complete
        self.rows = 0
        self.error: Exception | None = None
        self.stopping = False
        self._schema = schema
        self._rows = rows
        self._asked: list[Generator[pl.DataFrame, None, None]] = []

    def frame(self) -> pl.LazyFrame:
        """A lazy frame over it; no row is asked for yet."""
        return remember(register_io_source(self._source, schema=self._schema.to_polars()), self._schema)

    def stop(self) -> None:
        """End what still asks for rows. A plan that has failed lets go of its sources some time later, and a source
        that is then cancelled would take along whoever reads it anew."""
        self.stopping = True
        until = time.monotonic() + _STOP_SECONDS
        while self._asked and time.monotonic() < until:
            try:
                self._asked[-1].close()
            except ValueError:  # at work, on a thread of Polars
                time.sleep(_POLL_SECONDS)
            else:
                self._asked.pop()
        self._asked.clear()
        self.stopping = False

    def _source(
        self, columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, *_: Any
    ) -> Iterator[pl.DataFrame]:
        asked = self._give(columns, predicate, limit)
        self._asked.append(asked)
        return asked

    def _give(
        self, columns: list[str] | None, predicate: pl.Expr | None, limit: int | None
    ) -> Generator[pl.DataFrame, None, None]:
        names = self._schema.names if columns is None else tuple(columns)
        self.rows = 0
        try:
            with closing(_first(self._rows(names or self._schema.names[:1]), limit)) as arriving:
                for arrived in arriving:
                    self.rows += arrived.height
                    chosen = arrived.select(names)
                    yield chosen if predicate is None else chosen.filter(predicate)
        except Exception as error:
            self.error = None if self.stopping else error
            raise


def _first(frames: Iterator[pl.DataFrame], limit: int | None) -> Generator[pl.DataFrame, None, None]:
    left = limit
    for frame in frames:
        if left is None:
            yield frame
            continue
        yield frame.head(left)
        left -= frame.height
        if left <= 0:
            return


def beginnings(ends: Sequence[pl.LazyFrame]) -> int:
    """How often these plans, run together, would begin to read such sources."""
    return sum(end.explain(engine="streaming").count(_MARK) for end in ends)
