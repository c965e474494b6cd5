"""The graph behind a diagram."""

from __future__ import annotations

import pytest

from apps.kernel.errors import Invalid, TooComplex
from apps.workflows.core import dependencies as deps
from apps.workflows.core import graph as graph_module
from apps.workflows.core.analysis import Analysis, analyse
from apps.workflows.core.diagram import parse
from tests.unit.harbour import diagram, edge, node


def problems(analysis: Analysis) -> list[tuple[str | None, str]]:
    return [(problem.node_id, problem.code) for problem in analysis.problems]


def test_order_goes_level_by_level_and_within_one_as_drawn() -> None:
    drawn = diagram(
        [node("both", "stack"), node("ida", "ship"), node("later", "add"), node("anna", "ship")],
        "anna -> both",
        "later -> both",
        "ida -> later",
    )
    dependencies = analyse(drawn).dependencies
    assert dependencies["execution_order"] == ["ida", "anna", "later", "both"]
    assert dependencies["levels"] == [["ida", "anna"], ["later"], ["both"]]
    assert dependencies["adjacency"] == {"both": [], "ida": ["later"], "later": ["both"], "anna": ["both"]}
    assert (dependencies["node_count"], dependencies["edge_count"]) == (4, 3)


def test_nodes_on_and_behind_a_cycle_are_left_out_of_the_order_but_not_of_adjacency() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("a", "stack"), node("b", "add"), node("behind", "add"), node("free", "add")],
        "ida -> a",
        "a -> b",
        "b -> a",
        "b -> behind",
        "ida -> free",
    )
    analysis = analyse(drawn)
    assert problems(analysis) == [(None, "cycle")]
    assert "a, b" in analysis.problems[0].message
    assert analysis.dependencies["execution_order"] == ["ida", "free"]
    assert analysis.dependencies["levels"] == [["ida"], ["free"]]
    assert analysis.dependencies["adjacency"]["b"] == ["a", "behind"]


def test_a_node_that_feeds_itself_is_a_cycle() -> None:
    assert problems(analyse(diagram([node("a", "stack")], "a -> a"))) == [(None, "cycle")]


def test_an_edge_into_nowhere_and_one_at_a_port_that_is_not_there_dangle() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("a", "add")], "ida -> a", "ida -> ghost", "ida.hold -> a", "ida -> a.left"
    )
    analysis = analyse(drawn)
    assert problems(analysis) == [("ida", "dangling_edge"), ("ida", "dangling_edge"), ("a", "dangling_edge")]
    assert "'ghost'" in analysis.problems[0].message
    assert "output, error" in analysis.problems[1].message


def test_an_input_without_an_edge_is_missing_and_two_edges_at_one_are_too_many() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("anna", "ship"), node("a", "add"), node("b", "add")], "ida -> a", "anna -> a"
    )
    analysis = analyse(drawn)
    assert problems(analysis) == [("a", "invalid_config"), ("b", "missing_input")]


def test_input_variable_stands_for_an_edge_and_counts_for_the_order() -> None:
    drawn = diagram(
        [
            node("a", "add", inputVariable="cargo"),
            node("ida", "ship", outputVariable="cargo"),
            node("b", "add", inputVariable="a"),
        ]
    )
    analysis = analyse(drawn)
    assert analysis.problems == ()
    assert analysis.dependencies["execution_order"] == ["ida", "a", "b"]
    assert analysis.dependencies["edge_count"] == 0
    assert analysis.schema["b"]["output"] == [{"name": "n", "type": "int64", "nullable": True}]


def test_variables_feed_left_and_right_although_the_lines_are_drawn_to_input() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("anna", "ship"), node("pair", "pair", inputVariable="ida", rightVariable="anna")],
        "ida -> pair.input",
        "anna -> pair.input",
    )
    analysis = analyse(drawn)
    assert analysis.problems == ()
    inputs = analysis.graph.inputs_of("pair")
    assert {port: [each.source for each in edges] for port, edges in inputs.items()} == {
        "left": ["ida"],
        "right": ["anna"],
    }


@pytest.mark.parametrize("name", ["ghost", "b", "a"])
def test_a_variable_that_is_not_upstream_is_a_problem_with_its_field(name: str) -> None:
    drawn = diagram(
        [node("ida", "ship"), node("a", "stack", inputVariable=name), node("b", "add")], "ida -> a", "a -> b"
    )
    [problem] = analyse(drawn).problems
    assert (problem.node_id, problem.field, problem.code) == ("a", "config.inputVariable", "not_upstream")


def test_two_nodes_that_name_each_other_are_both_told() -> None:
    drawn = diagram([node("a", "add", inputVariable="b"), node("b", "add", inputVariable="a")])
    assert set(problems(analyse(drawn))) >= {("a", "not_upstream"), ("b", "not_upstream")}


def test_nodes_that_share_an_id_are_a_problem_and_the_first_one_counts() -> None:
    drawn = {"nodes": [node("ida", "ship"), node("ida", "wreck")], "edges": []}
    analysis = analyse(drawn)
    assert problems(analysis) == [("ida", "invalid_config")]
    assert analysis.nodes["ida"].operation == "ship"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ([], {"workflow_diagram"}),
        ({"edges": []}, {"workflow_diagram.nodes"}),
        ({"nodes": {}, "edges": None}, {"workflow_diagram.nodes", "workflow_diagram.edges"}),
        ({"nodes": [7, {"id": ""}], "edges": []}, {"workflow_diagram.nodes.0", "workflow_diagram.nodes.1.id"}),
        ({"nodes": [], "edges": [{"source": 1, "target": "a"}]}, {"workflow_diagram.edges.0.source"}),
    ],
)
def test_what_is_no_diagram_is_refused_with_its_fields(body: object, fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        parse(body)
    assert {error.field for error in refused.value.errors} == fields


def test_more_than_twenty_thousand_nodes_are_too_complex() -> None:
    with pytest.raises(TooComplex):
        parse({"nodes": [{"id": str(index)} for index in range(20_001)], "edges": []})


def test_a_node_without_data_can_be_saved_and_says_what_is_missing() -> None:
    analysis = analyse({"nodes": [{"id": "a"}], "edges": []})
    assert problems(analysis) == [("a", "unknown_operation")]
    assert not analysis.executable


def test_a_chain_of_ten_thousand_costs_ten_times_one_of_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in calls of the heap and of edge wiring, not in milliseconds."""

    def cost(length: int) -> int:
        calls = 0
        wire = graph_module._wire

        def counted(*args: object) -> object:
            nonlocal calls
            calls += 1
            return wire(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(graph_module, "_wire", counted)
        drawn = {
            "nodes": [node("n0", "ship"), *(node(f"n{index}", "add") for index in range(1, length))],
            "edges": [edge(f"n{index}", f"n{index + 1}") for index in range(length - 1)],
        }
        analysis = analyse(drawn)
        assert analysis.executable
        assert len(analysis.dependencies["levels"]) == length
        monkeypatch.setattr(graph_module, "_wire", wire)
        return calls

    assert cost(10_000) <= 10.1 * cost(1_000)


def test_the_critical_path_is_the_slowest_chain_and_branches_lie_between_forks() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("a", "add"), node("b", "add"), node("c", "add"), node("both", "stack")],
        "ida -> a",
        "ida -> b",
        "b -> c",
        "a -> both",
        "c -> both",
    )
    graph = analyse(drawn).graph
    assert deps.critical_path(graph) == ["ida", "b", "c", "both"]
    assert deps.critical_path(graph, {"a": 9.0}) == ["ida", "a", "both"]
    assert deps.parallel_branches(graph) == [["ida"], ["a"], ["b", "c"], ["both"]]
