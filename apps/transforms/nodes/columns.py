"""Transforms of columns, row by row: select, drop, rename, cast, derive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import polars as pl
from pydantic import Field

from apps.nodes.columns import Column, DataType, Schema
from apps.nodes.config import ColumnName, Expression, NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms.base import ColumnList, Scope, Step, Transform, frame_at, known, schema_at
from apps.transforms.expressions.checking import Checked
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.tree import ColumnRef, Convert, Node
from apps.transforms.expressions.type_rules import can_cast

NewName = Annotated[str, Field(min_length=1, max_length=1000)]


class SelectConfig(NodeConfig):
    columns: ColumnList = Field(min_length=1, title="Columns", description="Columns to keep, in this order")


@dataclass(frozen=True, slots=True)
class SelectStep(Step):
    columns: list[str]


@register
class Select(Transform[SelectConfig, SelectStep]):
    operation: ClassVar[str] = "select"
    label: ClassVar[str] = "Select columns"
    description: ClassVar[str] = "Keeps some columns, in the order given"
    icon: ClassVar[str] = "columns"
    changes_row_count: ClassVar[bool] = False
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = SelectConfig

    def resolve(self, config: SelectConfig, inputs: Inputs, scope: Scope) -> SelectStep:
        found = scope.columns(config.columns, schema_at(inputs), "config.columns")
        return SelectStep({"output": Schema.of(known(found), dynamic=None in found)}, config.columns)

    def lower_polars(self, step: SelectStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": frame_at(frames).select([pl.col(name) for name in step.columns])}


class DropConfig(NodeConfig):
    columns: ColumnList = Field(min_length=1, title="Columns", description="Columns to leave out")


@register
class Drop(Transform[DropConfig, SelectStep]):
    operation: ClassVar[str] = "drop"
    label: ClassVar[str] = "Drop columns"
    description: ClassVar[str] = "Leaves some columns out"
    icon: ClassVar[str] = "columns"
    changes_row_count: ClassVar[bool] = False
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = DropConfig

    def resolve(self, config: DropConfig, inputs: Inputs, scope: Scope) -> SelectStep:
        schema = schema_at(inputs)
        scope.columns(config.columns, schema, "config.columns")
        left = Schema.of((each for each in schema if each.name not in set(config.columns)), dynamic=schema.dynamic)
        if not left.columns and not left.dynamic:
            scope.problem("invalid_config", "at least one column must be left", "config.columns")
        return SelectStep({"output": left}, list(left.names))

    def lower_polars(self, step: SelectStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": frame_at(frames).select([pl.col(name) for name in step.columns])}


class RenameConfig(NodeConfig):
    mapping: dict[ColumnName, NewName] = Field(
        min_length=1, title="Names", description="New name by old name", json_schema_extra={"widget": "mapping"}
    )


@dataclass(frozen=True, slots=True)
class RenameStep(Step):
    mapping: dict[str, str]


@register
class Rename(Transform[RenameConfig, RenameStep]):
    operation: ClassVar[str] = "rename"
    label: ClassVar[str] = "Rename columns"
    description: ClassVar[str] = "Gives columns other names"
    icon: ClassVar[str] = "pencil"
    changes_row_count: ClassVar[bool] = False
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = RenameConfig

    def resolve(self, config: RenameConfig, inputs: Inputs, scope: Scope) -> RenameStep:
        schema = schema_at(inputs)
        for old in config.mapping:
            scope.column(old, schema, f"config.mapping.{old}")
        staying = {each.name for each in schema} - set(config.mapping)
        for old, new in config.mapping.items():
            scope.new_column(new, staying, f"config.mapping.{old}")
            staying.add(new)
        renamed = (Column(config.mapping.get(each.name, each.name), each.type, each.nullable) for each in schema)
        return RenameStep({"output": Schema.of(renamed, dynamic=schema.dynamic)}, config.mapping)

    def lower_polars(self, step: RenameStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": frame_at(frames).rename(step.mapping)}


class CastConfig(NodeConfig):
    types: dict[ColumnName, str] = Field(
        min_length=1, title="Types", description="New type by column", json_schema_extra={"widget": "types"}
    )
    strict: bool = Field(default=True, title="Strict", description="Fail on values that do not fit, instead of null")


@dataclass(frozen=True, slots=True)
class DeriveStep(Step):
    """New or changed columns, in order."""

    columns: tuple[tuple[str, Node], ...]


@register
class Cast(Transform[CastConfig, DeriveStep]):
    operation: ClassVar[str] = "cast"
    label: ClassVar[str] = "Change types"
    description: ClassVar[str] = "Gives columns other types"
    icon: ClassVar[str] = "replace"
    changes_row_count: ClassVar[bool] = False
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = CastConfig

    def resolve(self, config: CastConfig, inputs: Inputs, scope: Scope) -> DeriveStep:
        schema = schema_at(inputs)
        changed: list[tuple[str, Node]] = []
        for name, written in config.types.items():
            field = f"config.types.{name}"
            column = scope.column(name, schema, field)
            try:
                target = DataType.parse(written)
            except ValueError as error:
                scope.problem("invalid_config", str(error), field)
                continue
            kind = None if column is None else column.type
            nullable = column is None or column.nullable or not config.strict
            if kind is not None and not can_cast(kind, target):
                scope.problem("type_mismatch", f"{kind} cannot be cast to {target}", field)
                continue
            changed.append((name, Convert(target, nullable, 0, 0, ColumnRef(kind, True, 0, 0, name), config.strict)))
        return DeriveStep({"output": with_columns(schema, changed)}, tuple(changed))

    def lower_polars(self, step: DeriveStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": derived(frame_at(frames), step.columns, low)}


class DeriveConfig(NodeConfig):
    expressions: dict[NewName, Expression] = Field(
        min_length=1,
        title="Columns",
        description="Expression by name of the column",
        json_schema_extra={"widget": "expressions"},
    )


@register
class Derive(Transform[DeriveConfig, DeriveStep]):
    operation: ClassVar[str] = "derive"
    label: ClassVar[str] = "Derive columns"
    description: ClassVar[str] = "Adds or replaces columns by expressions over the input's columns"
    icon: ClassVar[str] = "function-square"
    changes_row_count: ClassVar[bool] = False
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = DeriveConfig

    def resolve(self, config: DeriveConfig, inputs: Inputs, scope: Scope) -> DeriveStep:
        schema = schema_at(inputs)
        checked = {
            name: scope.expression(text, schema, f"config.expressions.{name}")
            for name, text in config.expressions.items()
        }
        return derive_step(schema, checked)

    def lower_polars(self, step: DeriveStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": derived(frame_at(frames), step.columns, low)}


def derive_step(schema: Schema, checked: Mapping[str, Checked]) -> DeriveStep:
    """The step that adds checked expressions as columns; those with problems make the output dynamic."""
    nodes = [(name, each.tree) for name, each in checked.items() if each.tree is not None]
    output = with_columns(schema, nodes)
    lost = {name for name, each in checked.items() if each.tree is None}
    if lost:
        output = Schema.of((each for each in output if each.name not in lost), dynamic=True)
    return DeriveStep({"output": output}, tuple(nodes))


def with_columns(schema: Schema, nodes: list[tuple[str, Node]]) -> Schema:
    """The columns with others in their place or behind them; of unknown type, only dynamically there."""
    columns = {each.name: each for each in schema}
    dynamic = schema.dynamic
    for name, node in nodes:
        if node.type is None:
            columns.pop(name, None)
            dynamic = True
        else:
            columns[name] = Column(name, node.type, node.nullable)
    return Schema.of(columns.values(), dynamic=dynamic)


def derived(frame: pl.LazyFrame, columns: tuple[tuple[str, Node], ...], low: Lowering) -> pl.LazyFrame:
    return frame.with_columns([low.expression(node).alias(name) for name, node in columns])
