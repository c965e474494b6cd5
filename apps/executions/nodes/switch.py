"""switch: one of many ways."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from apps.executions.nodes.control import ControlNodeType, arriving, bare_names, check_condition, holds
from apps.nodes.config import Expression, NodeConfig
from apps.nodes.ports import OutputPort
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, RunContext, RunResult

_TAKEN = ("default", "error", "success", "output")


def _port_name(name: str) -> str:
    if not name or name in _TAKEN:
        raise ValueError(f"a case may not be called {name!r}")
    return name


class SwitchConfig(NodeConfig):
    cases: dict[Annotated[str, AfterValidator(_port_name)], Expression] = Field(
        min_length=1,
        max_length=50,
        title="Cases",
        description="Name of the way, and when it is taken; the first wins",
        examples=[{"large": "{{ total }} > 1000", "small": "{{ total }} > 0"}],
    )


@register
class Switch(ControlNodeType):
    """Hands its rows on by the first case that holds, else by `default`."""

    operation = "switch"
    label = "Switch"
    description = "Go the way of the first condition that holds"
    icon = "signpost"
    Config = SwitchConfig

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        assert isinstance(config, SwitchConfig)
        return tuple(OutputPort(name, "branch") for name in (*config.cases, "default"))

    def reads(self, config: NodeConfig) -> tuple[tuple[tuple[str, ...], str], ...]:
        assert isinstance(config, SwitchConfig)
        return tuple(each for name, text in config.cases.items() for each in bare_names(text, "cases", name))

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, SwitchConfig)
        schema = arriving(inputs)
        problems = [
            problem
            for name, expression in config.cases.items()
            for problem in check_condition(expression, f"config.cases.{name}", context)
        ]
        return Inference(dict.fromkeys((*config.cases, "default"), schema), tuple(problems))

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, SwitchConfig)
        port = next((name for name, text in config.cases.items() if holds(text, context.parameters)), "default")
        context.log("info", f"The way is {port!r}")
        rows = context.forward(port)
        return RunResult(rows_in=rows, rows_out=rows, branches=(port,))
