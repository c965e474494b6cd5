"""Join: rows of two inputs that belong together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final, Literal

import polars as pl
from pydantic import BeforeValidator, Field

from apps.nodes.columns import Column, DataType, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import InputPort
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms.base import ColumnList, Scope, Step, Transform, frame_at, schema_at
from apps.transforms.expressions import casts_polars
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.type_rules import common_type

Kind = Literal["inner", "left", "right", "full", "semi", "anti", "cross", "asof"]
_TOLERANCE: Final = re.compile(r"^([0-9]{1,9})(us|ms|s|m|h|d|w)$")
_UNITS: Final = {
    "us": "microseconds", "ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks",
}  # fmt: skip


def _full(value: Any) -> Any:
    return "full" if value == "outer" else value


class JoinConfig(NodeConfig):
    right_variable: str | None = Field(
        default=None, min_length=1, max_length=200, description="Upstream output to read as the right input"
    )
    join_type: Annotated[Kind, BeforeValidator(_full)] = Field(
        default="inner",
        title="Kind",
        description="Which rows stay; outer is another word for full",
        json_schema_extra={"enum": ["inner", "left", "right", "outer", "full", "semi", "anti", "cross", "asof"]},
    )
    left_on: ColumnList = Field(default=[], title="Left keys", json_schema_extra={"widget": "columns", "port": "left"})
    right_on: ColumnList = Field(
        default=[],
        title="Right keys",
        description="As many as on the left; the same names if left out",
        json_schema_extra={"widget": "columns", "port": "right"},
    )
    suffix: str = Field(
        default="_right", min_length=1, max_length=100, title="Suffix", description="For right columns of a taken name"
    )
    strategy: Literal["backward", "forward", "nearest"] = Field(
        default="backward", title="Nearest", description="asof: the last before, the first after, or the closest"
    )
    by: ColumnList = Field(default=[], title="Equal keys", description="asof: columns that must be equal on both sides")
    tolerance: str | int | float | None = Field(
        default=None, title="Tolerance", description="asof: how far apart at most, such as 10s, 5m, 1d, or a number"
    )


@dataclass(frozen=True, slots=True)
class Key:
    """A pair of key columns, compared as `type`."""

    left: str
    right: str
    left_type: DataType
    right_type: DataType
    type: DataType


@dataclass(frozen=True, slots=True)
class JoinStep(Step):
    """`right` maps each right column that comes out to its name there."""

    kind: Kind
    keys: tuple[Key, ...]
    left: tuple[str, ...]
    right: Mapping[str, str]
    strategy: Literal["backward", "forward", "nearest"] = "backward"
    tolerance: timedelta | float | int | None = None


@register
class Join(Transform[JoinConfig, JoinStep]):
    operation: ClassVar[str] = "join"
    label: ClassVar[str] = "Join"
    description: ClassVar[str] = "Puts rows of two inputs together that have equal keys"
    icon: ClassVar[str] = "merge"
    Config: ClassVar[type[NodeConfig]] = JoinConfig

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (InputPort("left"), InputPort("right"))

    def reads_all(self, config: NodeConfig) -> bool:
        assert isinstance(config, JoinConfig)
        return config.join_type != "asof"  # which is over with the last row on the left

    def multiplied(self, config: NodeConfig) -> tuple[str, ...]:
        assert isinstance(config, JoinConfig)
        return ("left", "right") if config.join_type == "cross" else ()

    def resolve(self, config: JoinConfig, inputs: Inputs, scope: Scope) -> JoinStep:
        left, right = schema_at(inputs, "left"), schema_at(inputs, "right")
        keys = _keys(config, left, right, scope)
        tolerance = _tolerance(config, keys, scope)
        dropped = {key.right for key in keys} if config.join_type != "cross" else set()
        names = _right_names(config, left, right, dropped, scope)
        columns = _columns(config.join_type, left, right, keys, names)
        dynamic = left.dynamic or (right.dynamic and config.join_type not in ("semi", "anti"))
        output = Schema.of(columns, dynamic=dynamic)
        return JoinStep({"output": output}, config.join_type, keys, left.names, names, config.strategy, tolerance)

    def lower_polars(self, step: JoinStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        left, right = frame_at(frames, "left"), frame_at(frames, "right")
        return {"output": _LOWER.get(step.kind, _equal)(step, left, right)}


def _keys(config: JoinConfig, left: Schema, right: Schema, scope: Scope) -> tuple[Key, ...]:
    if config.join_type == "cross":
        if config.left_on or config.right_on:
            scope.problem("invalid_config", "a cross join has no keys", "config.leftOn")
        return ()
    right_on = config.right_on or config.left_on
    if not config.left_on:
        scope.problem("invalid_config", "say which columns must be equal", "config.leftOn")
    if len(config.left_on) != len(right_on):
        scope.problem("invalid_config", "as many right keys as left keys", "config.rightOn")
    if config.by and config.join_type != "asof":
        scope.problem("invalid_config", "only asof has by; put the columns among the keys", "config.by")
    pairs = [(name, name, f"config.by.{index}", f"config.by.{index}") for index, name in enumerate(config.by)]
    right_field = "config.rightOn" if config.right_on else "config.leftOn"
    pairs += [
        (one, other, f"config.leftOn.{index}", f"{right_field}.{index}")
        for index, (one, other) in enumerate(zip(config.left_on, right_on, strict=False))
    ]
    keys: list[Key] = []
    for one, other, left_field, other_field in pairs:
        first, second = scope.column(one, left, left_field), scope.column(other, right, other_field)
        if first is None or second is None:
            continue
        meeting = common_type(first.type, second.type)
        if meeting is None or meeting.name == "list":
            scope.problem(
                "type_mismatch",
                f"{one!r} is {first.type} and {other!r} is {second.type}: cast one to the type of the other",
                other_field,
            )
            continue
        keys.append(Key(one, other, first.type, second.type, meeting))
    return tuple(keys)


def _tolerance(config: JoinConfig, keys: tuple[Key, ...], scope: Scope) -> timedelta | float | int | None:
    if config.join_type != "asof" or not keys:
        return None
    time = keys[-1]
    if not (time.type.is_temporal or time.type.is_numeric):
        scope.problem("type_mismatch", f"asof needs times or numbers, {time.left!r} is {time.type}", "config.leftOn")
    written = config.tolerance
    if written is None or isinstance(written, int | float):
        if written is not None and time.type.is_temporal:
            scope.problem("invalid_config", "a tolerance of times has a unit, such as 10s", "config.tolerance")
        return written
    match = _TOLERANCE.match(written)
    if match is None or not time.type.is_temporal:
        scope.problem("invalid_config", "a tolerance is a number and a unit: us, ms, s, m, h, d, w", "config.tolerance")
        return None
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})


def _right_names(config: JoinConfig, left: Schema, right: Schema, dropped: set[str], scope: Scope) -> dict[str, str]:
    if config.join_type in ("semi", "anti"):
        return {}
    names: dict[str, str] = {}
    taken = set(left.names)
    for column in right:
        if column.name in dropped:
            continue
        name = column.name if column.name not in left.names else f"{column.name}{config.suffix}"
        if name in taken:
            scope.problem(
                "invalid_config", f"two columns would be called {name!r}: rename one or choose another suffix",
                "config.suffix",
            )  # fmt: skip
        taken.add(name)
        names[column.name] = name
    return names


def _columns(kind: Kind, left: Schema, right: Schema, keys: Sequence[Key], names: Mapping[str, str]) -> list[Column]:
    """Left columns, in `right` and `full` with the key that is there, then the right ones."""
    columns: list[Column] = []
    by_left = {key.left: key for key in keys}
    for each in left:
        key = by_left.get(each.name)
        if kind in ("right", "full") and key is not None:
            other = right.get(key.right)
            columns.append(Column(each.name, key.type, each.nullable or other is None or other.nullable))
        else:
            matched = kind in ("inner", "semi") and each.name in by_left
            columns.append(Column(each.name, each.type, not matched and (each.nullable or kind in ("right", "full"))))
    if kind in ("semi", "anti"):
        return columns
    for each in right:
        if each.name in names:
            columns.append(Column(names[each.name], each.type, each.nullable or kind in ("left", "full", "asof")))
    return columns


def _key_name(side: str, index: int) -> str:
    return f"__uzo_{side}_{index}"


def _prepared(step: JoinStep, left: pl.LazyFrame, right: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The left with key columns in a common type where they differ; the right with its keys under names of
    their own and the others under the names in which they come out."""
    converted = [
        casts_polars.lenient(pl.col(key.left), key.left_type, key.type).alias(_key_name("left", index))
        for index, key in enumerate(step.keys)
        if _left_key(step, index) != key.left
    ]
    keys = [
        casts_polars.lenient(pl.col(key.right), key.right_type, key.type).alias(_key_name("right", index))
        for index, key in enumerate(step.keys)
    ]
    others = [pl.col(name).alias(alias) for name, alias in step.right.items()]
    return (left.with_columns(converted) if converted else left), right.select([*keys, *others])


def _left_key(step: JoinStep, index: int) -> str:
    key = step.keys[index]
    return key.left if key.left_type.to_polars() == key.type.to_polars() else _key_name("left", index)


def _chosen(step: JoinStep, joined: pl.LazyFrame) -> pl.LazyFrame:
    return joined.select([pl.col(column.name) for column in step.output])


def _equal(step: JoinStep, left: pl.LazyFrame, right: pl.LazyFrame) -> pl.LazyFrame:
    left, right = _prepared(step, left, right)
    joined = left.join(
        right,
        left_on=[_left_key(step, index) for index in range(len(step.keys))],
        right_on=[_key_name("right", index) for index in range(len(step.keys))],
        how=step.kind,  # type: ignore[arg-type]
        coalesce=None if step.kind in ("semi", "anti") else True,
    )
    return _chosen(step, joined)


def _outer(step: JoinStep, left: pl.LazyFrame, right: pl.LazyFrame) -> pl.LazyFrame:
    """`right` and `full`: each key is the one that is there, in the common type."""
    left, right = _prepared(step, left, right)
    names = [_left_key(step, index) for index in range(len(step.keys))]
    others = [_key_name("right", index) for index in range(len(step.keys))]
    joined = left.join(right, left_on=names, right_on=others, how="left" if step.kind == "left" else step.kind,  # type: ignore[arg-type]
                       coalesce=False)  # fmt: skip
    there = [
        pl.coalesce(pl.col(name), pl.col(other)).alias(key.left)
        for key, name, other in zip(step.keys, names, others, strict=True)
    ]
    return _chosen(step, joined.with_columns(there))


def _cross(step: JoinStep, left: pl.LazyFrame, right: pl.LazyFrame) -> pl.LazyFrame:
    left, right = _prepared(step, left, right)
    return _chosen(step, left.join(right, how="cross"))


def _asof(step: JoinStep, left: pl.LazyFrame, right: pl.LazyFrame) -> pl.LazyFrame:
    left, right = _prepared(step, left, right)
    names = [_left_key(step, index) for index in range(len(step.keys))]
    others = [_key_name("right", index) for index in range(len(step.keys))]
    joined = left.sort(names[-1], maintain_order=True).join_asof(
        right.drop_nulls(others[-1]).sort(others[-1], maintain_order=True),
        left_on=names[-1],
        right_on=others[-1],
        by_left=names[:-1] or None,
        by_right=others[:-1] or None,
        strategy=step.strategy,
        tolerance=step.tolerance,
        coalesce=True,
        check_sortedness=False,
    )
    return _chosen(step, joined)


_LOWER: Final = {"right": _outer, "full": _outer, "cross": _cross, "asof": _asof}
