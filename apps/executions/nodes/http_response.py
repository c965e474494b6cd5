"""http_response: what whoever called the workflow gets back."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from pydantic import Field

from apps.executions.nodes.control import ControlNodeType
from apps.nodes.columns import INT64, JSON, Column, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, RunContext, RunResult

RESPONSE = Schema(
    (
        Column("status", INT64, nullable=False),
        Column("headers", JSON, nullable=False),
        Column("body", JSON, nullable=False),
    )
)


class HttpResponseConfig(NodeConfig):
    status: int = Field(default=200, ge=200, le=599, title="Status")
    headers: dict[str, str] = Field(default_factory=dict, title="Headers")
    body: Any = Field(default=None, title="Body", description="JSON; its texts may hold {{ name }}")


@register
class HttpResponse(ControlNodeType):
    """Makes the response one row of `status`, `headers` and `body`, kept with the run."""

    operation = "http_response"
    label = "HTTP response"
    description = "Say what the caller of the workflow gets back"
    icon = "reply"
    Config = HttpResponseConfig

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": RESPONSE})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, HttpResponseConfig)
        row = {
            "status": [config.status],
            "headers": [json.dumps(config.headers, ensure_ascii=False)],
            "body": [json.dumps(config.body, ensure_ascii=False)],
        }
        return RunResult(rows_out=context.write_frame("output", pl.LazyFrame(row, schema=RESPONSE.to_polars())))
