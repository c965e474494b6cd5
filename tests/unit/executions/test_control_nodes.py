"""Control nodes: ways part and come together, rows go on by reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import apps.executions.nodes
from apps.executions.core.engine import Execution
from apps.executions.core.testing import FakeHost
from apps.nodes.registry import load
from apps.workflows.core.analysis import analyse
from tests.unit.harbour import diagram, execute, node, rows

load(apps.executions.nodes)


def control(node_id: str, operation: str, **config: Any) -> dict[str, Any]:
    return node(node_id, operation, category="control", **config)


def statuses(execution: Execution) -> dict[str, str]:
    return {node_id: str(state.status) for node_id, state in execution.states.items()}


def forked(condition: str) -> dict[str, Any]:
    return diagram(
        [
            node("ida", "ship", cargo=[1, 2]),
            control("gate", "if", expression=condition),
            node("big", "add", add=10),
            node("small", "add", add=-10),
            control("again", "merge"),
            node("end", "total"),
        ],
        "ida -> gate",
        "gate.true -> big",
        "gate.false -> small",
        "big -> again",
        "small -> again",
        "again -> end",
    )


@pytest.mark.parametrize(
    ("season", "taken", "left", "total"),
    [("summer", "big", "small", 23), ("winter", "small", "big", -17), (None, "small", "big", -17)],
)
def test_if_takes_one_way_and_merge_goes_on_with_it(
    tmp_path: Path, season: str | None, taken: str, left: str, total: int
) -> None:
    execution, _, store = execute(forked("{{ season }} = 'summer'"), tmp_path, season=season)
    came_to = statuses(execution)
    assert (came_to[taken], came_to[left], came_to["again"]) == ("success", "skipped", "success")
    assert rows(execution, store, "end") == [total]
    assert execution.states["gate"].rows_out == 2


def test_if_reads_an_upstream_scalar(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2]),
            node("sum", "total"),
            control("gate", "if", expression="{{ sum }} > 2"),
            node("go", "add"),
        ],
        "ida -> sum",
        "ida -> gate",
        "gate.true -> go",
    )
    execution, _, store = execute(drawn, tmp_path)
    assert rows(execution, store, "go") == [2, 3]


@pytest.mark.parametrize(
    ("operation", "config", "port"),
    [("if", {"expression": "sum > least AND bonus = 1"}, "true"), ("switch", {"cases": {"big": "sum > least"}}, "big")],
)
def test_upstream_scalars_and_parameters_need_no_braces_in_a_condition(
    tmp_path: Path, operation: str, config: dict[str, Any], port: str
) -> None:
    drawn = diagram(
        [
            control("gate", operation, **config),
            node("go", "add"),
            control("floor", "set_variable", name="least", expression="sum - bonus"),
            node("sum", "total"),
            node("ida", "ship", cargo=[1, 2]),
        ],
        "ida -> sum",
        "ida -> gate",
        f"gate.{port} -> go",
    )
    assert analyse(drawn).problems == ()
    execution, _, store = execute(drawn, tmp_path, bonus=1)
    assert rows(execution, store, "go") == [2, 3]


def test_rows_pass_a_control_node_without_being_copied(tmp_path: Path) -> None:
    execution, _, _ = execute(forked("{{ season }} = 'summer'"), tmp_path, season="summer")
    datasets = {port: each for result in execution.results.values() for port, each in result.datasets.items()}
    assert datasets["gate", "true"] == datasets["ida", "output"]


def test_switch_takes_the_first_case_that_holds_or_default(tmp_path: Path) -> None:
    def drawn() -> dict[str, Any]:
        return diagram(
            [
                node("ida", "ship", cargo=[1]),
                control("way", "switch", cases={"north": "{{ lat }} > 60", "middle": "{{ lat }} > 40"}),
                node("n", "add"),
                node("m", "add"),
                node("d", "add"),
            ],
            "ida -> way",
            "way.north -> n",
            "way.middle -> m",
            "way.default -> d",
        )

    for latitude, taken in ((65, "n"), (50, "m"), (10, "d")):
        execution, _, _ = execute(drawn(), tmp_path / taken, lat=latitude)
        went = {name for name in ("n", "m", "d") if statuses(execution)[name] == "success"}
        assert went == {taken}


def test_merge_fills_columns_that_one_way_lacks_with_null(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1]),
            node("noted", "note", text="from Ida"),
            node("anna", "ship", cargo=[2]),
            control("all", "merge"),
        ],
        "ida -> noted",
        "noted -> all",
        "anna -> all",
    )
    assert [column["name"] for column in analyse(drawn).schema["all"]["output"]] == ["n", "note"]
    execution, _, store = execute(drawn, tmp_path)
    [dataset] = [
        each for result in execution.results.values() for port, each in result.datasets.items() if port[0] == "all"
    ]
    assert store.scan(dataset).collect().rows() == [(1, "from Ida"), (2, None)]


def test_set_variable_gives_a_typed_value_to_what_comes_after(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3]),
            control("least", "set_variable", name="threshold", expression="{{ base }} + 1"),
            node("a", "above", above="{{ threshold }}"),
        ],
        "ida -> least",
        "least -> a",
    )
    execution, host, store = execute(drawn, tmp_path, base=1)
    assert rows(execution, store, "a") == [3]
    [scalars] = [result.scalars for result in host.committed if result.scalars]
    assert scalars == {"least": {"threshold": 2}}


def variable_of(source: str) -> dict[str, Any]:
    """A variable that takes on a value whose type something else tells, and a condition over it."""
    return diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3]),
            node("sum", "total"),
            control("least", "set_variable", name="threshold", value=f"{{{{ {source} }}}}"),
            control("gate", "if", expression="{{ threshold }} > 5"),
        ],
        "ida -> sum",
        "least -> gate",
    )


@pytest.mark.parametrize(("source", "given"), [("sum", {}), ("base", {}), ("base", {"base": 7})])
def test_a_variable_has_the_type_of_the_value_that_it_takes_on(source: str, given: dict[str, Any]) -> None:
    assert analyse(variable_of(source), values=given or None).problems == ()


def test_a_variable_of_text_is_no_number() -> None:
    [problem] = analyse(variable_of("base"), parameters={"base": {"type": "string", "default": "x"}}).problems
    assert (problem.node_id, problem.code) == ("gate", "type_mismatch")


def test_wait_can_be_cancelled_while_it_waits(tmp_path: Path) -> None:
    host = FakeHost(cancel_when=lambda host: host.statuses("w") == ["running"])
    execution, _, _ = execute(diagram([control("w", "wait", seconds=60)]), tmp_path, host=host)
    assert statuses(execution) == {"w": "cancelled"}
    duration = execution.states["w"].duration_ms
    assert duration is not None
    assert duration < 2000


def test_wait_until_a_moment_that_has_passed_goes_on_at_once(tmp_path: Path) -> None:
    drawn = diagram([node("ida", "ship", cargo=[1]), control("w", "wait", until="2020-01-01T00:00:00Z")], "ida -> w")
    execution, _, store = execute(drawn, tmp_path)
    assert rows(execution, store, "w") == [1]


def test_fail_is_tried_again_as_often_as_it_says(tmp_path: Path) -> None:
    execution, _, _ = execute(diagram([control("f", "fail", retryCount=2, retryDelay=0)]), tmp_path)
    assert execution.states["f"].attempt == 3


def test_fail_fails_with_its_message_and_code(tmp_path: Path) -> None:
    drawn = diagram([control("f", "fail", message="No {{ what }} today", code="no_catch")])
    execution, _, _ = execute(drawn, tmp_path, what="herring")
    error = execution.states["f"].error
    assert error is not None
    assert (error.code, error.message) == ("no_catch", "No herring today")


def test_http_response_keeps_what_the_caller_gets(tmp_path: Path) -> None:
    drawn = diagram([control("r", "http_response", status=201, body={"ship": "{{ ship }}", "crew": "{{ crew }}"})])
    execution, _, store = execute(drawn, tmp_path, ship="Ida", crew=7)
    [dataset] = [each for result in execution.results.values() for each in result.datasets.values()]
    assert store.scan(dataset).collect().row(0) == (201, "{}", '{"ship": "Ida", "crew": 7}')


@pytest.mark.parametrize(
    ("operation", "config", "field", "code"),
    [
        ("if", {"expression": "1 + 1"}, "config.expression", "type_mismatch"),
        ("if", {"expression": "(1 = "}, "config.expression", "syntax"),
        ("if", {}, "config.expression", "invalid_config"),
        ("switch", {"cases": {"default": "true"}}, "config.cases.default", "invalid_config"),
        ("switch", {"cases": {"a": "1"}}, "config.cases.a", "type_mismatch"),
        ("wait", {}, "config", "invalid_config"),
        ("wait", {"seconds": 1, "until": "2030-01-01T00:00:00Z"}, "config", "invalid_config"),
        ("wait", {"seconds": -1}, "config.seconds", "invalid_config"),
        ("set_variable", {"name": "1x"}, "config.name", "invalid_config"),
        ("merge", {"how": "zip"}, "config.how", "unknown_config_key"),
    ],
)
def test_a_wrong_config_is_a_problem_at_its_field(operation: str, config: Any, field: str, code: str) -> None:
    analysis = analyse(diagram([control("c", operation, **config)]))
    assert (field, code) in [(problem.field, problem.code) for problem in analysis.problems], analysis.problems
