"""Read: rows of a table, a file, a path or a query."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Annotated, Any, ClassVar

import polars as pl
import pyarrow as pa
from pydantic import Field

from apps.connectors.nodes.filtering import Filter, checked_filter
from apps.connectors.sdk import ReadRequest, guard
from apps.connectors.sdk.batches import QUARANTINE, BatchStream, Quarantine, limited, to_batches, to_frame
from apps.connectors.sdk.errors import ConnectorError
from apps.connectors.sdk.registry import find
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
        output, wrong_columns = chosen_columns(config, source)
        return Inference({"output": output, "quarantine": QUARANTINE}, (*problems, *wrong_columns))

    def scannable(self, config: NodeConfig, catalog: Catalog | None) -> bool:
        """Files can be scanned lazily; the catalog knows what a connector is."""
        assert isinstance(config, ReadConfig)
        type_of = getattr(catalog, "connector_type", None)
        return config.connector_id is not None and type_of is not None and type_of(config.connector_id) == "files"

    def scan(self, config: NodeConfig, context: RunContext) -> Mapping[str, pl.LazyFrame] | None:
        assert isinstance(config, ReadConfig)
        connector = connector_of(config, context)
        if not connector.capabilities.lazy_scan:
            return None
        request = request_of(config, context, limit=None, columns=None)
        frame = guarded(lambda: connector.scan(request), context, connector)
        if frame is None:
            return None
        schema = guarded(lambda: connector.query_schema(request), context, connector).schema
        output, chosen = _reduced(frame, schema, config, context)
        nothing = remember(QUARANTINE.empty(), QUARANTINE)
        return {"output": remember(output, chosen), "quarantine": nothing}

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, ReadConfig)
        connector = connector_of(config, context)
        frames = self.scan(config, context)
        used = used_columns(config, context)
        if frames is not None:
            output = frames["output"] if context.sample is None else frames["output"].head(context.sample)
            output = output if used is None else output.select(used)
            context.write_frame("quarantine", frames["quarantine"])
            return RunResult(rows_out=context.write_frame("output", output))
        with Reading(config, context, connector, used) as arriving:
            rows = context.write_batches("output", arriving.schema, arriving)
            quarantined = arriving.quarantine
        context.write_frame("quarantine", quarantined.frame())
        if len(quarantined):
            context.log("warning", f"{len(quarantined)} lines were quarantined; the first: {quarantined.first}")
        return RunResult(rows_out=rows)

    def moves(self, config: NodeConfig, catalog: Catalog | None) -> str | None:
        assert isinstance(config, ReadConfig)
        return None if config.format else mover(config.connector_id, catalog)


def mover(connector_id: str | None, catalog: Catalog | None) -> str | None:
    """The type of a connector between two of which rows may pass; None for others."""
    type_of = getattr(catalog, "connector_type", None)
    name = type_of(connector_id) if connector_id is not None and type_of is not None else None
    kind = find(name) if name is not None else None
    return name if kind is not None and kind.capabilities.moves_rows else None


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


def chosen_columns(config: ReadConfig, source: Schema) -> tuple[Schema, list[Problem]]:
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


def connector_of(config: ReadConfig, context: RunContext) -> Any:
    if not config.connector_id:
        raise NodeError("The node names no connector", code="missing_connector", remedy="Choose a connector.")
    return context.connector(config.connector_id)


def _limit(config: ReadConfig, context: RunContext) -> int | None:
    """Rows wanted after filtering; a preview wants no more than its sample."""
    limits = [limit for limit in (config.limit, context.sample) if limit is not None]
    return min(limits) if limits else None


def needs_filter(config: ReadConfig) -> bool:
    return config.filters is not None or config.cursor is not None


def conditions_of(config: ReadConfig) -> str:
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


def _reduced(
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
