"""The golden workflows again, the whole way: analysed, compiled, run in stages by reference."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import apps.executions.nodes
import apps.transforms.nodes
from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.nodes.columns import Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import InputPort
from apps.nodes.registry import load, register
from apps.nodes.types import EffectNodeType, Frames, InferContext, Inference, Inputs, RunContext, RunResult
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import Plan, compile_plan
from tests.golden.runner import Golden, all_names, assert_same_rows, load_golden

load(apps.transforms.nodes)
load(apps.executions.nodes)


class TableConfig(NodeConfig):
    path: str
    lazily: bool


@register
class Table(EffectNodeType):
    """Stands for a read: the rows of an Arrow file, scanned into the plan or read as a stage of its own."""

    category = "test"
    operation = "table"
    label = ""
    description = ""
    Config = TableConfig
    has_external_effect = False

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return ()

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, TableConfig)
        return Inference({"output": Schema.from_polars(pl.read_ipc_schema(config.path))})

    def scannable(self, config: NodeConfig, catalog: Any) -> bool:
        assert isinstance(config, TableConfig)
        return config.lazily

    def scan(self, config: NodeConfig, context: RunContext) -> Mapping[str, pl.LazyFrame]:
        assert isinstance(config, TableConfig)
        return {"output": pl.scan_ipc(config.path)}

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult:
        assert isinstance(config, TableConfig)
        frame, needed = pl.scan_ipc(config.path), context.columns_needed
        context.write_frame("output", frame if needed is None else frame.select(needed))
        return RunResult()


def run_by_engine(golden: Golden, folder: Path, *, lazily: bool) -> pl.DataFrame:
    """The rows of the last node."""
    drawn: dict[str, Any] = copy.deepcopy(dict(golden.diagram))
    for node in drawn["nodes"]:
        data = node["data"]
        if data["nodeType"] == "connector":
            path = folder / f"{data['config']['table']}.arrow"
            golden.tables[data["config"]["table"]].write_ipc(path)
            kept = {key: value for key, value in data["config"].items() if key == "outputVariable"}
            data["nodeType"] = "test"
            data["config"] = {"operation": "table", "path": str(path), "lazily": lazily, **kept}
    analysis = analyse(drawn, values=golden.parameters)
    assert [problem for problem in analysis.problems if problem.severity == "error"] == []
    plan = Plan.from_json(compile_plan(analysis).as_json())
    store = RunStore(folder / "runs").of_execution("golden", "run-1")
    execution = Execution(plan, host=FakeHost(parameters=dict(analysis.parameters.values)), store=store)
    outcome = execution.run_all()
    assert outcome.status == "success", outcome
    datasets = {port: each for result in execution.results.values() for port, each in result.datasets.items()}
    result = store.scan(datasets[golden.last, "output"]).collect()
    assert execution.states[golden.last].rows_out == result.height
    assert all(state.rows_in is not None for state in execution.states.values())
    return result


@pytest.mark.parametrize("lazily", [True, False], ids=["scanned", "read"])
@pytest.mark.parametrize("name", all_names())
def test_a_golden_workflow_gives_the_same_rows_when_it_is_executed(name: str, lazily: bool, tmp_path: Path) -> None:
    golden = load_golden(name)
    assert_same_rows(golden, run_by_engine(golden, tmp_path, lazily=lazily))
