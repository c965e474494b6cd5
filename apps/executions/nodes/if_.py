"""if: one of two ways."""

from __future__ import annotations

from pydantic import Field

from apps.executions.nodes.control import ControlNodeType, arriving, bare_names, check_condition, holds
from apps.nodes.config import Expression, NodeConfig
from apps.nodes.ports import OutputPort
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, RunContext, RunResult


class IfConfig(NodeConfig):
    expression: Expression = Field(
        title="Condition",
        description="Over parameters and upstream scalars, such as {{ region }} = 'EU'",
        examples=["{{ region }} = 'EU'", "{{ total }} > 100 AND {{ day }} IS NOT NULL"],
    )


@register
class If(ControlNodeType):
    """Hands its rows on by `true` or `false`; a condition that is null takes `false`."""

    operation = "if"
    label = "If"
    description = "Go one way if a condition holds, the other way if not"
    icon = "split"
    Config = IfConfig

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        return (OutputPort("true", "branch"), OutputPort("false", "branch"))

    def reads(self, config: NodeConfig) -> tuple[tuple[tuple[str, ...], str], ...]:
        assert isinstance(config, IfConfig)
        return bare_names(config.expression, "expression")

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, IfConfig)
        schema = arriving(inputs)
        problems = check_condition(config.expression, "config.expression", context)
        return Inference({"true": schema, "false": schema}, problems)

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, IfConfig)
        port = "true" if holds(config.expression, context.parameters) else "false"
        context.log("info", f"The condition took {port!r}")
        rows = context.forward(port)
        return RunResult(rows_in=rows, rows_out=rows, branches=(port,))
