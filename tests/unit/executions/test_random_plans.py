"""Any diagram: the plan runs each node once and in order, and gives the rows of a run node by node."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.nodes.types import LazyNodeType
from apps.workflows.core.analysis import Analysis, analyse
from apps.workflows.core.plan import Plan, compile_plan
from tests.unit.harbour import diagram, execute, node, rows


@st.composite
def diagrams(draw: st.DrawFn) -> dict[str, Any]:
    """Ships, then nodes that read from any nodes before them; some effects, errors handled, long chains."""
    nodes: list[dict[str, Any]] = []
    edges: list[str] = []
    ports: list[str] = []
    for index in range(draw(st.integers(1, 3))):
        cargo = draw(st.lists(st.none() | st.integers(0, 6), max_size=6))
        nodes.append(node(f"ship{index}", "ship", cargo=cargo))
        ports.append(f"ship{index}")
    for index in range(draw(st.integers(0, 14))):
        name = f"n{index}"
        kind = draw(st.sampled_from(["add", "above", "part", "stack", "pair", "total", "quay"]))
        config: dict[str, Any] = {"above": draw(st.integers(0, 5))} if kind == "above" else {}
        config |= draw(st.sampled_from([{}, {}, {"keepOutput": True}, {"continueOnError": True}]))
        nodes.append(node(name, kind, **config))
        source = st.sampled_from(ports)
        if kind == "pair":
            edges += [f"{draw(source)} -> {name}.left", f"{draw(source)} -> {name}.right"]
        elif kind == "stack":
            edges += [f"{each} -> {name}" for each in draw(st.lists(source, min_size=1, max_size=3, unique=True))]
        else:
            edges.append(f"{draw(source)} -> {name}")
        ports += [name, f"{name}.odd"] if kind == "part" else [name]
    order = draw(st.permutations(nodes))
    return diagram(order, *edges)


def naive(analysis: Analysis) -> dict[tuple[str, str], pl.DataFrame]:
    """Each node alone, over rows in memory."""
    frames: dict[tuple[str, str], pl.DataFrame] = {}
    for node_id in analysis.graph.order:
        each = analysis.nodes[node_id]
        inputs = {
            port: [frames[edge.source, edge.source_port].lazy() for edge in edges]
            for port, edges in analysis.graph.inputs_of(node_id).items()
        }
        if isinstance(each.type, LazyNodeType):
            assert each.config is not None
            for port, frame in each.type.lower(each.config, inputs, None).items():  # type: ignore[arg-type]
                frames[node_id, port] = frame.collect()
        elif each.operation == "ship":
            frames[node_id, "output"] = pl.DataFrame({"n": each.raw.get("cargo", [])}, schema={"n": pl.Int64})
        else:
            frames[node_id, "output"] = inputs["input"][0].collect()
    return frames


def assert_sound(plan: Plan, analysis: Analysis) -> None:
    stage_of = {node_id: stage.id for stage in plan.stages for node_id in stage.nodes}
    assert sorted(node_id for stage in plan.stages for node_id in stage.nodes) == sorted(analysis.graph.nodes)
    done: set[str] = set()
    for stage in plan.stages:
        assert set(stage.after) <= done, "stages come in an order that can be run"
        for node_id in stage.nodes:
            for edge in analysis.graph.incoming[node_id]:
                before = stage_of[edge.source]
                inside = before == stage.id and stage.nodes.index(edge.source) < stage.nodes.index(node_id)
                assert inside or before in stage.after
        done.add(stage.id)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(diagrams())
def test_a_plan_gives_the_rows_and_counts_of_a_run_node_by_node(drawn: dict[str, Any]) -> None:
    analysis = analyse(drawn)
    assert analysis.problems == ()
    plan = compile_plan(analysis)
    assert_sound(plan, analysis)
    frames = naive(analysis)
    with tempfile.TemporaryDirectory() as folder:
        execution, host, store = execute(drawn, Path(folder))
        assert execution.outcome is not None
        assert execution.outcome.status == "success"
        for node_id, state in execution.states.items():
            assert host.statuses(node_id) == ["running", "success"], node_id
            assert state.rows_out == frames[node_id, "output"].height, node_id
            arriving = [frames[each.source, each.source_port].height for each in analysis.graph.incoming[node_id]]
            assert state.rows_in == sum(arriving), node_id
        for node_id, port in plan.kept:
            expected = frames[node_id, port].get_column("n").to_list()
            assert rows(execution, store, node_id, port) == expected, (node_id, port)
