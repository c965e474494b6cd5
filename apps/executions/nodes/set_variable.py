"""set_variable: a value with a name, for `{{ name }}` downstream."""

from __future__ import annotations

from pydantic import Field, model_validator

from apps.executions.nodes.control import ControlNodeType, arriving, bare_names, check_scalar
from apps.nodes.columns import NULL, DataType
from apps.nodes.config import Expression, NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, RunContext, RunResult
from apps.transforms.expressions import evaluate
from apps.workflows.core.parameters import type_of

Scalar = str | int | float | bool | None


class SetVariableConfig(NodeConfig):
    name: str = Field(pattern=r"^[A-Za-z_]\w{0,99}$", title="Name", description="Used as {{ name }} downstream")
    value: Scalar = Field(default=None, title="Value", description="A fixed value, or one {{ name }}")
    expression: Expression | None = Field(
        default=None,
        title="Expression",
        description="Instead of a value: computed from parameters and scalars",
        examples=["{{ total }} / {{ count }}"],
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> SetVariableConfig:
        if self.expression is not None and self.value is not None:
            raise ValueError("give either value or expression")
        return self


@register
class SetVariable(ControlNodeType):
    """Sets a scalar and hands its rows on."""

    operation = "set_variable"
    label = "Set variable"
    description = "Give a value a name that later nodes can use"
    icon = "variable"
    Config = SetVariableConfig

    def defines(self, config: NodeConfig) -> tuple[str, ...]:
        assert isinstance(config, SetVariableConfig)
        return (config.name,)

    def reads(self, config: NodeConfig) -> tuple[tuple[tuple[str, ...], str], ...]:
        assert isinstance(config, SetVariableConfig)
        return bare_names(config.expression, "expression") if config.expression is not None else ()

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, SetVariableConfig)
        outputs = {"output": arriving(inputs)}
        if config.expression is None:
            type_: DataType | None = type_of(config.value)
            known = type_ not in (None, NULL) and "config.value" not in context.untyped_fields
            return Inference(outputs, scalars={config.name: type_} if known and type_ is not None else {})
        checked, problems = check_scalar(config.expression, "config.expression", context)
        return Inference(outputs, problems, {config.name: checked.type} if checked.type is not None else {})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, SetVariableConfig)
        value = config.value
        if config.expression is not None:
            value = evaluate(config.expression, context.parameters)
        rows = context.forward("output")
        return RunResult(rows_in=rows, rows_out=rows, scalars={config.name: value})
