"""Window: a value for each row from the rows around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, cast

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from apps.nodes.columns import FLOAT64, INT64, Column, DataType, Schema
from apps.nodes.config import ColumnName, NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms import aggregations
from apps.transforms.base import ColumnList, Scope, Step, Transform, frame_at, schema_at
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.nodes.rows import SortKey, SortKeys, resolve_order, sorted_by

Function = Literal[
    "row_number", "rank", "dense_rank", "lag", "lead", "cumsum", "sum", "mean", "min", "max", "count", "first", "last",
    "rolling_mean", "rolling_sum", "rolling_min", "rolling_max",
]  # fmt: skip
_RANKING: Final = ("row_number", "rank", "dense_rank")
_ROLLING: Final = ("rolling_mean", "rolling_sum", "rolling_min", "rolling_max")
_AGGREGATES: Final = ("sum", "mean", "min", "max", "count")
_ROW: Final = "__uzo_row"


class WindowFields(BaseModel):
    """What one window function needs."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True, strict=True)

    partition_by: ColumnList = Field(default=[], title="Within", description="Rows equal in these belong together")
    order_by: SortKeys = Field(default=[], title="Order by", description="The order along which the function runs")
    function: Function = Field(title="Function")
    column: ColumnName | None = Field(default=None, title="Column", description="What the function is computed of")
    offset: int = Field(default=1, ge=0, le=2**31, title="Offset", description="lag, lead: how many rows away")
    window_size: int | None = Field(
        default=None, ge=1, le=2**31, title="Window size", description="rolling: how many rows, this one the last"
    )
    output_column: Annotated[str, Field(min_length=1, max_length=1000)] = Field(
        title="Output column", description="Name of the new column"
    )


class WindowConfig(NodeConfig):
    partition_by: ColumnList | None = Field(default=None, title="Within")
    order_by: SortKeys | None = Field(default=None, title="Order by")
    function: Function | None = Field(default=None, title="Function")
    column: ColumnName | None = Field(default=None, title="Column")
    offset: int | None = Field(default=None, ge=0, le=2**31, title="Offset")
    window_size: int | None = Field(default=None, ge=1, le=2**31, title="Window size")
    output_column: str | None = Field(default=None, min_length=1, max_length=1000, title="Output column")
    windows: list[WindowFields] | None = Field(
        default=None, min_length=1, title="Windows", description="Several at once, instead of the fields above"
    )

    @model_validator(mode="after")
    def _one_or_many(self) -> WindowConfig:
        if self.windows is not None and any(value is not None for value in self._single().values()):
            raise ValueError("give either windows or the fields of one window")
        if self.windows is None and (self.function is None or self.output_column is None):
            raise ValueError("a window has a function and an outputColumn")
        return self

    def _single(self) -> dict[str, object]:
        return {name: value for name, value in self if name in WindowFields.model_fields}

    def all(self) -> list[tuple[str, WindowFields]]:
        """Each window with the path of its fields."""
        if self.windows is not None:
            return [(f"config.windows.{index}", each) for index, each in enumerate(self.windows)]
        given = {name: value for name, value in self._single().items() if value is not None}
        return [("config", WindowFields.model_construct(**given))]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class WindowStep(Step):
    """Windows with the type of their column."""

    windows: tuple[tuple[WindowFields, DataType | None], ...]


@register
class Window(Transform[WindowConfig, WindowStep]):
    operation: ClassVar[str] = "window"
    label: ClassVar[str] = "Window"
    description: ClassVar[str] = "Ranks, running and rolling sums, neighbours' values, beside each row"
    icon: ClassVar[str] = "panel-top"
    changes_row_count: ClassVar[bool] = False
    Config: ClassVar[type[NodeConfig]] = WindowConfig

    def resolve(self, config: WindowConfig, inputs: Inputs, scope: Scope) -> WindowStep:
        schema = schema_at(inputs)
        columns = {each.name: each for each in schema}
        dynamic = schema.dynamic
        windows: list[tuple[WindowFields, DataType | None]] = []
        made: set[str] = set()
        for field, each in config.all():
            scope.new_column(each.output_column, made, f"{field}.outputColumn")
            made.add(each.output_column)
            column = _check(each, schema, scope, field)
            windows.append((each, None if column is None else column.type))
            kind = _type(each, column)
            if kind is None:
                columns.pop(each.output_column, None)
                dynamic = True
            else:
                columns[each.output_column] = Column(each.output_column, kind, _nullable(each, column))
        return WindowStep({"output": Schema.of(columns.values(), dynamic=dynamic)}, tuple(windows))

    def lower_polars(self, step: WindowStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        frame = frame_at(frames)
        simple: list[pl.Expr] = []
        mixed: dict[tuple[SortKey, ...], list[pl.Expr]] = {}
        names: dict[str, str] = {}
        for place, (each, kind) in enumerate(step.windows):
            order = tuple(each.order_by) if _runs(each) else ()
            names[each.output_column] = f"__uzo_window_{place}"
            if _is_simple(order):
                simple.append(_over(each, kind, order).alias(names[each.output_column]))
            else:
                mixed.setdefault(order, []).append(_over(each, kind).alias(names[each.output_column]))
        if not mixed:
            final = [each.alias(name) for each, name in zip(simple, names, strict=True)]
            return {"output": frame.with_columns(final)}
        source = frame.with_row_index(_ROW).with_columns(simple)
        for order, expressions in mixed.items():
            source = sorted_by(source, list(order)).with_columns(expressions)
        finished = source.sort(_ROW).with_columns([pl.col(name).alias(output) for output, name in names.items()])
        return {"output": finished.select([pl.col(name) for name in step.output.names])}


def _check(window: WindowFields, schema: Schema, scope: Scope, field: str) -> Column | None:
    """The column that the function is computed of, and problems of the window."""
    for index, key in enumerate(scope.columns(window.partition_by, schema, f"{field}.partitionBy")):
        if key is not None and key.type.name == "list":
            scope.problem("type_mismatch", f"{key.name!r} is a list, not a group", f"{field}.partitionBy.{index}")
    resolve_order(window.order_by, schema, scope, f"{field}.orderBy")
    function = window.function
    if function in ("rank", "dense_rank") and not window.order_by:
        scope.problem("invalid_config", f"{function} needs orderBy", f"{field}.orderBy")
    if function in _ROLLING and window.window_size is None:
        scope.problem("invalid_config", f"{function} needs windowSize", f"{field}.windowSize")
    if window.column is None:
        if function not in (*_RANKING, "count"):
            scope.problem("invalid_config", f"{function} needs a column", f"{field}.column")
        return None
    column = scope.column(window.column, schema, f"{field}.column")
    if column is not None:
        kernel = {"cumsum": "sum", "lag": "first", "lead": "first"}.get(function, function.removeprefix("rolling_"))
        if function not in _RANKING:
            aggregations.check_function(kernel, column.type, scope, f"{field}.column")
        exact = column.type.name == "decimal"
        if function in ("rolling_min", "rolling_max") and (exact or not column.type.is_numeric):
            hint = ": cast it to float64 first" if exact else ""
            scope.problem("type_mismatch", f"{function} takes no {column.type}{hint}", f"{field}.column")
    return column


def _type(window: WindowFields, column: Column | None) -> DataType | None:
    function = window.function
    if function in (*_RANKING, "count"):
        return INT64
    if column is None:
        return None
    if function in ("mean", "rolling_mean"):
        return FLOAT64
    if function in ("sum", "cumsum", "rolling_sum"):
        return aggregations.sum_type(column.type)
    return column.type


def _nullable(window: WindowFields, column: Column | None) -> bool:
    if window.function in (*_RANKING, "count"):
        return False
    return column is None or column.nullable or window.function in (*_ROLLING, "lag", "lead")


def _runs(window: WindowFields) -> bool:
    """Whether the order has a bearing: aggregates cover the whole partition, whatever its order."""
    return bool(window.order_by) and window.function not in _AGGREGATES


def _is_simple(order: tuple[SortKey, ...]) -> bool:
    """Whether Polars can order within the window by itself: one direction, one place for nulls."""
    return len({(key.descending, key.nulls_last) for key in order}) <= 1


def _over(window: WindowFields, kind: DataType | None, order: tuple[SortKey, ...] = ()) -> pl.Expr:
    expression = _expression(window, kind)
    partition = [pl.col(name) for name in window.partition_by] or [pl.lit(1)]
    if not order:
        return expression.over(partition)
    return expression.over(
        partition,
        order_by=[pl.col(key.column) for key in order],
        descending=order[0].descending,
        nulls_last=order[0].nulls_last,
    )


def _expression(window: WindowFields, kind: DataType | None) -> pl.Expr:
    function = window.function
    position = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    if function == "row_number":
        return position
    if function in ("rank", "dense_rank"):
        return _rank(window, position)
    if window.column is None:
        return aggregations.rows()
    value = pl.col(window.column)
    assert kind is not None
    if function in (*_AGGREGATES, "first", "last"):
        return aggregations.lower_polars(function, value, kind)
    if function in ("lag", "lead"):
        return value.shift(window.offset if function == "lag" else -window.offset)
    if function == "cumsum":
        return _running_sum(value, kind)
    return _rolling(window, value, kind, position)


def _rank(window: WindowFields, position: pl.Expr) -> pl.Expr:
    """Along the order: a row that differs from the one before begins a new rank."""
    differs = position == 1
    for key in window.order_by:
        differs = differs | pl.col(key.column).ne_missing(pl.col(key.column).shift(1))
    if window.function == "dense_rank":
        return differs.cast(pl.Int64).cum_sum()
    return pl.when(differs).then(position).forward_fill()


def _running_sum(value: pl.Expr, kind: DataType) -> pl.Expr:
    """As SQL has it: a row without a value shows the sum so far."""
    target = aggregations.sum_type(kind).to_polars()
    if kind.name == "null":
        return pl.lit(None, dtype=target)
    if kind.is_integer:
        return value.cast(pl.Int128).cum_sum().forward_fill().cast(target, strict=True)
    return value.cast(target).cum_sum().forward_fill()


def _rolling(window: WindowFields, value: pl.Expr, kind: DataType, position: pl.Expr) -> pl.Expr:
    """Over the last rows, nulls left out; null before there are that many rows."""
    size = window.window_size or 1
    name = cast("Literal['rolling_mean', 'rolling_sum', 'rolling_min', 'rolling_max']", window.function)
    if name == "rolling_sum" and (kind.is_integer or kind.name == "decimal"):
        rolled = _exact_rolling_sum(value, kind, size)
    elif name == "rolling_mean":
        rolled = value.cast(pl.Float64).rolling_mean(size, min_samples=1)
    elif name == "rolling_min" and kind.is_float:
        least = value.fill_nan(None).rolling_min(size, min_samples=1)
        there = value.is_not_null().cast(pl.Int64).cum_sum()
        only_nan = (there - there.shift(size).fill_null(0)) > 0
        rolled = pl.when(least.is_null() & only_nan).then(float("nan")).otherwise(least).cast(kind.to_polars())
    else:
        rolled = _ROLL[name](value, size)
    return pl.when(position >= size).then(rolled)


def _exact_rolling_sum(value: pl.Expr, kind: DataType, size: int) -> pl.Expr:
    """A difference of running sums in 128 bits, which neither wraps nor rounds."""
    target = aggregations.sum_type(kind).to_polars()
    wide = pl.Int128() if kind.is_integer else target
    total = value.cast(wide).fill_null(0).cum_sum()
    there = value.is_not_null().cast(pl.Int64).cum_sum()
    rolled = total - total.shift(size).fill_null(0)
    count = there - there.shift(size).fill_null(0)
    return pl.when(count > 0).then(rolled).cast(target, strict=True)


_ROLL: Final[Mapping[str, Callable[[pl.Expr, int], pl.Expr]]] = {
    "rolling_sum": lambda value, size: value.rolling_sum(size, min_samples=1),
    "rolling_min": lambda value, size: value.rolling_min(size, min_samples=1),
    "rolling_max": lambda value, size: value.rolling_max(size, min_samples=1),
}
