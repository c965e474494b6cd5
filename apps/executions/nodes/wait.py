"""wait: go on later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import Field, model_validator

from apps.executions.nodes.control import ControlNodeType, arriving
from apps.kernel.clock import now
from apps.nodes.config import NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, Parked, RunContext, RunResult


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
    """Waits, then hands its rows on: it holds no worker meanwhile, and a restart of UZO does not matter.
    A preview does not wait."""

    operation = "wait"
    label = "Wait"
    description = "Go on after some seconds, or at a moment"
    icon = "clock"
    Config = WaitConfig

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": arriving(inputs)})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult | Parked:
        assert isinstance(config, WaitConfig)
        if context.sample is None:
            left = context.parked_state
            until = _end(config) if left is None else datetime.fromisoformat(left["until"])
            if until > now():
                return Parked("wait", until, {"until": until.isoformat()})
        rows = context.forward("output")
        return RunResult(rows_in=rows, rows_out=rows)


def _end(config: WaitConfig) -> datetime:
    if config.until is None:
        return now() + timedelta(seconds=config.seconds or 0)
    return config.until if config.until.tzinfo is not None else config.until.replace(tzinfo=UTC)
