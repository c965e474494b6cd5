"""Read: rows of a table, a file, a path or a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import polars as pl

from apps.connectors.nodes.filtering import checked_filter
from apps.connectors.nodes.read_config import ReadConfig, asked_of_catalog, chosen_columns, shape_problems
from apps.connectors.nodes.reading import (
    Reading,
    arriving,
    connector_of,
    guarded,
    reduced,
    request_of,
    told,
    used_columns,
)
from apps.connectors.sdk import Connector
from apps.connectors.sdk.batches import QUARANTINE
from apps.connectors.sdk.registry import find
from apps.nodes.columns import UNKNOWN, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import OUTPUT, InputPort, OutputPort
from apps.nodes.registry import register
from apps.nodes.types import Catalog, EffectNodeType, Frames, InferContext, Inference, Inputs, RunContext, RunResult
from apps.transforms.schemas import remember

QUARANTINED = OutputPort("quarantine")


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
        problems = list(shape_problems(config))
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

    def streams(self, config: NodeConfig, catalog: Catalog | None) -> bool:
        assert isinstance(config, ReadConfig)
        kind = _kind(config.connector_id, catalog)
        return kind is not None and kind.capabilities.reads_on_demand

    def scan(self, config: NodeConfig, context: RunContext) -> Mapping[str, pl.LazyFrame] | None:
        assert isinstance(config, ReadConfig)
        connector = connector_of(config, context)
        if connector.capabilities.lazy_scan:
            return self._of_file(config, context, connector)
        if connector.capabilities.reads_on_demand:
            return _with_quarantine(*arriving(config, context, connector))
        return None

    def _of_file(self, config: ReadConfig, context: RunContext, connector: Any) -> Mapping[str, pl.LazyFrame] | None:
        request = request_of(config, context, limit=None, columns=None)
        frame = guarded(lambda: connector.scan(request), context, connector)
        if frame is None:
            return None
        schema = guarded(lambda: connector.query_schema(request), context, connector).schema
        return _with_quarantine(*reduced(frame, schema, config, context))

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, ReadConfig)
        connector = connector_of(config, context)
        frames = self._of_file(config, context, connector) if connector.capabilities.lazy_scan else None
        used = used_columns(config, context)
        if frames is not None:
            output = frames["output"] if context.sample is None else frames["output"].head(context.sample)
            output = output if used is None else output.select(used)
            context.write_frame("quarantine", frames["quarantine"])
            return RunResult(rows_out=context.write_frame("output", output))
        with Reading(config, context, connector, used) as arriving:
            rows = context.write_batches("output", arriving.schema, told(arriving, context))
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
    kind = _kind(connector_id, catalog)
    return kind.type if kind is not None and kind.capabilities.moves_rows else None


def _kind(connector_id: str | None, catalog: Catalog | None) -> type[Connector[Any]] | None:
    type_of = getattr(catalog, "connector_type", None)
    name = type_of(connector_id) if connector_id is not None and type_of is not None else None
    return find(name) if name is not None else None


def _with_quarantine(output: pl.LazyFrame, schema: Schema) -> Mapping[str, pl.LazyFrame]:
    return {"output": remember(output, schema), "quarantine": remember(QUARANTINE.empty(), QUARANTINE)}
