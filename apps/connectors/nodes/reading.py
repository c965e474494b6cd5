"""Rows of a read as they arrive: asked for, filtered, limited, watched."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl
import pyarrow as pa

from apps.connectors.nodes.filtering import Filter
from apps.connectors.nodes.read_config import ReadConfig, chosen_columns, conditions_of, needs_filter
from apps.connectors.sdk import Comparison, ReadRequest, guard
from apps.connectors.sdk.batches import BatchStream, Quarantine, to_batches
from apps.connectors.sdk.errors import ConnectorError
from apps.kernel.errors import NodeError
from apps.nodes.columns import Schema
from apps.nodes.types import RunContext

OPEN_SECONDS = 120.0
IDLE_SECONDS = 600.0


def arriving(config: ReadConfig, context: RunContext, connector: Any) -> tuple[pl.LazyFrame, Schema]:
    """A lazy frame over the rows as they come, and its columns. What the node's reader filters away need not come."""
    own: tuple[Comparison, ...] = ()
    request = request_of(config, context, limit=None if needs_filter(config) else config.limit, columns=None)
    if needs_filter(config):
        described = guarded(lambda: _described(connector, request), context, connector)
        own = Filter(conditions_of(config), described, context.parameters).comparisons
    readers = () if config.limit is not None else hints(context.condition, context.schema("output"))
    request = replace(request, prefilter=(*own, *readers))
    stream: BatchStream = guarded(lambda: connector.read(request), context, connector)

    def rows(names: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        return guard.stream(
            stream.frames(names),
            idle_seconds=config.timeout or IDLE_SECONDS,
            what=connector.label,
            check=partial(_look_up, context, stream),
            cancel=connector.cancel,
        )

    frame = context.arriving(stream.schema, rows, complete=not (readers and stream.prefiltered))
    return reduced(frame, stream.schema, config, context)


def hints(condition: tuple[str, Mapping[str, Any]] | None, planned: Schema | None) -> tuple[Comparison, ...]:
    """What the node's reader keeps, as comparisons. Only a hint: what is wrong with it the reader will say."""
    if condition is None or planned is None:
        return ()
    text, values = condition
    try:
        return Filter(text, planned, values).comparisons
    except NodeError:
        return ()


class Reading:
    """Rows of a read as they arrive, filtered, limited and with the columns that were asked for: iterate over their
    batches, or over `frames`, once."""

    def __init__(
        self,
        config: ReadConfig,
        context: RunContext,
        connector: Any,
        used: tuple[str, ...] | None,
        keeps: tuple[Comparison, ...] = (),
    ) -> None:
        """Rows without `keeps` need not come."""
        self._condition: Filter | None = None
        self._limit = _limit(config, context)
        keeps = () if self._limit is not None else keeps
        request = request_of(config, context, limit=self._limit, columns=None)
        if needs_filter(config):
            described = guarded(lambda: _described(connector, request), context, connector)
            self._condition = Filter(conditions_of(config), described, context.parameters)
            needed = _needed(used, self._condition, described)
            request = request_of(config, context, limit=None, columns=needed, condition=self._condition)
        elif used is not None:
            request = replace(request, columns=used)
        request = replace(request, prefilter=(*request.prefilter, *keeps))
        self._stream: BatchStream = guarded(lambda: connector.read(request), context, connector)
        self.schema = _ordered(self._stream.schema, used)
        self.complete = not (keeps and self._stream.prefiltered)
        self._watched = partial(
            guard.stream,
            idle_seconds=config.timeout or IDLE_SECONDS,
            what=connector.label,
            check=partial(_look_up, context, self._stream),
            cancel=connector.cancel,
        )
        self._rows: Generator[Any, None, None] | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        self._rows = self._batches()
        return self._rows

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows as data frames, with exactly the types of `schema`."""
        self._rows = self._frames()
        return self._rows

    def _batches(self) -> Generator[pa.RecordBatch, None, None]:
        if self._condition is None:
            yield from self._watched(self._stream)
            return
        for frame in self._frames():
            yield from to_batches(frame, max(frame.height, 1))

    def _frames(self) -> Generator[pl.DataFrame, None, None]:
        condition, names = self._condition, self.schema.names
        if condition is None:
            yield from self._watched(self._stream.frames(names))
            return
        left = self._limit
        for frame in self._watched(self._stream.frames(self._stream.schema.names)):
            kept = frame.filter(condition.expression).select(names)
            if left is None:
                yield kept
                continue
            if left > 0:
                yield kept.head(left)
            left -= kept.height
            if left <= 0:
                return

    @property
    def quarantine(self) -> Quarantine:
        """Lines that could not be read; complete at the end."""
        return self._stream.quarantine

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._rows is not None:
            self._rows.close()
        self._stream.close()


def _look_up(context: RunContext, stream: BatchStream) -> None:
    context.check_cancelled()
    context.progress(part=stream.part)


def told(batches: Iterable[pa.RecordBatch], context: RunContext) -> Iterator[pa.RecordBatch]:
    """The batches, while the node tells how many rows have passed."""
    rows = 0
    for batch in batches:
        yield batch
        rows += batch.num_rows
        context.progress(rows_out=rows)


def connector_of(config: ReadConfig, context: RunContext) -> Any:
    if not config.connector_id:
        raise NodeError("The node names no connector", code="missing_connector", remedy="Choose a connector.")
    return context.connector(config.connector_id)


def _limit(config: ReadConfig, context: RunContext) -> int | None:
    """Rows wanted after filtering; a preview wants no more than its sample."""
    limits = [limit for limit in (config.limit, context.sample) if limit is not None]
    return min(limits) if limits else None


def request_of(
    config: ReadConfig,
    context: RunContext,
    *,
    limit: int | None,
    columns: tuple[str, ...] | None,
    condition: Filter | None = None,
) -> ReadRequest:
    given = config.query_parameters
    parameters = given if isinstance(given, list) else {**context.parameters, **(given or {})}
    return ReadRequest(
        table=config.table,
        query=config.query,
        parameters=parameters,
        columns=columns,
        prefilter=condition.comparisons if condition is not None else (),
        limit=limit,
        format=config.format or {},
        timeout=config.timeout,
    )


def _described(connector: Any, request: ReadRequest) -> Schema:
    if request.query is not None or request.format:
        found: Schema = connector.query_schema(request).schema
        return found
    return Schema(connector.discover(request.table)[0].schema.columns)


def used_columns(config: ReadConfig, context: RunContext) -> tuple[str, ...] | None:
    """Columns that come out: those that were chosen, without what nothing downstream uses; None for all.
    A sample keeps them all, since previews of other nodes are made from it."""
    needed = None if context.sample is not None else context.columns_needed
    if needed is None:
        return None if config.columns is None else tuple(config.columns)
    if needed:
        return needed
    planned = context.schema("output")
    return None if planned is None else planned.names[:1]  # rows without a column could not be counted


def _needed(used: tuple[str, ...] | None, condition: Filter, source: Schema) -> tuple[str, ...] | None:
    """Columns to ask the source for: those that come out and those that the condition looks at."""
    if used is None:
        return None
    wanted = condition.columns | frozenset(used)
    return tuple(name for name in source.names if name in wanted)


def _ordered(schema: Schema, used: tuple[str, ...] | None) -> Schema:
    """Columns that come out, in the source's order."""
    if used is None:
        return schema
    return Schema(tuple(column for column in schema if column.name in used))


def reduced(
    frame: pl.LazyFrame, schema: Schema, config: ReadConfig, context: RunContext
) -> tuple[pl.LazyFrame, Schema]:
    """Filter, limit, columns, in this order, on a lazy scan."""
    if needs_filter(config):
        frame = frame.filter(Filter(conditions_of(config), schema, context.parameters).expression)
    if config.limit is not None:
        frame = frame.head(config.limit)
    chosen, problems = chosen_columns(config, schema)
    if problems:
        raise NodeError(problems[0].message, code=problems[0].code, remedy="Correct config.columns of the node.")
    return (frame if config.columns is None else frame.select(chosen.names)), chosen


def guarded(work: Any, context: RunContext, connector: Any) -> Any:
    """Do something that may hang, and stop it when the run is to stop."""
    try:
        return guard.call(
            work, seconds=OPEN_SECONDS, what=connector.label, check=context.check_cancelled, cancel=connector.cancel
        )
    except ConnectorError as error:
        error.message = connector.scrub(error.message)
        raise
