"""Aggregate: one row for each group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from apps.nodes.columns import INT64, Column, DataType, Schema
from apps.nodes.config import ColumnName, NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms import aggregations
from apps.transforms.base import ColumnList, Scope, Step, Transform, frame_at, known, schema_at
from apps.transforms.expressions.lower_polars import Lowering


class Aggregation(BaseModel):
    """One aggregation under a name of its own."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True, strict=True)

    column: ColumnName | None = Field(default=None, description="What to aggregate; count without it counts rows")
    function: str = Field(json_schema_extra={"enum": list(aggregations.FUNCTIONS)})
    q: float | None = Field(default=None, ge=0, le=1, description="Which quantile, 0.5 if not said")


def _functions(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class AggregateConfig(NodeConfig):
    group_by: ColumnList = Field(default=[], title="Group by", description="One row for each combination of these")
    aggregations: dict[
        Annotated[str, Field(min_length=1)], Annotated[list[str] | Aggregation, BeforeValidator(_functions)]
    ] = Field(
        default={},
        title="Aggregations",
        description="Function or functions by column, or {column, function} by the name of the result",
        json_schema_extra={"widget": "aggregations"},
    )


@dataclass(frozen=True, slots=True)
class Aggregated:
    """A result column. Without `column` it counts rows; `type` is that of the column."""

    name: str
    function: str
    column: str | None
    type: DataType | None
    quantile: float | None = None


@dataclass(frozen=True, slots=True)
class AggregateStep(Step):
    keys: list[str]
    results: tuple[Aggregated, ...]


@register
class Aggregate(Transform[AggregateConfig, AggregateStep]):
    operation: ClassVar[str] = "aggregate"
    label: ClassVar[str] = "Aggregate"
    description: ClassVar[str] = "Sums up rows, one result for each group"
    icon: ClassVar[str] = "sigma"
    Config: ClassVar[type[NodeConfig]] = AggregateConfig

    def reads_all(self, config: NodeConfig) -> bool:
        assert isinstance(config, AggregateConfig)
        return bool(config.group_by)  # the first of all rows is there once there is one

    def resolve(self, config: AggregateConfig, inputs: Inputs, scope: Scope) -> AggregateStep:
        schema = schema_at(inputs)
        keys = scope.columns(config.group_by, schema, "config.groupBy")
        for index, key in enumerate(keys):
            if key is not None and key.type.name == "list":
                scope.problem("type_mismatch", f"{key.name!r} is a list, not a group", f"config.groupBy.{index}")
        if not config.group_by and not config.aggregations:
            scope.problem("invalid_config", "say what to group by or what to aggregate", "config.aggregations")
        results = list(_results(config, schema, scope))
        return aggregate_step(config.group_by, keys, results, schema)

    def lower_polars(self, step: AggregateStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": aggregated(frame_at(frames), step)}


def _results(config: AggregateConfig, schema: Schema, scope: Scope) -> list[Aggregated]:
    results: list[Aggregated] = []
    taken = set(config.group_by)
    for key, wanted in config.aggregations.items():
        field = f"config.aggregations.{key}"
        if isinstance(wanted, Aggregation):
            pairs = [(key, wanted.column, wanted.function, wanted.q)]
        else:
            pairs = [(f"{key}_{function}", key, function, None) for function in wanted]
        for name, column_name, function, q in pairs:
            column = None
            if column_name is not None:
                place = f"{field}.column" if isinstance(wanted, Aggregation) else field
                column = scope.column(column_name, schema, place)
            elif function != "count":
                scope.problem("invalid_config", f"{function} needs a column", field)
                continue
            kind = None if column is None else column.type
            fits = aggregations.check_function(function, kind, scope, field)
            scope.new_column(name, taken, field)
            taken.add(name)
            if fits:
                results.append(Aggregated(name, function, column_name, kind, q))
    return results


def aggregate_step(
    names: list[str], keys: list[Column | None], results: list[Aggregated], schema: Schema
) -> AggregateStep:
    """The step, with the columns that come out: keys first, then results."""
    columns = list(known(keys))
    dynamic = None in keys
    for each in results:
        if each.column is None:
            columns.append(Column(each.name, INT64, False))
        elif each.type is None:
            dynamic = dynamic or each.function not in aggregations.NEVER_NULL
            if each.function in aggregations.NEVER_NULL:
                columns.append(Column(each.name, aggregations.result_type(each.function, INT64), False))
        else:
            source = schema.get(each.column)
            nullable = source is None or source.nullable or not names or each.function in ("std", "var")
            columns.append(
                Column(
                    each.name,
                    aggregations.result_type(each.function, each.type),
                    nullable and each.function not in aggregations.NEVER_NULL,
                )
            )
    return AggregateStep({"output": Schema.of(columns, dynamic=dynamic)}, names, tuple(results))


def aggregated(frame: pl.LazyFrame, step: AggregateStep) -> pl.LazyFrame:
    expressions = [_expression(each) for each in step.results]
    if step.keys:
        return frame.group_by([pl.col(name) for name in step.keys]).agg(expressions)
    return frame.select(expressions)


def _expression(each: Aggregated) -> pl.Expr:
    if each.column is None:
        return aggregations.rows().alias(each.name)
    assert each.type is not None
    return aggregations.lower_polars(each.function, pl.col(each.column), each.type, each.quantile).alias(each.name)
