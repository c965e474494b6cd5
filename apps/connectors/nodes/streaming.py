"""Rows from a read to a write in batches: no more of them are held than are on their way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from apps.connectors.sdk.batches import to_batches, to_frame
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
    with at(read, source, lambda: reads.Reading(config, read.context, source, used)) as arriving:
        flow = _Flow(chain, arriving.schema, planned if needed is not None else None)
        first = FirstRows(KEPT, KEPT_BYTES)
        result = _written(chain, (source, target), flow, first.watch(flow.schema, flow.batches(arriving)), flow.schema)
    tell(chain, result, "in a stream")
    keep(chain, first)
    return Moved(result, flow.rows if not result.repeated else {})


def stream(chain: Chain, target: Any, statement: Statement) -> Moved:
    """Read what the source's SQL gives, and write it at the same time."""
    source, last, write = statement.source, chain.parts[-2], chain.write
    schema = statement.relation.schema
    try:
        stream = reads.guarded(lambda: source.pull(statement), last.context, source)
    except ConnectorError as error:
        raise blamed(chain.read, error) from error
    with stream:
        flow = _Blaming(chain.read, stream)
        first = FirstRows(KEPT, KEPT_BYTES)
        result = _written(chain, (source, target), flow, first.watch(schema, iter(flow)), schema)
    tell(chain, result, "worked out by the source, in a stream")
    keep(chain, first)
    known = {part.context.node_id: result.rows for part in (last, write)} if not result.repeated else {}
    return Moved(result, known, pushed=True)


class _Blaming:
    """Batches of a source. What goes wrong there is kept in `failure`: on its way through the driver that writes
    an exception becomes mere text."""

    def __init__(self, read: Part, batches: Iterable[pa.RecordBatch]) -> None:
        self._read = read
        self._batches = batches
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches
        except ConnectorError as error:
            self.failure = blamed(self._read, error)
            raise


def _written(
    chain: Chain, ends: tuple[Any, Any], flow: _Blaming | _Flow, batches: Iterable[pa.RecordBatch], schema: Schema
) -> WriteResult:
    """What the target says to batches that come from the source while it writes."""
    source, target = ends

    def look_up() -> None:
        """On the thread of the driver that pulls the batches, where an error of ours ends the load."""
        rows.check()

    arriving = guard.stream(
        batches, idle_seconds=writes.WEEK_SECONDS, check=look_up, cancel=source.cancel, ahead=_AHEAD
    )
    rows = writes.Rows(arriving)
    request = writes.request_of(chain.write.config, chain.write.context, schema)
    try:
        return writes.written(target, rows, request, chain.write.context, writes.WEEK_SECONDS)
    except Exception as error:
        raise flow.failure or _failed_writing(chain.write, error) from error


def _failed_writing(write: Part, error: Exception) -> Exception:
    return blamed(write, error) if isinstance(error, ConnectorError) else error


class _Flow:
    """Batches on their way through the transforms, with rows counted at each node. What goes wrong on this side
    of the writer is kept in `failure`: on its way through the driver an exception becomes mere text."""

    def __init__(self, chain: Chain, arriving: Schema, planned: Schema | None) -> None:
        self._chain = chain
        self._arriving = arriving
        self._planned = planned
        self.rows: dict[str, int] = dict.fromkeys((part.context.node_id for part in chain.parts), 0)
        self.failure: Exception | None = None
        try:
            self.schema = schema_of(_through(chain.steps, self._padded(arriving.empty()))[-1])
        except Exception as error:
            raise Undecided(str(error)) from error

    def batches(self, arriving: reads.Reading) -> Iterator[pa.RecordBatch]:
        source = iter(arriving)
        while True:
            try:
                batch = next(source, None)
            except ConnectorError as error:
                self.failure = blamed(self._chain.read, error)
                raise
            if batch is None:
                return
            try:
                done = self._transformed(to_frame(batch, self._arriving))
            except Exception as error:
                self.failure = Undecided(str(error))
                raise
            if done.height:
                yield from to_batches(done, done.height)

    def _padded(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """With the columns that nothing needs, which have not been read, as nulls."""
        if self._planned is None:
            return remember(frame, self._arriving)
        stored = {column.name: column for column in self._arriving}
        missing = [column for column in self._planned if column.name not in stored]
        padded = frame.with_columns(pl.lit(None, dtype=each.type.to_polars()).alias(each.name) for each in missing)
        columns = Schema(tuple(stored.get(each.name, each) for each in self._planned))
        return remember(padded.select(columns.names), columns)

    def _transformed(self, frame: pl.DataFrame) -> pl.DataFrame:
        frames = _through(self._chain.steps, self._padded(frame.lazy()))
        counted = [index for index, part in enumerate(self._chain.steps, 1) if _changes_rows(part)][:-1]
        done, *counts = pl.collect_all([frames[-1], *(frames[index].select(pl.len()) for index in counted)])
        known = dict(zip(counted, (int(count.item()) for count in counts), strict=True))
        rows = frame.height
        last = max((index for index, part in enumerate(self._chain.steps, 1) if _changes_rows(part)), default=0)
        for index, part in enumerate((self._chain.read, *self._chain.steps)):
            rows = done.height if last and index >= last else known.get(index, rows)
            self.rows[part.context.node_id] += rows
        self.rows[self._chain.write.context.node_id] += done.height
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
