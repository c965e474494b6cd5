"""http_response: what whoever called the workflow gets back."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

import polars as pl
from pydantic import AfterValidator, Field

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


_HEADERS = frozenset({"cache-control", "content-language", "etag", "last-modified", "link", "retry-after"})
"""A workflow answers on UZO's own host: what would set cookies, loosen policies or move browsers is not its own."""


def _header(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,99}", name) or not (
        name.lower() in _HEADERS or name.lower().startswith("x-")
    ):
        raise ValueError(f"a workflow may not set the header {name!r}")
    return name


def _value(text: str) -> str:
    if not text.isascii() or any(ord(letter) < 32 or ord(letter) == 127 for letter in text) or len(text) > 4000:
        raise ValueError("a header is one line of printable ASCII")
    return text


class HttpResponseConfig(NodeConfig):
    status: int = Field(default=200, ge=200, le=599, title="Status")
    headers: dict[Annotated[str, AfterValidator(_header)], Annotated[str, AfterValidator(_value)]] = Field(
        default_factory=dict,
        max_length=50,
        title="Headers",
        description="Names that start with X-, or Cache-Control, Content-Language, ETag, Last-Modified, Link, "
        "Retry-After",
        examples=[{"X-Count": "{{ count }}"}],
    )
    body: Any = Field(
        default=None,
        title="Body",
        description="JSON; its texts may hold {{ name }}, and one that is nothing else keeps the value's type",
        examples=[{"count": "{{ count }}", "message": "{{ count }} rows came"}],
    )


@register
class HttpResponse(ControlNodeType):
    """What a webhook, or a call that waits, answers with: its status, its headers and its body as JSON. Where
    several run, the last one counts. It is one row of `status`, `headers` and `body`, kept with the run."""

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
