"""Rows from a read to a write in batches: no more of them are held than are on their way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl
import pyarrow as pa
from polars.io.plugins import register_io_source

from apps.connectors.nodes import reading as reads
from apps.connectors.nodes import write as writes
from apps.connectors.nodes.chains import (
    KEPT,
    KEPT_BYTES,
    Chain,
    Moved,
    Part,
    Undecided,
    at,
    blamed,
    is_row_wise,
    keep,
    tell,
)
from apps.connectors.nodes.read_config import ReadConfig
from apps.connectors.sdk import FirstRows, Statement, WriteResult, guard
from apps.connectors.sdk.batches import to_batches
from apps.connectors.sdk.errors import ConnectorError
from apps.kernel.errors import NodeError
from apps.nodes.columns import Schema
from apps.transforms.schemas import remember, schema_of

_AHEAD: Final = 2


def pipe(chain: Chain, source: Any, target: Any) -> Moved | None:
    if not all(map(is_row_wise, chain.steps)):
        return None
    read = chain.read
    config = read.config
    assert isinstance(config, ReadConfig)
    planned = read.context.schema("output")
    used = reads.used_columns(config, read.context)
    needed = None if planned is None else _needed(chain.steps, planned)
    if needed is not None:
        used = needed
    keeps = reads.hints(_kept(chain), planned)
    with at(read, source, lambda: reads.Reading(config, read.context, source, used, keeps)) as arriving:
        flow = _Flow(chain, arriving, planned if needed is not None else None)
        first = FirstRows(KEPT, KEPT_BYTES)
        result = _written(chain, (source, target), flow, first.watch(flow.schema, flow.batches()), flow.schema)
    tell(chain, result, "in a stream")
    keep(chain, first)
    return Moved(result, flow.rows if not result.repeated else {})


def _kept(chain: Chain) -> tuple[str, Mapping[str, Any]] | None:
    """The condition that the first transform has of its rows, and the parameters it names."""
    first = chain.steps[0] if chain.steps else None
    if first is None or first.node_type is None:
        return None
    condition = first.node_type.keeps(first.config)
    return None if condition is None else (condition, first.context.parameters)


def stream(chain: Chain, target: Any, statement: Statement, expected: int) -> Moved:
    """Read what the source's SQL gives, so many rows as it believes, and write it at the same time."""
    source, last, write = statement.source, chain.parts[-2], chain.write
    schema = statement.relation.schema
    try:
        stream = reads.guarded(lambda: source.pull(statement), last.context, source)
    except ConnectorError as error:
        raise blamed(chain.read, error) from error
    with stream:
        flow = _Given(chain, stream, expected)
        first = FirstRows(KEPT, KEPT_BYTES)
        result = _written(chain, (source, target), flow, first.watch(schema, iter(flow)), schema)
    tell(chain, result, "worked out by the source, in a stream")
    keep(chain, first)
    known = {part.context.node_id: result.rows for part in (last, write)} if not result.repeated else {}
    return Moved(result, known, pushed=True)


class _Given:
    """Batches of a source that works the chain out. What goes wrong there is kept in `failure`: on its way through
    the driver that writes an exception becomes mere text."""

    def __init__(self, chain: Chain, batches: Iterable[pa.RecordBatch], expected: int) -> None:
        self._chain = chain
        self._batches = batches
        self._expected = expected
        self.failure: Exception | None = None

    def look_up(self, written: int) -> None:
        """Tell how many rows have passed; raises where the run is to stop."""
        self._chain.parts[-2].context.progress(rows_out=written, part=written / max(self._expected, 1))
        self._chain.write.context.progress(rows_in=written)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches
        except ConnectorError as error:
            self.failure = blamed(self._chain.read, error)
            raise


def _written(
    chain: Chain, ends: tuple[Any, Any], flow: _Given | _Flow, batches: Iterable[pa.RecordBatch], schema: Schema
) -> WriteResult:
    """What the target says to batches that come from the source while it writes."""
    source, target = ends

    def checked() -> None:
        """On the thread of the driver that pulls the batches, where an error of ours ends the load."""
        rows.check()

    arriving = guard.stream(
        batches, idle_seconds=writes.WEEK_SECONDS, check=checked, cancel=source.cancel, ahead=_AHEAD
    )
    rows = writes.Rows(arriving)
    request = writes.request_of(chain.write.config, chain.write.context, schema)
    try:
        return writes.written(target, rows, request, lambda: flow.look_up(rows.passed), writes.WEEK_SECONDS)
    except Exception as error:
        raise flow.failure or _failed_writing(chain.write, error) from error


def _failed_writing(write: Part, error: Exception) -> Exception:
    return blamed(write, error) if isinstance(error, ConnectorError) else error


class _AtHand:
    """The frame that a lazy one stands for when it runs. It is no part of `_Flow`, which holds the lazy one: nobody
    would see that circle, and it would never be freed."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def rows(
        self, columns: list[str] | None, predicate: pl.Expr | None, most: int | None, *_: object
    ) -> Iterator[pl.DataFrame]:
        frame = self.frame if predicate is None else self.frame.filter(predicate)
        frame = frame if columns is None else frame.select(columns)
        yield frame if most is None else frame.head(most)


class _Flow:
    """Rows on their way through the transforms, counted at each node. What goes wrong on this side of the writer
    is kept in `failure`: on its way through the driver an exception becomes mere text. `planned` are the columns of
    the read where not all of them come."""

    def __init__(self, chain: Chain, arriving: reads.Reading, planned: Schema | None) -> None:
        self._chain = chain
        self._arriving = arriving
        self._planned = planned
        self._counts = dict.fromkeys((part.context.node_id for part in chain.parts), 0)
        self._at_hand = _AtHand(arriving.schema.empty().collect())
        self.failure: Exception | None = None
        try:
            # Worked out once, over whatever frame is at hand when it runs.
            source = register_io_source(self._at_hand.rows, schema=arriving.schema.to_polars())
            self._frames = _through(chain.steps, self._padded(source))
            self.schema = schema_of(self._frames[-1])
        except Exception as error:
            raise Undecided(str(error)) from error

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows out of each node; none are told of a read whose source left some out."""
        unknown = None if self._arriving.complete else self._chain.read.context.node_id
        return {node_id: rows for node_id, rows in self._counts.items() if node_id != unknown}

    def look_up(self, written: int) -> None:
        """Tell how many rows have passed each node; raises where the run is to stop."""
        known = self.rows
        for part in (self._chain.read, *self._chain.steps):
            part.context.progress(rows_out=known.get(part.context.node_id))
        self._chain.write.context.progress(rows_in=written)

    def batches(self) -> Iterator[pa.RecordBatch]:
        frames = self._arriving.frames()
        while True:
            try:
                frame = next(frames, None)
            except ConnectorError as error:
                self.failure = blamed(self._chain.read, error)
                raise
            if frame is None:
                return
            try:
                done = self._transformed(frame)
            except Exception as error:
                self.failure = Undecided(str(error))
                raise
            if done.height:
                yield from to_batches(done, done.height)

    def _padded(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """With the columns that nothing needs, which have not been read, as nulls."""
        if self._planned is None:
            return remember(frame, self._arriving.schema)
        stored = {column.name: column for column in self._arriving.schema}
        missing = [column for column in self._planned if column.name not in stored]
        padded = frame.with_columns(pl.lit(None, dtype=each.type.to_polars()).alias(each.name) for each in missing)
        columns = Schema(tuple(stored.get(each.name, each) for each in self._planned))
        return remember(padded.select(columns.names), columns)

    def _transformed(self, frame: pl.DataFrame) -> pl.DataFrame:
        self._at_hand.frame = frame
        counted = [index for index, part in enumerate(self._chain.steps, 1) if _changes_rows(part)][:-1]
        done, *counts = pl.collect_all([self._frames[-1], *(self._frames[at].select(pl.len()) for at in counted)])
        known = dict(zip(counted, (int(count.item()) for count in counts), strict=True))
        rows = frame.height
        last = max((index for index, part in enumerate(self._chain.steps, 1) if _changes_rows(part)), default=0)
        for index, part in enumerate((self._chain.read, *self._chain.steps)):
            rows = done.height if last and index >= last else known.get(index, rows)
            self._counts[part.context.node_id] += rows
        self._counts[self._chain.write.context.node_id] += done.height
        return done


def _changes_rows(part: Part) -> bool:
    return part.node_type is not None and part.node_type.changes_row_count


def _through(steps: Sequence[Part], frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """The frame, and what each transform makes of it."""
    frames = [frame]
    for part in steps:
        assert part.node_type is not None
        frames.append(part.node_type.lower(part.config, {"input": [frames[-1]]}, part.context)["output"])
    return frames


def _needed(steps: Sequence[Part], planned: Schema) -> tuple[str, ...] | None:
    """Columns that the transforms or the write look at; None where that cannot be told, or all are. The
    optimiser says so, who is asked over a source that has no rows."""
    asked: set[str] = set()

    def source(with_columns: list[str] | None, predicate: pl.Expr | None, *_: object) -> Iterator[pl.DataFrame]:
        names = list(planned.names) if with_columns is None else with_columns
        asked.update(names)
        if predicate is not None:
            asked.update(predicate.meta.root_names())
        yield planned.empty().select(names).collect()

    frame = remember(register_io_source(source, schema=planned.to_polars()), planned)
    try:
        done = _through(steps, frame)
        for each in (done[-1], *(each.select(pl.len()) for each in done[1:])):
            each.collect(engine="in-memory")
    except (NodeError, pl.exceptions.PolarsError):
        return None  # step by step it will be said what is wrong
    needed = tuple(name for name in planned.names if name in asked)
    return needed if needed and len(needed) < len(planned) else None
