"""Union: rows of several inputs, one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from apps.nodes.columns import Column, DataType, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import InputPort
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms.base import Scope, Step, Transform
from apps.transforms.expressions import casts_polars
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.suggestions import did_you_mean
from apps.transforms.expressions.type_rules import common_type


class UnionConfig(NodeConfig):
    how: Literal["vertical", "relaxed", "diagonal"] = Field(
        default="vertical",
        title="How",
        description="vertical: the same columns and types; relaxed: types may differ and meet; diagonal: columns "
        "may be missing and are filled with nulls",
    )


@dataclass(frozen=True, slots=True)
class UnionStep(Step):
    inputs: tuple[Schema, ...]


@register
class Union(Transform[UnionConfig, UnionStep]):
    operation: ClassVar[str] = "union"
    label: ClassVar[str] = "Union"
    description: ClassVar[str] = "Puts the rows of several inputs one after another, in the order of the edges"
    icon: ClassVar[str] = "combine"
    Config: ClassVar[type[NodeConfig]] = UnionConfig

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (InputPort(many=True),)

    def resolve(self, config: UnionConfig, inputs: Inputs, scope: Scope) -> UnionStep:
        schemas = tuple(inputs.get("input", ()))
        dynamic = not schemas or any(each.dynamic for each in schemas)
        columns: dict[str, Column] = {}
        for index, schema in enumerate(schemas):
            if index and config.how != "diagonal" and not dynamic:
                _same_names(schemas[0], schema, index, scope)
            for column in schema:
                columns[column.name] = _met(columns.get(column.name), column, index, config.how, scope)
        if config.how == "diagonal":
            columns = {
                name: Column(name, each.type, each.nullable or any(schema.get(name) is None for schema in schemas))
                for name, each in columns.items()
            }
        return UnionStep({"output": Schema.of(columns.values(), dynamic=dynamic)}, schemas)

    def lower_polars(self, step: UnionStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        aligned = [
            _aligned(frame, schema, step.output) for frame, schema in zip(frames["input"], step.inputs, strict=True)
        ]
        return {"output": pl.concat(aligned, how="vertical")}


def _same_names(first: Schema, other: Schema, index: int, scope: Scope) -> None:
    for name in other.names:
        if name not in first.names:
            hint = did_you_mean(name, first.names)
            scope.problem("unknown_column", f"input {index + 1} has {name!r}, the first has not{hint}", "config.how")
    for name in first.names:
        if name not in other.names:
            hint = did_you_mean(name, other.names)
            scope.problem("unknown_column", f"input {index + 1} has no column {name!r}{hint}", "config.how")


def _met(known: Column | None, column: Column, index: int, how: str, scope: Scope) -> Column:
    if known is None:
        return column
    meeting: DataType | None = common_type(known.type, column.type)
    if meeting is None or (how == "vertical" and known.type != column.type):
        hint = "; how: relaxed lets them meet" if meeting is not None else ": cast one of them first"
        scope.problem(
            "type_mismatch",
            f"{column.name!r} is {known.type} and, in input {index + 1}, {column.type}{hint}",
            "config.how",
        )
    return Column(known.name, meeting or known.type, known.nullable or column.nullable)


def _aligned(frame: pl.LazyFrame, schema: Schema, output: Schema) -> pl.LazyFrame:
    """The frame with just the columns of the output, in its order and types."""
    if schema.names == output.names and _types(schema) == _types(output):
        return frame
    expressions: list[pl.Expr] = []
    for column in output:
        own = schema.get(column.name)
        if own is None:
            expressions.append(pl.lit(None, dtype=column.type.to_polars()).alias(column.name))
        else:
            expressions.append(casts_polars.lenient(pl.col(column.name), own.type, column.type).alias(column.name))
    return frame.select(expressions)


def _types(schema: Schema) -> Sequence[DataType]:
    return [column.type for column in schema]
