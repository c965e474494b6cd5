"""Plans: the pairs in `plans/` say what a diagram compiles to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.kernel.errors import NotFound, Unprocessable
from apps.workflows.core.analysis import analyse
from apps.workflows.core.compiling import SEGMENT_NODES
from apps.workflows.core.plan import Plan, compile_plan, mock_port
from tests.unit.harbour import CARGO, diagram, edge, node

PLANS = Path(__file__).parent / "plans"


def pairs() -> Iterator[Any]:
    for file in sorted(PLANS.glob("*.txt")):
        for block in re.split(r"\n\s*\n", file.read_text().strip()):
            title, nodes, edges, *rest = block.splitlines()
            yield pytest.param(nodes, edges, "\n".join(rest[1:]), id=title.lstrip("# "))


def drawn_from(nodes: str, edges: str) -> dict[str, Any]:
    read = []
    for text in nodes.split("|"):
        node_id, operation, *settings = re.findall(r'(?:[^\s"]|"[^"]*")+', text)
        config = {key: json.loads(value) for key, value in (each.split("=", 1) for each in settings)}
        read.append(node(node_id, operation, **config))
    return diagram(read, *(text.strip() for text in edges.split(";") if text.strip()))


@pytest.mark.parametrize(("nodes", "edges", "stages"), list(pairs()))
def test_a_diagram_compiles_to_these_stages(nodes: str, edges: str, stages: str) -> None:
    plan = compile_plan(analyse(drawn_from(nodes, edges), values={}))
    assert plan.describe() == stages
    assert Plan.from_json(json.loads(json.dumps(plan.as_json()))) == plan


def test_a_diagram_with_errors_is_not_compiled_and_says_why() -> None:
    with pytest.raises(Unprocessable) as refused:
        compile_plan(analyse(diagram([node("a", "add")])))
    assert refused.value.code == "workflow_invalid"
    assert refused.value.extra["problems"][0]["code"] == "missing_input"


def test_ten_thousand_nodes_in_a_chain_are_two_stages_of_short_segments() -> None:
    drawn = {
        "nodes": [node("n0", "ship"), *(node(f"n{index}", "add") for index in range(1, 10_000))],
        "edges": [edge(f"n{index}", f"n{index + 1}") for index in range(9_999)],
    }
    plan = compile_plan(analyse(drawn))
    assert [stage.kind for stage in plan.stages] == ["effect", "fused"]
    assert max(map(len, plan.stages[1].segments)) <= SEGMENT_NODES
    assert plan.stages[1].nodes == tuple(f"n{index}" for index in range(1, 10_000))


def test_a_preview_takes_only_what_is_upstream_and_hands_rows_past_effects() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("q", "quay"), node("a", "add"), node("b", "add"), node("x", "wreck")],
        "ida -> q",
        "q -> a",
        "a -> b",
        "ida -> x",
    )
    plan = compile_plan(analyse(drawn), targets=["a"])
    assert list(plan.nodes) == ["ida", "q", "a"]
    assert plan.nodes["q"].bypass == "input"
    assert plan.kept == {("a", "output")}


def test_a_preview_ignores_problems_elsewhere_but_not_upstream() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("a", "add"), node("x", "above"), node("y", "add")], "ida -> a", "ida -> x", "x -> y"
    )
    analysis = analyse(drawn)
    assert list(compile_plan(analysis, targets=["a"]).nodes) == ["ida", "a"]
    with pytest.raises(Unprocessable):
        compile_plan(analysis, targets=["y"])
    with pytest.raises(NotFound):
        compile_plan(analysis, targets=["ghost"])


def test_given_rows_cut_off_what_lies_behind_them() -> None:
    drawn = diagram([node("q", "quay"), node("a", "add"), node("b", "add")], "q -> a", "a -> b")
    analysis = analyse(drawn)
    with pytest.raises(Unprocessable):
        compile_plan(analysis, targets=["b"])
    mocked = compile_plan(analysis, targets=["b"], given={mock_port("b", "input"): CARGO})
    assert mocked.describe() == "s1 fused: b => b.output"
    assert mocked.given == {mock_port("b", "input")}
    cached = compile_plan(analysis, targets=["b"], given={("q", "output"): CARGO})
    assert cached.describe() == "s1 fused: a > b => b.output"
