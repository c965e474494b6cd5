"""Write: rows into a table or a file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from apps.connectors.nodes.read import mover
from apps.connectors.sdk import WriteMode, WriteRequest, WriteResult, guard
from apps.connectors.sdk.batches import from_lazy
from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.requests import BATCH_ROWS
from apps.connectors.sdk.writes import KEYED
from apps.kernel.errors import NodeError
from apps.nodes.columns import UNKNOWN, Schema
from apps.nodes.config import ColumnNames, NodeConfig
from apps.nodes.problems import Problem
from apps.nodes.registry import register
from apps.nodes.types import Catalog, EffectNodeType, Frames, InferContext, Inference, Inputs, RunContext, RunResult
from apps.transforms.schemas import schema_of

WEEK_SECONDS = 604_800.0
_OF_OPERATION = {"insert": WriteMode.APPEND, "update": WriteMode.UPDATE, "upsert": WriteMode.UPSERT,
                 "delete": WriteMode.DELETE}  # fmt: skip


class WriteConfig(NodeConfig):
    table: str | None = Field(
        default=None, title="Table", min_length=1, max_length=2000, description="Made if it is not there",
        json_schema_extra={"widget": "table"},
    )  # fmt: skip
    mode: Literal["append", "replace", "update", "upsert", "delete"] | None = Field(
        default=None, title="Mode", description="append unless the operation says otherwise"
    )
    keys: ColumnNames | None = Field(default=None, title="Keys", description="Columns that name a row")
    batch_size: int | None = Field(default=None, ge=1, le=1_000_000, title="Rows sent at a time")
    format: dict[str, Any] | None = Field(default=None, title="Format", description="How a file is to be written")


@register
class Write(EffectNodeType):
    category: ClassVar[str] = "connector"
    operation: ClassVar[str] = "write"
    aliases: ClassVar[tuple[str, ...]] = ("insert", "update", "upsert", "delete")
    label: ClassVar[str] = "Write"
    description: ClassVar[str] = "Writes rows to a connector, whole or not at all, and hands them on"
    icon: ClassVar[str] = "database-import"
    Config: ClassVar[type[NodeConfig]] = WriteConfig

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, WriteConfig)
        given = (inputs.get("input") or (UNKNOWN,))[0]
        problems = list(_shape_problems(config, given))
        if not problems and context.catalog is not None:
            problems += _target_problems(config, given, context)
        return Inference({"output": given}, tuple(problems))

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, WriteConfig)
        frames = inputs.get("input", ())
        if not config.connector_id or config.table is None or not frames:
            raise NodeError("The node names no connector or no table", code="invalid_config", remedy="Complete it.")
        connector = context.connector(config.connector_id)
        schema = schema_of(frames[0])
        rows = Rows(from_lazy(frames[0], config.batch_size or BATCH_ROWS))
        request = request_of(config, context, schema)
        arrived = context.arrived()

        def look_up() -> None:
            context.progress(rows_in=rows.passed, part=arrived and rows.passed / max(arrived.rows, 1))

        result = written(connector, rows, request, look_up, config.timeout or WEEK_SECONDS)
        tell(context, result, config)
        context.forward("output")
        return RunResult(rows_in=result.rows, rows_out=result.rows)

    def moves(self, config: NodeConfig, catalog: Catalog | None) -> str | None:
        assert isinstance(config, WriteConfig)
        return None if config.format else mover(config.connector_id, catalog)


def request_of(config: NodeConfig, context: RunContext, schema: Schema) -> WriteRequest:
    """What the connector is asked for rows of these columns."""
    assert isinstance(config, WriteConfig)
    return WriteRequest(
        table=config.table or "",
        schema=schema,
        mode=mode_of(config),
        keys=tuple(config.keys or ()),
        format=config.format or {},
        batch_rows=config.batch_size or BATCH_ROWS,
        timeout=config.timeout,
        idempotency_key=context.idempotency_key,
    )


class Rows:
    """Batches on their way into a connector, on its thread; `stop` ends them with an error, so that what was
    begun is rolled back."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._stopped = threading.Event()
        self.passed = 0

    def stop(self) -> None:
        self._stopped.set()

    def check(self) -> None:
        """Raise once they are stopped, for whoever waits for the next batch."""
        if self._stopped.is_set():
            raise failure("cancelled", "the write was stopped", remedy="")

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.check()
            yield batch
            self.passed += batch.num_rows


def written(
    connector: Any, rows: Rows, request: WriteRequest, look_up: Callable[[], None], seconds: float
) -> WriteResult:
    """What a connector makes of the rows, while `look_up` tells how many have passed, and stops it."""

    def stop() -> None:
        rows.stop()
        connector.cancel()

    result: WriteResult = guard.call(
        lambda: connector.write(rows, request), seconds=seconds, what=connector.label, check=look_up, cancel=stop
    )
    return result


def mode_of(config: WriteConfig) -> WriteMode:
    """What the mode says, or else the operation."""
    if config.mode is not None:
        return WriteMode(config.mode)
    return _OF_OPERATION.get(config.operation, WriteMode.APPEND)


def _shape_problems(config: WriteConfig, given: Schema) -> Iterator[Problem]:
    if not config.connector_id:
        yield Problem("missing_connector", "choose a connector to write to", "connectorId")
    if config.table is None:
        yield Problem("invalid_config", "name the table to write to", "config.table")
    implied = _OF_OPERATION.get(config.operation)
    if implied is not None and config.mode is not None and WriteMode(config.mode) is not implied:
        yield Problem("invalid_config", f"{config.operation} does not go with the mode {config.mode}", "config.mode")
    mode = mode_of(config)
    if mode in KEYED and not config.keys:
        yield Problem("invalid_config", f"{mode} needs the key columns", "config.keys")
    for index, key in enumerate(config.keys or ()):
        if given.get(key) is None and not given.dynamic:
            yield Problem("unknown_column", f"the rows have no column {key!r}", f"config.keys.{index}")


def _target_problems(config: WriteConfig, given: Schema, context: InferContext) -> list[Problem]:
    """Columns that the target does not have. A file that is replaced may have any."""
    assert context.catalog is not None
    assert config.connector_id is not None
    assert config.table is not None
    mode = mode_of(config)
    type_of = getattr(context.catalog, "connector_type", None)
    if type_of is not None and type_of(config.connector_id) == "files" and mode is WriteMode.REPLACE:
        return []
    target = context.catalog.target_columns(config.connector_id, config.table)
    if target is None or target.dynamic or given.dynamic:
        return []
    known = set(target.names)
    return [
        Problem("unknown_column", f"the table {config.table!r} has no column {name!r}", "config.table")
        for name in given.names
        if name not in known
    ]


def tell(context: RunContext, result: WriteResult, config: WriteConfig, how: str = "") -> None:
    """Log what a write did."""
    if result.repeated:
        context.log(
            "info", f"an earlier attempt had written {result.rows:,} rows to {config.table}: nothing is doubled"
        )
        return
    mode = mode_of(config)
    made = "made the table and " if result.created else ""
    changed = "" if result.affected in (None, result.rows) else f", {result.affected:,} rows changed"
    context.log("info", f"{made}wrote {result.rows:,} rows to {config.table} ({mode}{changed}{how and ', ' + how})")
    if mode is WriteMode.APPEND and not result.exactly_once:
        context.log("info", "this target keeps no mark of what was written: after a crash rows may come twice")
