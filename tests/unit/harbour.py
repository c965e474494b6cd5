"""Small node types for tests of graph, plan and engine: ships' cargo counted in a column `n`.

Registered under the category `test`, which no diagram of a person can mean.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.kernel.errors import NodeError, TransientNodeError
from apps.nodes.columns import INT64, STRING, Column, Schema
from apps.nodes.config import Expression, NodeConfig
from apps.nodes.ports import InputPort, OutputPort
from apps.nodes.problems import Problem
from apps.nodes.registry import register
from apps.nodes.types import (
    EffectNodeType,
    Frames,
    InferContext,
    Inference,
    Inputs,
    LazyNodeType,
    LowerContext,
    RunContext,
    RunResult,
)
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import compile_plan

CARGO = Schema((Column("n", INT64),))


class _Words:
    category: ClassVar[str] = "test"
    label: ClassVar[str] = ""
    description: ClassVar[str] = ""


class ShipConfig(NodeConfig):
    cargo: list[int | None] = Field(default_factory=list)


@register
class Ship(_Words, EffectNodeType):
    """A source of rows, read without an effect outside."""

    operation = "ship"
    Config = ShipConfig
    has_external_effect = False

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return ()

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": CARGO})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, ShipConfig)
        cargo = config.cargo if context.sample is None else config.cargo[: context.sample]
        context.write_frame("output", pl.LazyFrame({"n": cargo}, schema={"n": pl.Int64}))
        return RunResult()


FLEET = Schema((Column("n", INT64), Column("port", STRING), Column("crew", INT64), Column("flag", STRING)))


@register
class Fleet(_Words, EffectNodeType):
    """A wide source that leaves out the columns nobody needs."""

    operation = "fleet"
    Config = NodeConfig
    has_external_effect = False

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return ()

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": FLEET})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        rows = {"n": [1, 2, 3], "port": ["Kiel", "Oslo", "Kiel"], "crew": [7, None, 9], "flag": ["DE", "NO", "DK"]}
        frame = pl.LazyFrame(rows, schema=FLEET.to_polars())
        needed = context.columns_needed
        context.write_frame("output", frame if needed is None else frame.select(needed))
        return RunResult()


class FileConfig(NodeConfig):
    path: str


@register
class File(_Words, EffectNodeType):
    """A source that joins the fused plan: a lazy scan of an Arrow file."""

    operation = "file"
    Config = FileConfig
    has_external_effect = False

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return ()

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": CARGO})

    def scannable(self, config: NodeConfig, catalog: Any) -> bool:
        return True

    def scan(self, config: NodeConfig, context: RunContext) -> dict[str, pl.LazyFrame]:
        assert isinstance(config, FileConfig)
        return {"output": pl.scan_ipc(config.path)}

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        raise AssertionError("it can be scanned")


class _Thorough(LazyNodeType):
    """Takes every row that is there."""

    def reads_all(self, config: NodeConfig) -> bool:
        return True


class AboveConfig(NodeConfig):
    above: int


@register
class Above(_Words, _Thorough):
    operation = "above"
    Config = AboveConfig

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        schema = inputs["input"][0]
        if schema.get("n") is None and not schema.dynamic:
            return Inference({"output": schema}, (Problem("unknown_column", "there is no column n", "config.above"),))
        return Inference({"output": schema})

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> dict[str, pl.LazyFrame]:
        assert isinstance(config, AboveConfig)
        return {"output": inputs["input"][0].filter(pl.col("n") > config.above)}


class AddConfig(NodeConfig):
    add: int = 1


@register
class Add(_Words, _Thorough):
    operation = "add"
    Config = AddConfig
    changes_row_count = False

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": inputs["input"][0]})

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> dict[str, pl.LazyFrame]:
        assert isinstance(config, AddConfig)
        return {"output": inputs["input"][0].with_columns(pl.col("n") + config.add)}


class NoteConfig(NodeConfig):
    text: Expression


@register
class Note(_Words, _Thorough):
    """Adds a column with a text that the node's own language would bind."""

    operation = "note"
    Config = NoteConfig
    changes_row_count = False

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        columns = (*inputs["input"][0].columns, Column("note", STRING, nullable=False))
        return Inference({"output": Schema(columns)})

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> dict[str, pl.LazyFrame]:
        assert isinstance(config, NoteConfig)
        return {"output": inputs["input"][0].with_columns(pl.lit(config.text).alias("note"))}


class SpoilConfig(NodeConfig):
    at: int


@register
class Spoil(_Words, _Thorough):
    """Fails when it is collected and a row is `at`."""

    operation = "spoil"
    Config = SpoilConfig
    changes_row_count = False

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": inputs["input"][0]})

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> dict[str, pl.LazyFrame]:
        assert isinstance(config, SpoilConfig)
        text = pl.when(pl.col("n") == config.at).then(pl.lit("rotten")).otherwise(pl.col("n").cast(pl.String))
        return {"output": inputs["input"][0].with_columns(text.cast(pl.Int64, strict=True).alias("n"))}


@register
class Sort(_Words, _Thorough):
    """Two ways out: even rows by `output`, odd ones by `odd`."""

    operation = "part"
    Config = NodeConfig

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        return (OutputPort(), OutputPort("odd"))

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference(dict.fromkeys(("output", "odd"), inputs["input"][0]))

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> dict[str, pl.LazyFrame]:
        even = pl.col("n") % 2 == 0
        return {"output": inputs["input"][0].filter(even), "odd": inputs["input"][0].filter(~even)}


@register
class Stack(_Words, _Thorough):
    operation = "stack"
    Config = NodeConfig

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (InputPort(many=True),)

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": inputs["input"][0]})

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> dict[str, pl.LazyFrame]:
        return {"output": pl.concat(list(inputs["input"]))}


class PairConfig(NodeConfig):
    right_variable: str | None = None


@register
class Pair(_Words, _Thorough):
    operation = "pair"
    Config = PairConfig

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (InputPort("left"), InputPort("right"))

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": inputs["left"][0]})

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> dict[str, pl.LazyFrame]:
        return {"output": inputs["left"][0].join(inputs["right"][0], on="n", how="semi", maintain_order="left")}


@register
class Total(_Words, _Thorough):
    """One row: the sum."""

    operation = "total"
    Config = NodeConfig

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": CARGO})

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> dict[str, pl.LazyFrame]:
        return {"output": inputs["input"][0].select(pl.col("n").sum())}


class QuayConfig(NodeConfig):
    fails: int = 0
    hangs: float = 0


@register
class Quay(_Words, EffectNodeType):
    """Unloads its rows outside (the connector `quay`, a list) and hands them on. It can fail the first
    `fails` times for a passing reason, and hang without listening."""

    operation = "quay"
    Config = QuayConfig

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": inputs["input"][0]})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, QuayConfig)
        if context.attempt <= config.fails:
            raise TransientNodeError("the tide is low", code="low_tide", remedy="Wait for the tide.")
        time.sleep(config.hangs)
        unloaded = context.connector("quay")
        unloaded += inputs["input"][0].collect().get_column("n").to_list()
        rows = context.forward("output")
        return RunResult(rows_in=rows, rows_out=rows)


class WreckConfig(NodeConfig):
    message: str = "it sank"


@register
class Wreck(_Words, EffectNodeType):
    """Fails for good."""

    operation = "wreck"
    Config = WreckConfig
    has_external_effect = False

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": inputs["input"][0]})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, WreckConfig)
        raise NodeError(config.message, code="sunk", remedy="Build another ship.")


def node(node_id: str, operation: str, *, category: str = "test", **config: Any) -> dict[str, Any]:
    """A node as the canvas saves it."""
    return {
        "id": node_id,
        "type": "custom-node",
        "position": {"x": 0, "y": 0},
        "data": {"label": node_id, "nodeType": category, "config": {"operation": operation, **config}},
    }


def edge(source: str, target: str) -> dict[str, Any]:
    """An edge written `node` or `node.port` on each side."""
    source, _, source_handle = source.partition(".")
    target, _, target_handle = target.partition(".")
    return {
        "id": f"{source}.{source_handle}-{target}.{target_handle}",
        "source": source,
        "target": target,
        "sourceHandle": source_handle or None,
        "targetHandle": target_handle or None,
        "type": "custom-edge",
    }


def diagram(nodes: Iterable[dict[str, Any]], *edges: str) -> dict[str, Any]:
    """A diagram; each edge is written `source -> target`."""
    return {"nodes": list(nodes), "edges": [edge(*text.split(" -> ")) for text in edges]}


def execute(
    drawn: dict[str, Any], folder: Path, *, host: FakeHost | None = None, **given: Any
) -> tuple[Execution, FakeHost, RunStore]:
    """Analyse, compile and run a diagram to its end; `given` are values of parameters."""
    analysis = analyse(drawn, values=given)
    errors = [problem for problem in analysis.problems if problem.severity == "error"]
    assert not errors, errors
    host = host or FakeHost(parameters=dict(analysis.parameters.values), connectors={"quay": []})
    store = RunStore(folder).of_execution("harbour", "run-1")
    execution = Execution(compile_plan(analysis), host=host, store=store, luck=lambda: 0.0)
    execution.run_all()
    return execution, host, store


def rows(execution: Execution, store: RunStore, node_id: str, port: str = "output") -> list[Any]:
    """The column `n` of a stored port, in order."""
    for result in execution.results.values():
        if (node_id, port) in result.datasets:
            return store.scan(result.datasets[node_id, port]).collect().get_column("n").to_list()
    raise AssertionError(f"{node_id}.{port} was not stored")
