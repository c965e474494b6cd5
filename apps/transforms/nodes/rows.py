"""Transforms that keep columns and choose or order rows: filter, sort, limit, sample, deduplicate, drop_null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from apps.nodes.columns import Column, Schema
from apps.nodes.config import ColumnName, Expression, NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms.base import ColumnList, Scope, Step, Transform, frame_at, schema_at
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.tree import Node

_ROW = "__uzo_row"
_DRAW = "__uzo_draw"


class FilterConfig(NodeConfig):
    expression: Expression = Field(title="Condition", description="Rows for which this is true are kept")


@dataclass(frozen=True, slots=True)
class FilterStep(Step):
    condition: Node | None


@register
class Filter(Transform[FilterConfig, FilterStep]):
    operation: ClassVar[str] = "filter"
    label: ClassVar[str] = "Filter"
    description: ClassVar[str] = "Keeps the rows for which a condition is true"
    icon: ClassVar[str] = "filter"
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = FilterConfig

    def keeps(self, config: NodeConfig) -> str | None:
        assert isinstance(config, FilterConfig)
        return config.expression

    def resolve(self, config: FilterConfig, inputs: Inputs, scope: Scope) -> FilterStep:
        schema = schema_at(inputs)
        checked = scope.condition(config.expression, schema, "config.expression")
        return FilterStep({"output": schema}, checked.tree)

    def lower_polars(self, step: FilterStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        assert step.condition is not None
        return {"output": frame_at(frames).filter(low.expression(step.condition).cast(pl.Boolean))}


class SortKey(BaseModel):
    """A column to order by."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True, strict=True)

    column: ColumnName
    descending: bool = Field(default=False, description="From the greatest to the least")
    nulls_last: bool = Field(default=True, description="Rows without a value come at the end")


def _sort_keys(value: Any) -> Any:
    if isinstance(value, str | dict):
        value = [value]
    if isinstance(value, list):
        return [{"column": each} if isinstance(each, str) else each for each in value]
    return value


SortKeys = Annotated[list[SortKey], BeforeValidator(_sort_keys), Field(json_schema_extra={"widget": "sort"})]
"""`[column or {column, descending, nullsLast}]`."""


def resolve_order(keys: list[SortKey], schema: Schema, scope: Scope, field: str) -> None:
    """Problems for columns that are not there or have no order."""
    for index, key in enumerate(keys):
        column = scope.column(key.column, schema, f"{field}.{index}")
        if column is not None and column.type.name == "list":
            scope.problem("type_mismatch", f"lists have no order; column {key.column!r} is one", f"{field}.{index}")


def sorted_by(frame: pl.LazyFrame, keys: list[SortKey]) -> pl.LazyFrame:
    """The frame in that order, ties as they came."""
    return frame.sort(
        [pl.col(key.column) for key in keys],
        descending=[key.descending for key in keys],
        nulls_last=[key.nulls_last for key in keys],
        maintain_order=True,
    )


class SortConfig(NodeConfig):
    by: SortKeys = Field(min_length=1, title="By", description="Columns to order by, the most important first")


@dataclass(frozen=True, slots=True)
class SortStep(Step):
    keys: list[SortKey]


@register
class Sort(Transform[SortConfig, SortStep]):
    operation: ClassVar[str] = "sort"
    label: ClassVar[str] = "Sort"
    description: ClassVar[str] = "Orders rows; equal ones keep their order"
    icon: ClassVar[str] = "arrow-down-up"
    changes_row_count: ClassVar[bool] = False
    Config: ClassVar[type[NodeConfig]] = SortConfig

    def resolve(self, config: SortConfig, inputs: Inputs, scope: Scope) -> SortStep:
        schema = schema_at(inputs)
        resolve_order(config.by, schema, scope, "config.by")
        return SortStep({"output": schema}, config.by)

    def lower_polars(self, step: SortStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": sorted_by(frame_at(frames), step.keys)}


class LimitConfig(NodeConfig):
    n: int = Field(ge=0, le=2**62, title="Rows", description="How many rows to keep")
    offset: int = Field(default=0, ge=0, le=2**62, title="Offset", description="How many rows to leave out first")


@dataclass(frozen=True, slots=True)
class LimitStep(Step):
    offset: int
    n: int


@register
class Limit(Transform[LimitConfig, LimitStep]):
    operation: ClassVar[str] = "limit"
    label: ClassVar[str] = "Limit"
    description: ClassVar[str] = "Keeps the first rows, in their order"
    icon: ClassVar[str] = "list-end"
    Config: ClassVar[type[NodeConfig]] = LimitConfig

    def reads_all(self, config: NodeConfig) -> bool:
        return False

    def resolve(self, config: LimitConfig, inputs: Inputs, scope: Scope) -> LimitStep:
        return LimitStep({"output": schema_at(inputs)}, config.offset, config.n)

    def lower_polars(self, step: LimitStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": frame_at(frames).slice(step.offset, step.n)}


class SampleConfig(NodeConfig):
    n: int | None = Field(default=None, ge=0, le=2**31, title="Rows", description="How many rows to draw")
    fraction: float | None = Field(default=None, ge=0, le=1, title="Fraction", description="Which share of the rows")
    seed: int = Field(
        default=0, ge=0, le=2**63 - 1, title="Seed", description="The same seed draws the same rows of the same input"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> SampleConfig:
        if (self.n is None) == (self.fraction is None):
            raise ValueError("give either n or fraction")
        return self


@dataclass(frozen=True, slots=True)
class SampleStep(Step):
    n: int | None
    fraction: float | None
    seed: int


@register
class Sample(Transform[SampleConfig, SampleStep]):
    operation: ClassVar[str] = "sample"
    label: ClassVar[str] = "Sample"
    description: ClassVar[str] = "Draws rows at random, without repetition; they keep their order"
    icon: ClassVar[str] = "dices"
    Config: ClassVar[type[NodeConfig]] = SampleConfig

    def reads_all(self, config: NodeConfig) -> bool:
        return False

    def resolve(self, config: SampleConfig, inputs: Inputs, scope: Scope) -> SampleStep:
        return SampleStep({"output": schema_at(inputs)}, config.n, config.fraction, config.seed)

    def lower_polars(self, step: SampleStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        frame = frame_at(frames)
        if step.n is None:
            wanted = (pl.len() * (step.fraction or 0.0)).floor()
            return {"output": frame.filter(pl.int_range(pl.len()).shuffle(step.seed) < wanted)}
        drawn = (
            frame.with_row_index(_ROW)
            .with_columns(pl.col(_ROW).hash(step.seed).alias(_DRAW))
            .bottom_k(step.n, by=_DRAW)
            .sort(_ROW)
        )
        return {"output": drawn.drop(_ROW, _DRAW)}


class DeduplicateConfig(NodeConfig):
    columns: ColumnList | None = Field(
        default=None,
        min_length=1,
        title="Columns",
        description="Rows equal in these are the same (all columns if none)",
    )
    keep: Literal["first", "last", "any", "none"] = Field(
        default="first", title="Keep", description="Which of the equal rows stays; none: only rows without an equal"
    )
    order_by: SortKeys = Field(default=[], title="Order by", description="What first and last mean; else input order")


@dataclass(frozen=True, slots=True)
class DeduplicateStep(Step):
    columns: list[str] | None
    keep: Literal["first", "last", "any", "none"]
    order: list[SortKey]


@register
class Deduplicate(Transform[DeduplicateConfig, DeduplicateStep]):
    operation: ClassVar[str] = "deduplicate"
    label: ClassVar[str] = "Deduplicate"
    description: ClassVar[str] = "Leaves one row of those that are equal in some columns"
    icon: ClassVar[str] = "copy-minus"
    Config: ClassVar[type[NodeConfig]] = DeduplicateConfig

    def resolve(self, config: DeduplicateConfig, inputs: Inputs, scope: Scope) -> DeduplicateStep:
        schema = schema_at(inputs)
        scope.columns(config.columns or [], schema, "config.columns")
        resolve_order(config.order_by, schema, scope, "config.orderBy")
        return DeduplicateStep({"output": schema}, config.columns, config.keep, config.order_by)

    def lower_polars(self, step: DeduplicateStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        frame = frame_at(frames)
        columns = step.columns or list(step.output.names)
        if not columns:
            return {"output": frame}
        if not step.order or step.keep in ("any", "none"):
            return {"output": frame.unique(columns, keep=step.keep, maintain_order=step.keep != "any")}
        ordered = sorted_by(frame.with_row_index(_ROW), step.order)
        return {"output": ordered.unique(columns, keep=step.keep, maintain_order=True).sort(_ROW).drop(_ROW)}


class DropNullConfig(NodeConfig):
    columns: ColumnList | None = Field(
        default=None, min_length=1, title="Columns", description="Where a value must be (all columns if none)"
    )


@dataclass(frozen=True, slots=True)
class DropNullStep(Step):
    columns: list[str] | None


@register
class DropNull(Transform[DropNullConfig, DropNullStep]):
    operation: ClassVar[str] = "drop_null"
    label: ClassVar[str] = "Drop rows without a value"
    description: ClassVar[str] = "Leaves out rows in which one of the columns has no value"
    icon: ClassVar[str] = "circle-slash"
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = DropNullConfig

    def resolve(self, config: DropNullConfig, inputs: Inputs, scope: Scope) -> DropNullStep:
        schema = schema_at(inputs)
        scope.columns(config.columns or [], schema, "config.columns")
        full = set(schema.names if config.columns is None else config.columns)
        columns = (Column(each.name, each.type, each.nullable and each.name not in full) for each in schema)
        return DropNullStep({"output": Schema.of(columns, dynamic=schema.dynamic)}, config.columns)

    def lower_polars(self, step: DropNullStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        frame = frame_at(frames)
        return {"output": frame.drop_nulls(step.columns) if step.output.columns else frame}
