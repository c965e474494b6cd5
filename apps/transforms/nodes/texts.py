"""Transforms that take values apart: split, explode, json_extract, date_parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from apps.nodes.columns import INT64, STRING, Column, DataType, Schema
from apps.nodes.config import ColumnName, NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms.base import ColumnList, Scope, Step, Transform, frame_at, schema_at
from apps.transforms.expressions import casts_polars
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.patterns import json_path_error
from apps.transforms.expressions.tree import Apply, ColumnRef

NewName = Annotated[str, Field(min_length=1, max_length=1000)]


def add_columns(schema: Schema, new: list[Column], scope: Scope, field: str) -> Schema:
    """The columns with new ones behind them; a name taken is a problem."""
    taken = set(schema.names)
    for column in new:
        scope.new_column(column.name, taken, field)
        taken.add(column.name)
    return Schema.of([*schema, *new], dynamic=schema.dynamic)


class SplitConfig(NodeConfig):
    column: ColumnName = Field(title="Column", description="Text to take apart")
    separator: str = Field(min_length=1, max_length=1000, title="Separator", description="Taken literally")
    into: list[NewName] | None = Field(
        default=None, min_length=1, max_length=1000, title="Into",
        description="Names of new columns for the parts; without them the column becomes a list",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SplitStep(Step):
    column: str
    separator: str
    into: list[str] | None


@register
class Split(Transform[SplitConfig, SplitStep]):
    operation: ClassVar[str] = "split"
    label: ClassVar[str] = "Split text"
    description: ClassVar[str] = "Takes text apart at a separator"
    icon: ClassVar[str] = "scissors"
    changes_row_count: ClassVar[bool] = False
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = SplitConfig

    def resolve(self, config: SplitConfig, inputs: Inputs, scope: Scope) -> SplitStep:
        schema = schema_at(inputs)
        column = scope.column(config.column, schema, "config.column")
        if column is not None and not column.type.is_text:
            scope.problem("type_mismatch", f"expected text, {column.name!r} is {column.type}", "config.column")
        if config.into is not None:
            output = add_columns(schema, [Column(name, STRING) for name in config.into], scope, "config.into")
        else:
            parts = DataType("list", inner=STRING)
            output = Schema.of(
                (Column(each.name, parts, each.nullable) if each.name == config.column else each for each in schema),
                dynamic=schema.dynamic,
            )
        return SplitStep({"output": output}, config.column, config.separator, config.into)

    def lower_polars(self, step: SplitStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        parts = pl.col(step.column).str.split(step.separator)
        if step.into is None:
            return {"output": frame_at(frames).with_columns(parts)}
        return {
            "output": frame_at(frames).with_columns(
                [parts.list.get(place, null_on_oob=True).alias(name) for place, name in enumerate(step.into)]
            )
        }


class ExplodeConfig(NodeConfig):
    columns: ColumnList = Field(
        min_length=1, title="Columns", description="Lists, equally long in each row; one row for each element"
    )


@dataclass(frozen=True, slots=True)
class ExplodeStep(Step):
    columns: list[str]


@register
class Explode(Transform[ExplodeConfig, ExplodeStep]):
    operation: ClassVar[str] = "explode"
    label: ClassVar[str] = "Explode lists"
    description: ClassVar[str] = "Makes a row of each element of a list; an empty list leaves one row without a value"
    icon: ClassVar[str] = "unfold-vertical"
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = ExplodeConfig

    def resolve(self, config: ExplodeConfig, inputs: Inputs, scope: Scope) -> ExplodeStep:
        schema = schema_at(inputs)
        for index, column in enumerate(scope.columns(config.columns, schema, "config.columns")):
            if column is not None and column.type.name != "list":
                scope.problem(
                    "type_mismatch", f"expected a list, {column.name!r} is {column.type}", f"config.columns.{index}"
                )
        exploded = set(config.columns)
        columns = (
            Column(each.name, each.type.inner) if each.name in exploded and each.type.inner is not None else each
            for each in schema
        )
        return ExplodeStep({"output": Schema.of(columns, dynamic=schema.dynamic)}, config.columns)

    def lower_polars(self, step: ExplodeStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        return {"output": frame_at(frames).explode(step.columns, empty_as_null=True, keep_nulls=True)}


class JsonPath(BaseModel):
    """A path and the type of what stands there."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    path: str
    type: str


class JsonExtractConfig(NodeConfig):
    column: ColumnName = Field(title="Column", description="JSON text")
    paths: dict[NewName, str | JsonPath] = Field(
        min_length=1, title="Paths", description="A path like $.a.b[0], or {path, type}, by name of the new column",
        json_schema_extra={"widget": "mapping"},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class JsonExtractStep(Step):
    column: str
    paths: tuple[tuple[str, str, DataType], ...]


@register
class JsonExtract(Transform[JsonExtractConfig, JsonExtractStep]):
    operation: ClassVar[str] = "json_extract"
    label: ClassVar[str] = "Extract from JSON"
    description: ClassVar[str] = "Adds columns with what stands at paths of a JSON text; null where nothing does"
    icon: ClassVar[str] = "braces"
    changes_row_count: ClassVar[bool] = False
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = JsonExtractConfig

    def resolve(self, config: JsonExtractConfig, inputs: Inputs, scope: Scope) -> JsonExtractStep:
        schema = schema_at(inputs)
        column = scope.column(config.column, schema, "config.column")
        if column is not None and not column.type.is_text:
            scope.problem("type_mismatch", f"expected JSON text, {column.name!r} is {column.type}", "config.column")
        paths: list[tuple[str, str, DataType]] = []
        for name, wanted in config.paths.items():
            field = f"config.paths.{name}"
            path = wanted if isinstance(wanted, str) else wanted.path
            if (error := json_path_error(path)) is not None:
                scope.problem("invalid_config", error, field)
            kind = STRING if isinstance(wanted, str) else _type(wanted.type, scope, f"{field}.type")
            paths.append((name, path, kind))
        new = [Column(name, kind) for name, _, kind in paths]
        return JsonExtractStep({"output": add_columns(schema, new, scope, "config.paths")}, config.column, tuple(paths))

    def lower_polars(self, step: JsonExtractStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        document = pl.col(step.column)
        return {
            "output": frame_at(frames).with_columns(
                [
                    casts_polars.lenient(document.str.json_path_match(path), STRING, kind).alias(name)
                    for name, path, kind in step.paths
                ]
            )
        }


def _type(written: str, scope: Scope, field: str) -> DataType:
    try:
        kind = DataType.parse(written)
    except ValueError as error:
        scope.problem("invalid_config", str(error), field)
        return STRING
    if kind.name in ("list", "null"):
        scope.problem("invalid_config", f"take {kind} as text and go on from there", field)
        return STRING
    return kind


Part = Literal[
    "year", "quarter", "month", "week", "day", "weekday", "ordinal_day", "hour", "minute", "second"
]  # fmt: skip
_OF_DAY: Final = ("hour", "minute", "second")


class DatePartsConfig(NodeConfig):
    column: ColumnName = Field(title="Column", description="A date, time or time stamp")
    parts: list[Part] = Field(
        min_length=1, title="Parts", description="Each becomes a column called column_part; weeks and weekdays by ISO"
    )


@dataclass(frozen=True, slots=True)
class DatePartsStep(Step):
    column: str
    type: DataType | None
    parts: list[Part]


@register
class DateParts(Transform[DatePartsConfig, DatePartsStep]):
    operation: ClassVar[str] = "date_parts"
    label: ClassVar[str] = "Date parts"
    description: ClassVar[str] = "Adds year, month, weekday and other parts of a date as columns"
    icon: ClassVar[str] = "calendar"
    changes_row_count: ClassVar[bool] = False
    row_wise: ClassVar[bool] = True
    Config: ClassVar[type[NodeConfig]] = DatePartsConfig

    def resolve(self, config: DatePartsConfig, inputs: Inputs, scope: Scope) -> DatePartsStep:
        schema = schema_at(inputs)
        column = scope.column(config.column, schema, "config.column")
        kind = None if column is None else column.type
        for index, part in enumerate(config.parts):
            if kind is not None and not _has(kind, part):
                scope.problem("type_mismatch", f"{kind} has no {part}", f"config.parts.{index}")
        nullable = column is None or column.nullable
        new = [Column(f"{config.column}_{part}", INT64, nullable) for part in config.parts]
        output = add_columns(schema, new, scope, "config.parts")
        return DatePartsStep({"output": output}, config.column, kind, config.parts)

    def lower_polars(self, step: DatePartsStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        source = ColumnRef(step.type, True, 0, 0, step.column)
        return {
            "output": frame_at(frames).with_columns(
                [
                    low.expression(Apply(INT64, True, 0, 0, part, (source,))).alias(f"{step.column}_{part}")
                    for part in step.parts
                ]
            )
        }


def _has(kind: DataType, part: str) -> bool:
    match kind.name:
        case "datetime" | "null":
            return True
        case "date":
            return part not in _OF_DAY
        case "time":
            return part in _OF_DAY
        case _:
            return False
