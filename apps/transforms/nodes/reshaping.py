"""Pivot and unpivot: values become columns, columns become values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl
from pydantic import Field

from apps.nodes.columns import STRING, Column, DataType, Schema
from apps.nodes.config import ColumnName, NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms import aggregations
from apps.transforms.base import ColumnList, Scope, Step, Transform, frame_at, known, schema_at
from apps.transforms.expressions import casts_polars
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.type_rules import common_type

PivotValue = str | int | float | bool


class PivotConfig(NodeConfig):
    index: ColumnList = Field(min_length=1, title="Rows", description="One row for each combination of these")
    columns: ColumnName = Field(title="Columns", description="Each value of this becomes a column")
    values: ColumnList = Field(min_length=1, title="Values", description="What stands in the new columns")
    aggregate: str = Field(
        default="sum",
        title="Aggregate",
        description="Sums up several values for one place",
        json_schema_extra={"enum": list(aggregations.FUNCTIONS)},
    )
    pivot_values: list[PivotValue] | None = Field(
        default=None, min_length=1, max_length=10_000, title="Known values",
        description="The values that become columns, in this order; without them only the data tells the columns",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PivotStep(Step):
    index: list[str]
    on: str
    on_type: DataType | None
    values: tuple[tuple[str, DataType], ...]
    aggregate: str
    pivot_values: list[PivotValue] | None


@register
class Pivot(Transform[PivotConfig, PivotStep]):
    """Without `pivotValues` lowering reads the distinct values first: the frame that it is given is collected
    once for them, so a plan does well to start a stage here."""

    operation: ClassVar[str] = "pivot"
    label: ClassVar[str] = "Pivot"
    description: ClassVar[str] = "Makes columns of the values of a column"
    icon: ClassVar[str] = "table-2"
    Config: ClassVar[type[NodeConfig]] = PivotConfig

    def resolve(self, config: PivotConfig, inputs: Inputs, scope: Scope) -> PivotStep:
        schema = schema_at(inputs)
        index = scope.columns(config.index, schema, "config.index")
        on = scope.column(config.columns, schema, "config.columns")
        values = scope.columns(config.values, schema, "config.values")
        if config.columns in config.index:
            scope.problem("invalid_config", f"{config.columns!r} is in index already", "config.columns")
        if on is not None and on.type.name in ("list", "binary"):
            scope.problem("type_mismatch", f"values of type {on.type} make no column names", "config.columns")
        for place, value in enumerate(values):
            kind = None if value is None else value.type
            aggregations.check_function(config.aggregate, kind, scope, f"config.values.{place}")
        on_type = None if on is None else on.type
        named = tuple((each.name, each.type) for each in values if each is not None)
        columns = list(known(index))
        dynamic = config.pivot_values is None or None in index or None in values
        if config.pivot_values is not None:
            _check_values(config.pivot_values, on_type, scope)
            columns += _new_columns(config.pivot_values, named, config, scope)
        return PivotStep(
            {"output": Schema.of(columns, dynamic=dynamic)},
            config.index, config.columns, on_type, named, config.aggregate, config.pivot_values,
        )  # fmt: skip

    def lower_polars(self, step: PivotStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        assert step.on_type is not None
        frame = frame_at(frames)
        names = frame.select(pl.col(step.index), *[pl.col(name) for name, _ in step.values], _label(step))
        if step.pivot_values is None:
            found = names.select(pl.col(_LABEL).unique()).collect(engine="streaming").to_series().to_list()
            labels = sorted(found)
        else:
            labels = [label(value) for value in step.pivot_values]
        expressions = [
            aggregations.lower_polars(step.aggregate, pl.col(name).filter(pl.col(_LABEL) == each), kind).alias(
                _column_name(name, each, len(step.values))
            )
            for name, kind in step.values
            for each in labels
        ]
        return {"output": names.group_by(step.index, maintain_order=True).agg(expressions)}


_LABEL = "__uzo_label"


def label(value: PivotValue) -> str:
    """The name of the column for a value."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _label(step: PivotStep) -> pl.Expr:
    assert step.on_type is not None
    return casts_polars.lenient(pl.col(step.on), step.on_type, STRING).fill_null("null").alias(_LABEL)


def _column_name(value_column: str, text: str, values: int) -> str:
    return text if values == 1 else f"{value_column}_{text}"


def _check_values(values: list[PivotValue], kind: DataType | None, scope: Scope) -> None:
    for place, value in enumerate(values):
        if kind is None:
            continue
        fits = (
            isinstance(value, bool) == (kind.name == "boolean") and isinstance(value, int | float) == kind.is_numeric
            if not isinstance(value, str)
            else not kind.is_numeric and kind.name != "boolean"
        )
        if not fits and not (isinstance(value, bool) and kind.name == "boolean"):
            scope.problem(
                "type_mismatch", f"{value!r} is no {kind}, as the column is", f"config.pivotValues.{place}"
            )  # fmt: skip


def _new_columns(
    values: list[PivotValue], named: tuple[tuple[str, DataType], ...], config: PivotConfig, scope: Scope
) -> list[Column]:
    columns: list[Column] = []
    taken = set(config.index)
    for name, kind in named:
        for place, value in enumerate(values):
            title = _column_name(name, label(value), len(config.values))
            scope.new_column(title, taken, f"config.pivotValues.{place}")
            taken.add(title)
            if config.aggregate in aggregations.FUNCTIONS:
                nullable = config.aggregate not in aggregations.NEVER_NULL
                columns.append(Column(title, aggregations.result_type(config.aggregate, kind), nullable))
    return columns


class UnpivotConfig(NodeConfig):
    index: ColumnList = Field(default=[], title="Kept", description="Columns that are repeated for each new row")
    on: ColumnList | None = Field(
        default=None, min_length=1, title="Columns", description="Columns that become rows (all others if none)"
    )
    variable_name: str = Field(default="variable", min_length=1, max_length=1000, title="Name of the names")
    value_name: str = Field(default="value", min_length=1, max_length=1000, title="Name of the values")


@dataclass(frozen=True, slots=True)
class UnpivotStep(Step):
    index: list[str]
    on: tuple[tuple[str, DataType], ...]
    variable: str
    value: str
    type: DataType | None


@register
class Unpivot(Transform[UnpivotConfig, UnpivotStep]):
    operation: ClassVar[str] = "unpivot"
    label: ClassVar[str] = "Unpivot"
    description: ClassVar[str] = "Makes rows of columns: their names in one column, their values in another"
    icon: ClassVar[str] = "rows-3"
    Config: ClassVar[type[NodeConfig]] = UnpivotConfig

    def resolve(self, config: UnpivotConfig, inputs: Inputs, scope: Scope) -> UnpivotStep:
        schema = schema_at(inputs)
        index = scope.columns(config.index, schema, "config.index")
        names = config.on if config.on is not None else [each for each in schema.names if each not in config.index]
        on = scope.columns(names, schema, "config.on")
        if not names and not schema.dynamic:
            scope.problem("invalid_config", "no column is left to become rows", "config.on")
        for place, name in enumerate(names):
            if name in config.index:
                scope.problem("invalid_config", f"{name!r} is in index already", f"config.on.{place}")
        scope.new_column(config.variable_name, config.index, "config.variableName")
        scope.new_column(config.value_name, [*config.index, config.variable_name], "config.valueName")
        meeting = _meeting(on, scope)
        columns = [*known(index), Column(config.variable_name, STRING, False)]
        dynamic = None in index or None in on or (config.on is None and schema.dynamic)
        if meeting is not None and None not in on:
            columns.append(Column(config.value_name, meeting, any(each is None or each.nullable for each in on)))
        return UnpivotStep(
            {"output": Schema.of(columns, dynamic=dynamic)}, config.index,
            tuple((each.name, each.type) for each in known(on)), config.variable_name, config.value_name, meeting,
        )  # fmt: skip

    def lower_polars(self, step: UnpivotStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        assert step.type is not None
        values = [
            casts_polars.lenient(pl.col(name), kind, step.type).alias(f"__uzo_{place}")
            for place, (name, kind) in enumerate(step.on)
        ]
        frame = frame_at(frames).select([*(pl.col(name) for name in step.index), *values])
        labels = {f"__uzo_{place}": name for place, (name, _) in enumerate(step.on)}
        long = frame.unpivot(
            on=list(labels), index=step.index or None, variable_name=step.variable, value_name=step.value
        )
        return {"output": long.with_columns(pl.col(step.variable).replace_strict(labels, return_dtype=pl.String))}


def _meeting(columns: list[Column | None], scope: Scope) -> DataType | None:
    meeting: DataType | None = None
    for place, column in enumerate(columns):
        if column is None:
            continue
        common = column.type if meeting is None else common_type(meeting, column.type)
        if common is None:
            scope.problem(
                "type_mismatch",
                f"the columns meet in one type; {column.name!r} is {column.type}, others {meeting}: cast it first",
                f"config.on.{place}",
            )
            continue
        meeting = common
    return meeting
