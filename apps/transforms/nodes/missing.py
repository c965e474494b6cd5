"""fill_null: values in place of nulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field, model_validator

from apps.nodes.columns import FLOAT64, Column, DataType, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms.base import ColumnList, Scope, Step, Transform, frame_at, schema_at
from apps.transforms.expressions.conversions import adapt, convert, exact
from apps.transforms.expressions.faults import Fault
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.parsing import number, text
from apps.transforms.expressions.syntax import Literal as Written
from apps.transforms.expressions.syntax import Parameter
from apps.transforms.expressions.tree import Node, ParameterRef, Value
from apps.transforms.expressions.type_rules import common_type

Strategy = Literal["forward", "backward", "mean", "min", "max", "zero"]


class FillNullConfig(NodeConfig):
    columns: ColumnList | None = Field(
        default=None, min_length=1, title="Columns", description="Which to fill; if none, all that the value suits"
    )
    value: str | int | float | bool | None = Field(
        default=None, title="Value", description="What to put in; text for dates is ISO 8601, {{ name }} a parameter"
    )
    strategy: Strategy | None = Field(
        default=None, title="Strategy", description="The value before or after, or one computed from the column"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> FillNullConfig:
        if (self.value is None) == (self.strategy is None):
            raise ValueError("give either value or strategy")
        return self


@dataclass(frozen=True, slots=True)
class FillNullStep(Step):
    columns: tuple[str, ...]
    values: Mapping[str, Node]
    strategy: Strategy | None


@register
class FillNull(Transform[FillNullConfig, FillNullStep]):
    operation: ClassVar[str] = "fill_null"
    label: ClassVar[str] = "Fill missing values"
    description: ClassVar[str] = "Puts values in place of nulls"
    icon: ClassVar[str] = "paint-bucket"
    changes_row_count: ClassVar[bool] = False
    Config: ClassVar[type[NodeConfig]] = FillNullConfig

    def resolve(self, config: FillNullConfig, inputs: Inputs, scope: Scope) -> FillNullStep:
        schema = schema_at(inputs)
        value = None if config.value is None else _value(config.value, scope)
        filled: dict[str, Column] = {}
        values: dict[str, Node] = {}
        asked = config.columns is not None
        for index, name in enumerate(config.columns if config.columns is not None else schema.names):
            column = scope.column(name, schema, f"config.columns.{index}")
            if column is None:
                continue
            result = _filled(config, column, value, values)
            if result is not None:
                filled[name] = result
            elif asked:
                scope.problem("type_mismatch", _mismatch(config, column, value), f"config.columns.{index}")
        output = Schema.of((filled.get(each.name, each) for each in schema), dynamic=schema.dynamic)
        return FillNullStep({"output": output}, tuple(filled), values, config.strategy)

    def lower_polars(self, step: FillNullStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        expressions = []
        for name in step.columns:
            column = step.output.get(name)
            assert column is not None
            expressions.append(_expression(step, column, low).alias(name))
        return {"output": frame_at(frames).with_columns(expressions)}


def _value(written: str | int | float | bool, scope: Scope) -> Node | None:
    """The value as a constant or parameter."""
    if isinstance(written, bool):
        return Value(DataType("boolean"), False, 0, 0, written)
    try:
        node = text(written, 0, len(written)) if isinstance(written, str) else number(written, 0, 0)
    except Fault as fault:
        scope.problem(fault.code, fault.message, "config.value")
        return None
    if isinstance(node, Written):
        return Value(node.type, False, 0, 0, node.value)
    operand = getattr(node, "operand", None)
    if isinstance(operand, Parameter):
        kind = scope.parameters.get(operand.name)
        if kind is None and not scope.open_parameters:
            scope.problem("unknown_parameter", f"there is no parameter {operand.name[:100]!r}", "config.value")
        return ParameterRef(kind, True, 0, 0, operand.name)
    scope.problem("invalid_config", "a value is a constant or one {{ name }}", "config.value")
    return None


def _filled(config: FillNullConfig, column: Column, value: Node | None, values: dict[str, Node]) -> Column | None:
    """The column once filled, or None where value or strategy do not suit its type."""
    kind = column.type
    match config.strategy:
        case "forward" | "backward":
            return column
        case "mean":
            return Column(column.name, FLOAT64, column.nullable) if kind.is_numeric else None
        case "min" | "max":
            return column if kind.name not in ("list", "null") else None
        case "zero":
            return Column(column.name, kind, False) if kind.is_numeric else None
    if value is None:
        return None
    if value.type is None:
        return Column(column.name, kind, True)
    fitting = _fitting(value, kind)
    if fitting is None:
        return None
    values[column.name] = fitting
    assert fitting.type is not None
    return Column(column.name, fitting.type, column.nullable and fitting.nullable)


def _fitting(value: Node, kind: DataType) -> Node | None:
    """The value in the column's type, or else in one in which both meet."""
    if isinstance(value, Value):
        if kind.name == "decimal" and value.type is not None and value.type.is_float:
            value = exact(Value(value.type, False, 0, 0, _decimal(value.value))) or value
        value = adapt(value, kind) or value
    assert value.type is not None
    meeting = common_type(kind, value.type)
    return None if meeting is None else convert(value, meeting)


def _decimal(written: Any) -> Any:
    from decimal import Decimal

    return Decimal(repr(written)) if isinstance(written, float) and written == written else written  # noqa: PLR0124


def _mismatch(config: FillNullConfig, column: Column, value: Node | None) -> str:
    if config.strategy is not None:
        return f"{config.strategy} does not suit {column.name!r}, which is {column.type}"
    kind = "unknown" if value is None else value.type
    return f"the value is {kind}, and {column.name!r} is {column.type}"


def _expression(step: FillNullStep, column: Column, low: Lowering) -> pl.Expr:
    value = pl.col(column.name)
    target = column.type.to_polars()
    match step.strategy:
        case "forward":
            return value.forward_fill()
        case "backward":
            return value.backward_fill()
        case "mean":
            return value.cast(target).fill_null(value.cast(target).mean())
        case "min":
            return value.fill_null(value.min())
        case "max":
            return value.fill_null(value.nan_max() if column.type.is_float else value.max())
        case "zero":
            return value.fill_null(pl.lit(0).cast(target))
    fill = low.expression(step.values[column.name])
    return value.cast(target).fill_null(fill)
