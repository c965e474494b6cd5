"""Execute: one statement that may change data."""

from __future__ import annotations

from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from apps.connectors.sdk import ExecuteRequest, guard
from apps.kernel.errors import NodeError
from apps.nodes.columns import INT64, Column, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import InputPort
from apps.nodes.problems import Problem
from apps.nodes.registry import register
from apps.nodes.types import EffectNodeType, Frames, InferContext, Inference, Inputs, RunContext, RunResult

WEEK_SECONDS = 604_800.0
OUTPUT_SCHEMA = Schema.of([Column("affected", INT64)])


class ExecuteConfig(NodeConfig):
    query: str | None = Field(
        default=None, title="Statement", min_length=1, max_length=100_000, json_schema_extra={"widget": "query"}
    )
    query_parameters: dict[str, Any] | list[Any] | None = Field(
        default=None, title="Parameters", description="Bound as values to :name, or $1, $2 of a list"
    )


@register
class Execute(EffectNodeType):
    """The output is one row, `affected`: how many rows changed, null where the source does not say."""

    category: ClassVar[str] = "connector"
    operation: ClassVar[str] = "execute"
    label: ClassVar[str] = "Execute"
    description: ClassVar[str] = "Runs one statement in a database"
    icon: ClassVar[str] = "terminal"
    Config: ClassVar[type[NodeConfig]] = ExecuteConfig

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (InputPort(required=False),)

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, ExecuteConfig)
        problems = []
        if not config.connector_id:
            problems.append(Problem("missing_connector", "choose a connector", "connectorId"))
        if config.query is None:
            problems.append(Problem("invalid_config", "write the statement to run", "config.query"))
        return Inference({"output": OUTPUT_SCHEMA}, tuple(problems))

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, ExecuteConfig)
        if not config.connector_id or config.query is None:
            raise NodeError("The node names no connector or no statement", code="invalid_config", remedy="Complete it.")
        connector = context.connector(config.connector_id)
        given = config.query_parameters
        request = ExecuteRequest(
            query=config.query,
            parameters=given if isinstance(given, list) else {**context.parameters, **(given or {})},
            timeout=config.timeout,
        )
        result = guard.call(
            lambda: connector.execute(request),
            seconds=config.timeout or WEEK_SECONDS,
            what=connector.label,
            check=context.check_cancelled,
            cancel=connector.cancel,
        )
        context.write_frame("output", pl.LazyFrame({"affected": [result.affected]}, schema=OUTPUT_SCHEMA.to_polars()))
        return RunResult(rows_out=1)
