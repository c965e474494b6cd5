"""A large table over several connections at once: pieces of its pages, all of one snapshot, in their order.

A piece is a range of `ctid`, which PostgreSQL finds without looking at the rest of the table (14 and later). The
connections share the snapshot of the first (`pg_export_snapshot`), so that together they see what one of them
would. They take turns with the pieces, and rows come out as a read by one connection gives them.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from apps.connectors.catalog.postgresql.connection import classified, export_snapshot, import_snapshot, read_only
from apps.connectors.catalog.postgresql.discovery import plan_of
from apps.connectors.sdk.errors import ConnectorError, failure

if TYPE_CHECKING:
    from apps.connectors.catalog.postgresql import PostgreSQL

logger = logging.getLogger(__name__)

FEWEST_PAGES: Final = 2048
"""Pages of a table, below which a second connection is not worth opening."""
PIECE_PAGES: Final = 512
_AHEAD: Final = 4
"""Batches of one connection that wait for their turn."""
_LOOK_UP_SECONDS: Final = 0.1
_SINCE: Final = 140_000
_FACTS: Final = """
    SELECT c.relkind IN ('r', 'm') AND NOT c.relhassubclass AND am.amname = 'heap',
           pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::int
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam WHERE c.oid = %s
"""

Rows = Callable[[Any, str], Iterator[pl.DataFrame]]
"""Runs a condition's SELECT on a connection."""
Open = Callable[[], AbstractContextManager[Any]]
"""Opens a connection."""


def pieces(pages: int) -> tuple[str, ...]:
    """Conditions of which every row of a table meets exactly one. The last one has no end: what has come since
    lies there, and the snapshot leaves it out."""
    edges = range(PIECE_PAGES, pages, PIECE_PAGES)
    starts = ["true", *(f"ctid >= '({page},0)'::tid" for page in edges)]
    ends = [*(f"ctid < '({page},0)'::tid" for page in edges), "true"]
    return tuple(" AND ".join(bounds) for bounds in zip(starts, ends, strict=True))


class Extent(NamedTuple):
    """How many rows a large read has, as the planner expects, and the pieces in which several may share it. None
    of either for a small one."""

    rows: int | None = None
    pieces: tuple[str, ...] = ()


def extent(connection: Any, oid: int, select: str, *, connections: int) -> Extent:
    """Of the rows that a SELECT takes from a table. It has pieces where they are worth it: there are several
    connections for them, and the planner would read all of the table rather than find its rows by an index."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [oid])
        ordinary, pages = cursor.fetchone()
        if pages is None or pages < FEWEST_PAGES:
            return Extent()
        plan = node = plan_of(cursor, select)
    rows = int(plan["Plan Rows"])
    if not ordinary or connections < 2 or connection.info.server_version < _SINCE:
        return Extent(rows)
    while node["Node Type"] in ("Gather", "Result", "Subquery Scan") and len(node.get("Plans", ())) == 1:
        [node] = node["Plans"]
    return Extent(rows, pieces(pages) if node["Node Type"] == "Seq Scan" else ())


def read(
    connector: PostgreSQL,
    open_: Open,
    selects: Sequence[str],
    rows: Rows,
    *,
    connections: int,
    seconds: float | None,
) -> Generator[Iterator[pl.DataFrame], None, None]:
    """The rows of each of these SELECTs in their order, over so many connections or as many as the server gives."""
    until = None if seconds is None else time.monotonic() + seconds
    with ExitStack() as closing:
        opened = _of_one_snapshot(connector, open_, closing, min(connections, len(selects)), seconds)
        lanes = [_Lane(one, selects[place :: len(opened)], rows) for place, one in enumerate(opened)]
        closing.callback(_end, connector, lanes)
        for lane in lanes:
            lane.start()
        for number in range(len(selects)):
            if until is not None and time.monotonic() > until:
                raise failure("timeout", f"the read took longer than {seconds:g} s")
            yield lanes[number % len(lanes)].piece()


def _of_one_snapshot(
    connector: PostgreSQL, open_: Open, closing: ExitStack, wanted: int, seconds: float | None
) -> list[Any]:
    """Connections within transactions that see the same. One is enough where the server gives no more."""
    first = _opened(open_, closing, seconds)
    with first.cursor() as cursor:
        cursor.execute("BEGIN")
        snapshot = export_snapshot(cursor)
    opened = [first]
    for _ in range(wanted - 1):
        try:
            with classified(connector.scrub):
                other = _opened(open_, closing, seconds)
                with other.cursor() as cursor:
                    import_snapshot(cursor, snapshot)
        except ConnectorError as error:
            # Too many connections, perhaps: the read is slower, not wrong.
            logger.info("a table is read over %d of %d connections: %s", len(opened), wanted, error.code)
            break
        opened.append(other)
    return opened


def _opened(open_: Open, closing: ExitStack, seconds: float | None) -> Any:
    connection = closing.enter_context(open_())
    read_only(connection, seconds=seconds)
    return connection


def _end(connector: PostgreSQL, lanes: Sequence[_Lane]) -> None:
    """Before the connections close: nobody may be at work on one of them."""
    for lane in lanes:
        lane.stopped.set()
    if any(lane.is_alive() for lane in lanes):
        connector.cancel()
    for lane in lanes:
        lane.join()


class _Lane(threading.Thread):
    """One connection and its share of the pieces; `piece` gives the rows of the next one."""

    def __init__(self, connection: Any, selects: Sequence[str], rows: Rows) -> None:
        super().__init__(name="postgresql-read", daemon=True)
        self.stopped = threading.Event()
        self._connection = connection
        self._selects = selects
        self._rows = rows
        self._arrived: queue.Queue[pl.DataFrame | BaseException | None] = queue.Queue(_AHEAD)

    def run(self) -> None:
        try:
            for select in self._selects:
                for frame in self._rows(self._connection, select):
                    if not self._put(frame):
                        return
                self._put(None)
        except BaseException as error:
            self._put(error)

    def _put(self, item: pl.DataFrame | BaseException | None) -> bool:
        while not self.stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._arrived.put(item, timeout=_LOOK_UP_SECONDS)
                return True
        return False

    def piece(self) -> Iterator[pl.DataFrame]:
        """Raises what went wrong on the connection."""
        while (item := self._arrived.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
