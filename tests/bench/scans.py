"""A node type that scans a Parquet file anywhere, for figures of the engine alone."""

from __future__ import annotations

from typing import Any, ClassVar

import polars as pl

from apps.nodes.columns import Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import InputPort
from apps.nodes.registry import register
from apps.nodes.types import EffectNodeType, Frames, InferContext, Inference, Inputs, RunContext, RunResult


class ScanConfig(NodeConfig):
    path: str


@register
class Scan(EffectNodeType):
    """Registered under a category that no diagram of a person can mean."""

    category: ClassVar[str] = "bench"
    operation: ClassVar[str] = "scan"
    label: ClassVar[str] = ""
    description: ClassVar[str] = ""
    Config: ClassVar[type[NodeConfig]] = ScanConfig
    has_external_effect: ClassVar[bool] = False

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return ()

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, ScanConfig)
        return Inference({"output": Schema.from_polars(pl.read_parquet_schema(config.path))})  # type: ignore[arg-type]

    def scannable(self, config: NodeConfig, catalog: Any) -> bool:
        return True

    def scan(self, config: NodeConfig, context: RunContext) -> dict[str, pl.LazyFrame]:
        assert isinstance(config, ScanConfig)
        return {"output": pl.scan_parquet(config.path)}

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        raise AssertionError("it can be scanned")
