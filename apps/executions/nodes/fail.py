"""fail: stop on purpose."""

from __future__ import annotations

from pydantic import Field

from apps.executions.nodes.control import ControlNodeType
from apps.kernel.errors import TransientNodeError
from apps.nodes.config import NodeConfig
from apps.nodes.ports import OutputPort
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, RunContext, RunResult


class FailConfig(NodeConfig):
    message: str = Field(
        default="The workflow was told to fail here",
        max_length=2000,
        title="Message",
        description="What people read; it may hold {{ name }}",
        examples=["Only {{ count }} rows came"],
    )
    code: str = Field(
        default="failed_on_purpose", pattern=r"^[a-z][a-z0-9_]{0,63}$", title="Code", description="What programs read"
    )


@register
class Fail(ControlNodeType):
    """Fails with the message; with an `error` edge, rows about it go on from here. Only who draws it knows
    whether that may pass, so it is tried again as often as its `retryCount` says."""

    operation = "fail"
    label = "Fail"
    description = "Fail on purpose, with a message"
    icon = "octagon-x"
    Config = FailConfig

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        return ()

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, FailConfig)
        raise TransientNodeError(config.message, code=config.code)
