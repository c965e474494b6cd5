"""wait: go on later."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from pydantic import Field, model_validator

from apps.executions.nodes.control import ControlNodeType, arriving
from apps.kernel.clock import now
from apps.nodes.config import NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, RunContext, RunResult

_STEP_SECONDS = 0.1


class WaitConfig(NodeConfig):
    seconds: float | None = Field(default=None, ge=0, le=604_800, title="Seconds", description="How long to wait")
    until: datetime | None = Field(
        default=None, title="Until", description="When to go on, ISO 8601; UTC if no zone is given"
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> WaitConfig:
        if (self.seconds is None) == (self.until is None):
            raise ValueError("give either seconds or until")
        return self


@register
class Wait(ControlNodeType):
    """Waits, then hands its rows on. A preview does not wait."""

    operation = "wait"
    label = "Wait"
    description = "Go on after some seconds, or at a moment"
    icon = "clock"
    Config = WaitConfig

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": arriving(inputs)})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, WaitConfig)
        if context.sample is None:
            end = time.monotonic() + _seconds(config)
            while (left := end - time.monotonic()) > 0:
                context.check_cancelled()
                time.sleep(min(left, _STEP_SECONDS))
        rows = context.forward("output")
        return RunResult(rows_in=rows, rows_out=rows)


def _seconds(config: WaitConfig) -> float:
    if config.until is None:
        return config.seconds or 0.0
    until = config.until if config.until.tzinfo is not None else config.until.replace(tzinfo=UTC)
    return (until - now()).total_seconds()
