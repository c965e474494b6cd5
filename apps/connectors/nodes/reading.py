"""Rows of a read as they arrive: asked for, filtered, limited, watched."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import pyarrow as pa

from apps.connectors.nodes.filtering import Filter
from apps.connectors.nodes.read_config import ReadConfig, chosen_columns, conditions_of, needs_filter
from apps.connectors.sdk import Comparison, ReadRequest, guard
from apps.connectors.sdk.batches import BatchStream, Quarantine, limited, to_batches, to_frame
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
    readers = () if config.limit is not None else _of_reader(context)
    request = replace(request, prefilter=(*own, *readers))
    stream: BatchStream = guarded(lambda: connector.read(request), context, connector)

    def rows(names: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        return guard.stream(
            stream.frames(names),
            idle_seconds=config.timeout or IDLE_SECONDS,
            what=connector.label,
            check=context.check_cancelled,
            cancel=connector.cancel,
        )

    frame = context.arriving(stream.schema, rows, complete=not (readers and stream.prefiltered))
    return reduced(frame, stream.schema, config, context)


def _of_reader(context: RunContext) -> tuple[Comparison, ...]:
    """What the node's reader keeps, as comparisons. Only a hint: what is wrong with it the reader will say."""
    planned = context.schema("output")
    if context.condition is None or planned is None:
        return ()
    text, values = context.condition
    try:
        return Filter(text, planned, values).comparisons
    except NodeError:
        return ()


class Reading:
    """Rows of a read as they arrive, filtered, limited and with the columns that were asked for."""

    def __init__(self, config: ReadConfig, context: RunContext, connector: Any, used: tuple[str, ...] | None) -> None:
        condition = None
        request = request_of(config, context, limit=_limit(config, context), columns=None)
        if needs_filter(config):
            described = guarded(lambda: _described(connector, request), context, connector)
            condition = Filter(conditions_of(config), described, context.parameters)
            request = request_of(
                config, context, limit=None, columns=_needed(used, condition, described), condition=condition
            )
        elif used is not None:
            request = request_of(config, context, limit=request.limit, columns=used)
        self._stream = guarded(lambda: connector.read(request), context, connector)
        self.schema = _ordered(self._stream.schema, used)
        self._rows = _rows(self._stream, self.schema, config, context, condition, connector)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self._rows

    @property
    def quarantine(self) -> Quarantine:
        """Lines that could not be read; complete at the end."""
        found: Quarantine = self._stream.quarantine
        return found

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *exception: object) -> None:
        self._rows.close()
        self._stream.close()


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


def _rows(  # noqa: PLR0917
    stream: BatchStream,
    schema: Schema,
    config: ReadConfig,
    context: RunContext,
    condition: Filter | None,
    connector: Any,
) -> Generator[pa.RecordBatch, None, None]:
    watched = guard.stream(
        stream,
        idle_seconds=config.timeout or IDLE_SECONDS,
        what=connector.label,
        check=context.check_cancelled,
        cancel=connector.cancel,
    )
    if condition is None:
        yield from watched
        return

    def kept() -> Iterator[pa.RecordBatch]:
        for batch in watched:
            frame = to_frame(batch, stream.schema).filter(condition.expression).select(schema.names)
            yield from to_batches(frame, max(frame.height, 1))

    yield from limited(kept(), _limit(config, context))


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
