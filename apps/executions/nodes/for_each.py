"""for_each: the same for every row, or every batch of rows."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from apps.executions.nodes.control import ControlNodeType, arriving
from apps.nodes.columns import UNKNOWN
from apps.nodes.config import NodeConfig
from apps.nodes.loops import DONE, EACH, LoopNodeType, LoopSpec
from apps.nodes.ports import INPUT, InputPort, OutputPort
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, RunContext, RunResult


class ForEachConfig(NodeConfig):
    batch_size: int = Field(default=1, ge=1, le=10_000_000, title="Batch size", description="Rows of one iteration")
    concurrency: int = Field(default=1, ge=1, le=16, title="Concurrency", description="Iterations side by side")
    collect: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        title="Collect",
        description="Node of the body whose rows, of all iterations in order, leave by 'done'; without, the rows "
        "that came do",
        json_schema_extra={"widget": "node"},
    )
    on_error: Literal["fail", "continue"] = Field(
        default="fail", title="On error", description="Whether an iteration that fails fails the loop"
    )
    max_iterations: int = Field(
        default=10_000, ge=1, le=1_000_000, title="Most iterations", description="More rows than that fail the node"
    )
    item_name: str = Field(
        default="item",
        pattern=r"^[A-Za-z_]\w{0,99}$",
        title="Name of the row",
        description="In the body {{ item.column }} is a value of the row, where the batch size is 1",
    )


@register
class ForEach(ControlNodeType, LoopNodeType):
    """Runs what hangs behind `each` once for every batch of rows, then hands on by `done` what it collected,
    or the rows that came. What has been finished of it is never run again: not after a restart, nor when the
    execution is resumed. A preview runs the first batch."""

    operation = "for_each"
    label = "For each"
    description = "Do the same for every row, or every batch of rows"
    icon = "repeat"
    Config = ForEachConfig

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (INPUT,)

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        return (OutputPort(DONE), OutputPort(EACH))

    def loop(self, config: NodeConfig) -> LoopSpec:
        assert isinstance(config, ForEachConfig)
        return LoopSpec(
            batch_size=config.batch_size,
            item=config.item_name if config.batch_size == 1 else None,
            collect=config.collect,
            concurrency=config.concurrency,
            goes_on=config.on_error == "continue",
            max_iterations=config.max_iterations,
        )

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, ForEachConfig)
        rows = arriving(inputs)
        # What is collected is known once the body has been looked at.
        return Inference({DONE: rows if config.collect is None else UNKNOWN, EACH: rows})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, ForEachConfig)
        [rows] = inputs["input"]
        batch = rows.head(config.batch_size)
        context.write_frame(EACH, batch)
        first = batch.head(1).collect()
        values = first.row(0, named=True) if first.height else dict.fromkeys(first.columns)
        count = context.forward(DONE)
        item = {f"{config.item_name}.{name}": value for name, value in values.items()}
        return RunResult(rows_in=count, rows_out=count, scalars=item if config.batch_size == 1 else {})
