"""Read: rows of a table, a file, a path or a query."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterator, Mapping
from typing import Annotated, Any, ClassVar

import polars as pl
import pyarrow as pa
from pydantic import Field

from apps.connectors.nodes.filtering import Filter, checked_filter
from apps.connectors.sdk import ReadRequest, guard
from apps.connectors.sdk.batches import QUARANTINE, BatchStream, limited, to_batches, to_frame
from apps.connectors.sdk.errors import ConnectorError
from apps.kernel.errors import NodeError
from apps.nodes.columns import UNKNOWN, Schema
from apps.nodes.config import ColumnNames, Expression, NodeConfig
from apps.nodes.ports import OUTPUT, InputPort, OutputPort
from apps.nodes.problems import Problem
from apps.nodes.registry import register
from apps.nodes.types import Catalog, EffectNodeType, Frames, InferContext, Inference, Inputs, RunContext, RunResult
from apps.transforms.schemas import remember

QUARANTINED = OutputPort("quarantine")
OPEN_SECONDS = 120.0
IDLE_SECONDS = 600.0
_BRACED = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")


class ReadConfig(NodeConfig):
    table: str | None = Field(
        default=None, title="Table", min_length=1, max_length=2000, description="A table, a file's name, or a path",
        json_schema_extra={"widget": "table"},
    )  # fmt: skip
    query: str | None = Field(
        default=None, title="Query", min_length=1, max_length=100_000, description="One SELECT, instead of a table",
        json_schema_extra={"widget": "query"},
    )  # fmt: skip
    query_parameters: dict[str, Any] | list[Any] | None = Field(
        default=None, title="Parameters of the query", description="Bound as values to :name, or $1, $2 of a list"
    )
    columns: ColumnNames | None = Field(default=None, title="Columns", description="All if none are named")
    filters: Expression | None = Field(default=None, title="Filter", json_schema_extra={"widget": "expression"})
    limit: int | None = Field(default=None, ge=0, title="Limit", description="At most so many rows, after the filter")
    cursor: Annotated[dict[str, Any] | None, Field(title="Cursor", description="{column, after}: only rows beyond")] = (
        None
    )
    format: dict[str, Any] | None = Field(default=None, title="Format", description="How a file is to be read")


@register
class Read(EffectNodeType):
    category: ClassVar[str] = "connector"
    operation: ClassVar[str] = "read"
    aliases: ClassVar[tuple[str, ...]] = ("select",)
    label: ClassVar[str] = "Read"
    description: ClassVar[str] = "Reads rows from a connector"
    icon: ClassVar[str] = "database-export"
    Config: ClassVar[type[NodeConfig]] = ReadConfig
    has_external_effect: ClassVar[bool] = False

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return ()

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        return (OUTPUT, QUARANTINED)

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, ReadConfig)
        problems = list(_shape_problems(config))
        source: Schema = UNKNOWN
        if context.catalog is not None and config.connector_id and not problems:
            found = context.catalog.columns(config.connector_id, asked_of_catalog(config))
            if isinstance(found, Schema):
                source = found
            elif found.code != "missing_connector":  # the analysis has said that, for every node that names one
                problems.append(found)
        if config.filters is not None:
            _, wrong = checked_filter(
                config.filters, source, context.parameters, open_parameters=context.open_parameters
            )
            problems += wrong
        output, wrong_columns = _chosen(config, source)
        return Inference({"output": output, "quarantine": QUARANTINE}, (*problems, *wrong_columns))

    def scannable(self, config: NodeConfig, catalog: Catalog | None) -> bool:
        """Files can be scanned lazily; the catalog knows what a connector is."""
        assert isinstance(config, ReadConfig)
        type_of = getattr(catalog, "connector_type", None)
        return config.connector_id is not None and type_of is not None and type_of(config.connector_id) == "files"

    def scan(self, config: NodeConfig, context: RunContext) -> Mapping[str, pl.LazyFrame] | None:
        assert isinstance(config, ReadConfig)
        connector = _connector(config, context)
        if not connector.capabilities.lazy_scan:
            return None
        request = _request(config, context, limit=None, columns=None)
        frame = _guarded(lambda: connector.scan(request), context, connector)
        if frame is None:
            return None
        schema = _guarded(lambda: connector.query_schema(request), context, connector).schema
        output, chosen = _reduced(frame, schema, config, context)
        nothing = remember(QUARANTINE.empty(), QUARANTINE)
        return {"output": remember(output, chosen), "quarantine": nothing}

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, ReadConfig)
        connector = _connector(config, context)
        frames = self.scan(config, context)
        used = _used(config, context)
        if frames is not None:
            output = frames["output"] if context.sample is None else frames["output"].head(context.sample)
            output = output if used is None else output.select(used)
            context.write_frame("quarantine", frames["quarantine"])
            return RunResult(rows_out=context.write_frame("output", output))
        condition = None
        request = _request(config, context, limit=_limit(config, context), columns=None)
        if _needs_filter(config):
            described = _guarded(lambda: _described(connector, request), context, connector)
            condition = Filter(_conditions(config), described, context.parameters)
            request = _request(
                config, context, limit=None, columns=_needed(used, condition, described), condition=condition
            )
        elif used is not None:
            request = _request(config, context, limit=request.limit, columns=used)
        stream = _guarded(lambda: connector.read(request), context, connector)
        schema = _ordered(stream.schema, used)
        with stream, contextlib.closing(_rows(stream, schema, config, context, condition, connector)) as arriving:
            rows = context.write_batches("output", schema, arriving)
            quarantined = stream.quarantine
        context.write_frame("quarantine", quarantined.frame())
        if len(quarantined):
            context.log("warning", f"{len(quarantined)} lines were quarantined; the first: {quarantined.first}")
        return RunResult(rows_out=rows)


def asked_of_catalog(config: ReadConfig) -> dict[str, Any]:
    """The part of a config that decides which columns the source gives."""
    asked: dict[str, Any] = {}
    if config.table is not None:
        asked["table"] = config.table
    if config.query is not None:
        named = dict.fromkeys(_BRACED.findall(config.query))
        given = config.query_parameters
        asked["query"] = config.query
        asked["queryParameters"] = given if isinstance(given, list) else {**named, **(given or {})}
    if config.format:
        asked["format"] = config.format
    return asked


def _shape_problems(config: ReadConfig) -> Iterator[Problem]:
    if not config.connector_id:
        yield Problem("missing_connector", "choose a connector to read from", "connectorId")
    if (config.table is None) == (config.query is None):
        yield Problem("invalid_config", "give either a table or a query", "config.table")
    if config.cursor is not None and not isinstance(config.cursor.get("column"), str):
        yield Problem("invalid_config", "a cursor names a column", "config.cursor")


def _chosen(config: ReadConfig, source: Schema) -> tuple[Schema, list[Problem]]:
    if config.columns is None:
        return source, []
    problems = []
    if source.dynamic:
        return UNKNOWN, []
    for index, name in enumerate(config.columns):
        if source.get(name) is None:
            known = ", ".join(source.names[:20])
            message = f"there is no column {name!r}; there are: {known}"
            problems.append(Problem("unknown_column", message, f"config.columns.{index}"))
    return Schema(tuple(column for column in source if column.name in config.columns)), problems


def _connector(config: ReadConfig, context: RunContext) -> Any:
    if not config.connector_id:
        raise NodeError("The node names no connector", code="missing_connector", remedy="Choose a connector.")
    return context.connector(config.connector_id)


def _limit(config: ReadConfig, context: RunContext) -> int | None:
    """Rows wanted after filtering; a preview wants no more than its sample."""
    limits = [limit for limit in (config.limit, context.sample) if limit is not None]
    return min(limits) if limits else None


def _needs_filter(config: ReadConfig) -> bool:
    return config.filters is not None or config.cursor is not None


def _conditions(config: ReadConfig) -> str:
    """The filter and the cursor as one expression; the cursor's value is a literal of the language."""
    parts = [f"({config.filters})"] if config.filters else []
    if config.cursor is not None and config.cursor.get("after") is not None:
        parts.append(_beyond(config))
    polars_style = bool(config.filters) and "col(" in str(config.filters)
    return (" & " if polars_style else " AND ").join(parts) or "TRUE"


def _beyond(config: ReadConfig) -> str:
    assert config.cursor is not None
    name, after = str(config.cursor["column"]), config.cursor["after"]
    literal = "'" + after.replace("'", "''") + "'" if isinstance(after, str) else str(after)
    if config.filters and "col(" in config.filters:
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        return f"(col('{escaped}') > {literal})"
    quoted = name.replace('"', '""')
    return f'("{quoted}" > {literal})'


def _request(
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


def _used(config: ReadConfig, context: RunContext) -> tuple[str, ...] | None:
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


def _reduced(
    frame: pl.LazyFrame, schema: Schema, config: ReadConfig, context: RunContext
) -> tuple[pl.LazyFrame, Schema]:
    """Filter, limit, columns, in this order, on a lazy scan."""
    if _needs_filter(config):
        frame = frame.filter(Filter(_conditions(config), schema, context.parameters).expression)
    if config.limit is not None:
        frame = frame.head(config.limit)
    chosen, problems = _chosen(config, schema)
    if problems:
        raise NodeError(problems[0].message, code=problems[0].code, remedy="Correct config.columns of the node.")
    return (frame if config.columns is None else frame.select(chosen.names)), chosen


def _guarded(work: Any, context: RunContext, connector: Any) -> Any:
    """Do something that may hang, and stop it when the run is to stop."""
    try:
        return guard.call(
            work, seconds=OPEN_SECONDS, what=connector.label, check=context.check_cancelled, cancel=connector.cancel
        )
    except ConnectorError as error:
        error.message = connector.scrub(error.message)
        raise
