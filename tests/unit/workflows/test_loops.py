"""Loops of a diagram: what their bodies are, which columns come out of them, what is drawn wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

import apps.executions.nodes
from apps.kernel.errors import Unprocessable
from apps.nodes.registry import load
from apps.workflows.core.analysis import analyse
from apps.workflows.core.loops import MAX_DEPTH, MAX_LOOPS
from apps.workflows.core.plan import Plan, compile_plan
from tests.unit.harbour import diagram, node

load(apps.executions.nodes)


def loop(node_id: str, **config: Any) -> dict[str, Any]:
    return node(node_id, "for_each", category="control", **config)


def found(drawn: dict[str, Any]) -> list[tuple[str | None, str, str | None, str]]:
    return [(each.node_id, each.code, each.field, each.severity) for each in analyse(drawn).problems]


AT_COLLECT = ("f", "invalid_config", "config.collect", "error")


def columns(drawn: dict[str, Any], node_id: str, port: str) -> list[str]:
    return [column["name"] for column in analyse(drawn).schema[node_id][port]]


SIMPLE = (
    [node("ida", "ship", cargo=[1, 2]), loop("f", collect="b"), node("a", "add"), node("b", "note", text="x"),
     node("end", "total")],
    "ida -> f", "f.each -> a", "a -> b", "f.done -> end",
)  # fmt: skip


def test_the_body_is_what_hangs_behind_each() -> None:
    loops = analyse(diagram(*SIMPLE)).loops
    assert loops.by_id["f"].body == ("a", "b")
    assert loops.owner == {"a": "f", "b": "f"}


def test_done_has_the_columns_of_what_is_collected_even_if_it_is_drawn_first() -> None:
    nodes, *edges = SIMPLE
    drawn = diagram(list(reversed(nodes)), *edges)
    assert columns(drawn, "f", "each") == ["n"]
    assert columns(drawn, "f", "done") == ["n", "note"]
    assert analyse(drawn).problems == ()


def test_without_collect_done_has_the_columns_that_came() -> None:
    drawn = diagram([node("ida", "ship"), loop("f"), node("b", "note", text="x")], "ida -> f", "f.each -> b")
    assert columns(drawn, "f", "done") == ["n"]


def test_a_loop_is_one_stage_that_holds_a_plan_of_its_body() -> None:
    plan = compile_plan(analyse(diagram(*SIMPLE)))
    assert plan.describe().splitlines() == [
        "s1 effect: ida => ida.output",
        "s2 loop after s1: f > a > b => f.done, b.output".replace("f > a > b", "f | a > b"),
        "  s1 fused: a > b => b.output",
        "s3 fused after s2: end => end.output",
    ]
    assert Plan.from_json(json.loads(json.dumps(plan.as_json()))) == plan
    assert {node_id: each.loop for node_id, each in plan.nodes.items() if each.loop} == {"a": "f", "b": "f"}


def test_what_the_body_reads_from_outside_runs_once_before_the_loop() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("anna", "ship"), loop("f"), node("both", "pair")],
        "ida -> f", "f.each -> both.left", "anna -> both.right",
    )  # fmt: skip
    plan = compile_plan(analyse(drawn))
    assert plan.describe().splitlines() == [
        "s1 effect: ida => ida.output",
        "s2 effect: anna => anna.output",
        "s3 loop after s1, s2: f | both => f.done, both.output",
        "  s1 fused: both => both.output",
    ]
    assert plan.stages[2].body is not None
    assert plan.stages[2].body.given == {("f", "each"), ("anna", "output")}


def test_a_loop_waits_for_a_value_that_its_body_names() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("sum", "total"), loop("f"), node("a", "above", above="{{ sum }}")],
        "ida -> f", "ida -> sum", "f.each -> a",
    )  # fmt: skip
    plan = compile_plan(analyse(drawn))
    assert plan.nodes["f"].waits == ("sum",)
    [stage] = [stage for stage in plan.stages if stage.kind == "loop"]
    assert stage.body is not None
    assert plan.nodes["a"].scalars == {"sum": "sum"}
    assert stage.body.nodes["a"].scalars == {}


def test_a_loop_in_a_loop_is_a_plan_in_a_plan() -> None:
    drawn = diagram(
        [node("ida", "ship"), loop("outer"), node("a", "add"), loop("inner", itemName="crumb"), node("b", "add")],
        "ida -> outer", "outer.each -> a", "a -> inner", "inner.each -> b",
    )  # fmt: skip
    plan = compile_plan(analyse(drawn))
    assert plan.describe().splitlines() == [
        "s1 effect: ida => ida.output",
        "s2 loop after s1: outer | a > inner > b => outer.done, b.output, inner.done",
        "  s1 fused: a => a.output",
        "  s2 loop after s1: inner | b => inner.done, b.output",
        "    s1 fused: b => b.output",
    ]
    assert analyse(drawn).loops.by_id["inner"].inside == "outer"


def test_a_column_of_the_row_is_a_typed_value_in_the_body() -> None:
    drawn = diagram(
        [node("ida", "ship"), loop("f"), node("gate", "if", category="control", expression="{{ item.n }}")],
        "ida -> f", "f.each -> gate",
    )  # fmt: skip
    assert found(drawn) == [("gate", "type_mismatch", "config.expression", "error")]
    plan_types = compile_plan(
        analyse(diagram([node("ida", "ship"), loop("f"), node("a", "above", above="{{ item.n }}")],
                        "ida -> f", "f.each -> a"), values={})
    ).stages[1].body  # fmt: skip
    assert plan_types is not None
    assert {name: str(type_) for name, type_ in plan_types.parameter_types.items()} == {"item.n": "int64"}


@pytest.mark.parametrize(
    ("nodes", "edges", "problem"),
    [
        ([loop("f"), node("a", "add")], ["f.each -> a", "f.done -> a"], ("a", "invalid_config", None, "error")),
        (
            [loop("f"), node("a", "add"), node("z", "stack")],
            ["f.each -> a", "a -> z", "f.done -> z"],
            ("z", "invalid_config", None, "error"),
        ),
        ([loop("f", collect="ida"), node("a", "add")], ["f.each -> a"], AT_COLLECT),
        ([loop("f", collect="gone"), node("a", "add")], ["f.each -> a"], AT_COLLECT),
        ([loop("f")], [], ("f", "invalid_config", None, "warning")),
        (
            [loop("f", batchSize=0), node("a", "add")],
            ["f.each -> a"],
            ("f", "invalid_config", "config.batchSize", "error"),
        ),
        (
            [loop("f"), node("a", "above", above="{{ item.mast }}")],
            ["f.each -> a"],
            ("a", "unknown_column", "config.above", "error"),
        ),
        (
            [loop("f", batchSize=2), node("a", "above", above="{{ item.n }}")],
            ["f.each -> a"],
            ("a", "invalid_config", "config.above", "error"),
        ),
        (
            [loop("f"), loop("g"), node("z", "stack")],
            ["ida -> g", "f.each -> z", "g.each -> z"],
            ("z", "invalid_config", None, "error"),
        ),
        (
            [loop("f", collect="b"), loop("g"), node("b", "add")],
            ["f.each -> g", "g.each -> b"],
            AT_COLLECT,
        ),
    ],
)  # fmt: skip
def test_a_loop_that_is_drawn_wrong_is_a_problem_at_its_place(nodes: Any, edges: Any, problem: Any) -> None:
    assert problem in found(diagram([node("ida", "ship"), *nodes], "ida -> f", *edges))


def test_loops_nest_only_so_deep_and_are_only_so_many() -> None:
    def nested(depth: int) -> dict[str, Any]:
        names = [f"f{index}" for index in range(depth)]
        edges = [f"{a}.each -> {b}" for a, b in zip(names, [*names[1:], "a"], strict=True)]
        return diagram([node("ida", "ship"), *map(loop, names), node("a", "add")], "ida -> f0", *edges)

    assert "too_complex" not in [code for _, code, _, _ in found(nested(MAX_DEPTH))]
    assert (f"f{MAX_DEPTH}", "too_complex", None, "error") in found(nested(MAX_DEPTH + 1))
    with pytest.raises(Unprocessable):
        compile_plan(analyse(nested(300)))
    many = [loop(f"f{index}") for index in range(MAX_LOOPS + 1)]
    edges = [f"ida -> f{index}" for index in range(MAX_LOOPS + 1)]
    assert (None, "too_complex", None, "error") in found(diagram([node("ida", "ship"), *many], *edges))


def test_a_preview_runs_the_first_batch_and_needs_no_loop() -> None:
    analysis = analyse(diagram(*SIMPLE), values={})
    plan = compile_plan(analysis, targets=["end"])
    assert [stage.kind for stage in plan.stages] == ["effect", "effect", "fused"]
    with pytest.raises(Unprocessable) as refused:
        compile_plan(analysis, targets=["f"])
    assert refused.value.code == "not_previewable"
