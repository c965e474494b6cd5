"""merge: ways come together again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import polars as pl

from apps.executions.nodes.control import ControlNodeType
from apps.nodes.columns import UNKNOWN, Column, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import InputPort
from apps.nodes.problems import Problem
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, RunContext, RunResult


class MergeConfig(NodeConfig):
    pass


@register
class Merge(ControlNodeType):
    """Goes on with the rows of whatever ways were taken, one below the other; columns that one of them
    lacks are null."""

    operation = "merge"
    label = "Merge"
    description = "Join the ways that an if or a switch has parted"
    icon = "merge"
    Config = MergeConfig
    any_input: ClassVar[bool] = True

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (InputPort(required=False, many=True),)

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        schemas = inputs.get("input", ())
        if any(schema.dynamic for schema in schemas):
            return Inference({"output": UNKNOWN})
        try:
            return Inference({"output": merged(schemas)})
        except pl.exceptions.PolarsError as error:
            message = f"the ways bring columns that do not fit together: {str(error).splitlines()[0]}"
            return Inference({"output": UNKNOWN}, (Problem("type_mismatch", message),))

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        frames = list(inputs.get("input", ()))
        schema = context.schema("output")
        wanted = None if schema is None else schema.to_polars()
        if not frames or (len(frames) == 1 and wanted in (None, frames[0].collect_schema())):
            rows = context.forward("output")
            return RunResult(rows_in=rows, rows_out=rows)
        if wanted is not None:
            frames = [pl.LazyFrame(schema=wanted), *frames]
        rows = context.write_frame("output", pl.concat(frames, how="diagonal_relaxed"))
        return RunResult(rows_in=rows, rows_out=rows)


def merged(schemas: Sequence[Schema]) -> Schema:
    """Columns of rows stacked by name; raises PolarsError where types have nothing in common."""
    if not schemas:
        return Schema()
    frame = pl.concat([schema.empty() for schema in schemas], how="diagonal_relaxed").collect_schema()
    columns: list[Column] = []
    for column in Schema.from_polars(frame):
        found = [schema.get(column.name) for schema in schemas]
        same = {each.type for each in found if each is not None}
        columns.append(
            Column(
                column.name,
                same.pop() if len(same) == 1 else column.type,
                any(each is None or each.nullable for each in found),
            )
        )
    return Schema(tuple(columns))
