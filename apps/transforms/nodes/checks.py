"""Check: rules that rows must keep, and what happens to those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from apps.kernel.errors import NodeError
from apps.nodes.columns import STRING, Column, DataType, Schema
from apps.nodes.config import Expression, NodeConfig
from apps.nodes.ports import OUTPUT, OutputPort
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs, LowerContext
from apps.transforms.base import Scope, Step, Transform, frame_at, schema_at
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.tree import Node

FAILED_COLUMN = "_check_failed"
_NAMES = DataType("list", inner=STRING)


class Rule(BaseModel):
    """A condition that every row must meet."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    expression: Expression = Field(description="True for good rows; a row for which it is null has failed")
    severity: Literal["error", "warning"] = Field(
        default="error", description="A warning counts, and never stops or quarantines"
    )


class CheckConfig(NodeConfig):
    rules: list[Rule] = Field(min_length=1, max_length=1000, title="Rules", json_schema_extra={"widget": "rules"})
    on_fail: Literal["fail", "warn", "quarantine"] = Field(
        default="fail",
        title="On failure",
        description="fail: the node fails; warn: rows pass and count; quarantine: rows leave on their own port",
    )


@dataclass(frozen=True, slots=True)
class CheckStep(Step):
    """Rules as (name, condition, is an error)."""

    rules: tuple[tuple[str, Node | None, bool], ...]
    on_fail: Literal["fail", "warn", "quarantine"]


@register
class Check(Transform[CheckConfig, CheckStep]):
    operation: ClassVar[str] = "check"
    label: ClassVar[str] = "Check"
    description: ClassVar[str] = "Holds rows against rules: fails, counts, or puts bad rows aside"
    icon: ClassVar[str] = "shield-check"
    Config: ClassVar[type[NodeConfig]] = CheckConfig

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        return (OUTPUT, OutputPort("quarantine"))

    def reads_all(self, config: NodeConfig) -> bool:
        return False

    def resolve(self, config: CheckConfig, inputs: Inputs, scope: Scope) -> CheckStep:
        schema = schema_at(inputs)
        names: set[str] = set()
        rules: list[tuple[str, Node | None, bool]] = []
        for index, rule in enumerate(config.rules):
            if rule.name in names:
                scope.problem(
                    "invalid_config", f"two rules are called {rule.name!r}", f"config.rules.{index}.name"
                )  # fmt: skip
            names.add(rule.name)
            checked = scope.condition(rule.expression, schema, f"config.rules.{index}.expression")
            rules.append((rule.name, checked.tree, rule.severity == "error"))
        quarantine = [*(each for each in schema if each.name != FAILED_COLUMN), Column(FAILED_COLUMN, _NAMES, False)]
        outputs = {"output": schema, "quarantine": Schema.of(quarantine, dynamic=schema.dynamic)}
        return CheckStep(outputs, tuple(rules), config.on_fail)

    def lower_polars(self, step: CheckStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        frame = frame_at(frames)
        errors = [(name, _missed(node, low)) for name, node, is_error in step.rules if is_error]
        columns = [pl.col(column.name) for column in step.outputs["quarantine"]]
        nobody = frame.limit(0).with_columns(pl.lit([], dtype=pl.List(pl.String)).alias(FAILED_COLUMN)).select(columns)
        if not errors or step.on_fail == "warn":
            return {"output": frame, "quarantine": nobody}
        failed = reduce(lambda one, other: one | other, [missed for _, missed in errors])
        if step.on_fail == "quarantine":
            names = pl.concat_list([pl.when(missed).then(pl.lit(name)) for name, missed in errors]).list.drop_nulls()
            aside = frame.filter(failed).with_columns(names.alias(FAILED_COLUMN)).select(columns)
            return {"output": frame.filter(~failed), "quarantine": aside}
        return {"output": _stopping(frame, failed), "quarantine": nobody}

    def failures(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> pl.LazyFrame:
        """One row with the number of rows that fail each rule, by its name, warnings too: what an execution
        counts as `warnings`. Collect it beside the outputs."""
        step = self.resolved(config, inputs, context)
        low = Lowering(context.parameters)
        return frame_at(inputs).select(
            [_missed(node, low).sum().cast(pl.Int64).alias(name) for name, node, _ in step.rules]
        )


def _missed(node: Node | None, low: Lowering) -> pl.Expr:
    assert node is not None
    return ~low.expression(node).cast(pl.Boolean).fill_null(False)


def _stopping(frame: pl.LazyFrame, failed: pl.Expr) -> pl.LazyFrame:
    """The frame, which fails when a row does. A step of its own for Polars: a filter behind it must not
    slip before it and hide the rows that fail."""

    def stop(batch: pl.DataFrame) -> pl.DataFrame:
        if batch.select(failed.any()).item():
            raise NodeError("uzo:check_failed", code="check_failed")
        return batch

    options: dict[str, Any] = {"predicate_pushdown": False, "slice_pushdown": False, "projection_pushdown": False}
    return frame.map_batches(stop, streamable=True, **options)
