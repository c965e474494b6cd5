"""Analysis: columns on every edge, and problems with their place."""

from __future__ import annotations

from typing import Any

import pytest

import apps.transforms.nodes
from apps.nodes.columns import DataType
from apps.nodes.registry import load
from apps.workflows.core.analysis import Analysis, analyse
from apps.workflows.core.parameters import bind, convert, declare
from apps.workflows.core.templating import fill, references
from tests.unit.harbour import AboveConfig, NoteConfig, diagram, node


def found(analysis: Analysis) -> list[tuple[str | None, str | None, str]]:
    return [(problem.node_id, problem.field, problem.code) for problem in analysis.problems]


def test_every_edge_knows_its_columns_success_and_error_ports_too() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("q", "quay"), node("a", "note", text="ashore"), node("e", "note", text="lost")],
        "ida -> q",
        "q.success -> a",
        "q.error -> e",
    )
    schema = analyse(drawn).schema
    cargo = {"name": "n", "type": "int64", "nullable": True}
    assert schema["q"]["success"] == schema["q"]["output"] == [cargo]
    assert schema["a"]["output"] == [cargo, {"name": "note", "type": "string", "nullable": False}]
    assert [column["name"] for column in schema["e"]["output"]] == [
        "node_id",
        "code",
        "message",
        "attempt",
        "at",
        "note",
    ]
    assert schema["q"]["error"][-1]["type"] == "datetime(UTC)"


def test_a_wrong_node_spoils_its_columns_without_blaming_those_behind_it() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("x", "teleport"), node("a", "above", above=1), node("b", "above", above=1)],
        "ida -> x",
        "x -> a",
        "a -> b",
    )
    analysis = analyse(drawn)
    assert found(analysis) == [("x", "config.operation", "unknown_operation")]
    assert analysis.schema["b"]["output"] == {"dynamic": True, "columns": []}


def test_unknown_keys_and_wrong_values_have_codes_and_paths() -> None:
    drawn = diagram([node("ida", "ship", crago=[1], cargo=[1, "two"]), node("a", "above")], "ida -> a")
    analysis = analyse(drawn)
    assert set(found(analysis)) == {
        ("ida", "config.crago", "unknown_config_key"),
        ("ida", "config.cargo.1", "invalid_config"),
        ("a", "config.above", "invalid_config"),
    }
    unknown = next(problem for problem in analysis.problems if problem.code == "unknown_config_key")
    assert "did you mean 'cargo'" in unknown.message
    assert [each.message for each in analysis.problems if each.node_id == "a"] == ["'above' is required"]


def test_a_connector_that_may_not_be_used_is_missing_wherever_it_is_named() -> None:
    beside = node("ida", "ship")
    beside["data"]["connectorId"] = "c-1"
    drawn = diagram([beside, node("anna", "ship", connectorId="c-2"), node("otto", "ship", connectorId="c-3")])
    analysis = analyse(drawn, connectors={"c-3"})
    assert found(analysis) == [
        ("ida", "connectorId", "missing_connector"),
        ("anna", "config.connectorId", "missing_connector"),
    ]
    assert analyse(drawn, connectors=None).executable


def test_a_whole_field_reference_takes_the_type_of_its_parameter() -> None:
    drawn = diagram([node("ida", "ship"), node("a", "above", above="{{ least }}")], "ida -> a")
    assert analyse(drawn, parameters={"least": {"type": "int64", "default": 3}}).problems == ()
    assert analyse(drawn, parameters={"least": {"type": "int64"}}).problems == ()
    assert found(analyse(drawn, parameters={"least": {"type": "string"}})) == [("a", "config.above", "invalid_config")]
    assert analyse(drawn).problems == (), "a name given only at execution is checked then"


def test_nothing_is_said_about_a_column_that_only_the_execution_or_a_node_upstream_will_name() -> None:
    load(apps.transforms.nodes)
    chosen = node("c", "select", columns=["n", "{{ column }}"])
    chosen["data"]["nodeType"] = "transform"
    drawn = diagram([node("ida", "fleet"), chosen, node("a", "above", above=1)], "ida -> c", "c -> a")
    for draft in (analyse(drawn), analyse(drawn, parameters={"column": {"type": "string"}})):
        assert draft.problems == ()
        assert draft.schema["c"]["output"] == {"dynamic": True, "columns": []}
    assert analyse(drawn, values={"column": "crew"}).problems == ()
    assert found(analyse(drawn, values={"column": "crw"})) == [("c", "config.columns.1", "unknown_column")]
    assert found(analyse(drawn, parameters={"column": {"type": "string", "default": "crw"}})) == [
        ("c", "config.columns.1", "unknown_column")
    ]


def test_at_execution_a_name_never_given_is_unknown_and_one_given_has_the_type_of_its_value() -> None:
    drawn = diagram([node("ida", "ship"), node("a", "above", above="{{ least }}")], "ida -> a")
    assert found(analyse(drawn, values={})) == [("a", "config.above", "unknown_parameter")]
    assert analyse(drawn, values={"least": 4}).problems == ()
    assert found(analyse(drawn, values={"least": "four"})) == [("a", "config.above", "invalid_config")]
    declared = {"least": {"type": "int64"}}
    assert found(analyse(drawn, parameters=declared, values={})) == [("a", "config.above", "unknown_parameter")]
    assert found(analyse(drawn, parameters=declared, values={"least": "x"}))[0] == (
        None,
        "parameters.least",
        "type_mismatch",
    )


def test_an_upstream_scalar_orders_its_reader_behind_it() -> None:
    drawn = diagram(
        [
            node("late", "above", above="{{ sum }}"),
            node("ida", "ship", cargo=[1, 2]),
            node("sum", "total"),
        ],
        "ida -> sum",
        "ida -> late",
    )
    analysis = analyse(drawn, values={})
    assert analysis.problems == ()
    assert analysis.dependencies["execution_order"] == ["ida", "sum", "late"]


def test_a_scalar_that_comes_later_is_not_upstream() -> None:
    drawn = diagram(
        [node("ida", "ship"), node("a", "above", above="{{ sum }}"), node("sum", "total")], "ida -> a", "a -> sum"
    )
    assert ("a", "config.above", "not_upstream") in found(analyse(drawn))


def test_values_are_written_into_text_but_never_into_a_language() -> None:
    values = {"port": "Lübeck' OR 1=1 --", "n": 7}
    filled = fill(
        {"operation": "note", "text": "{{ port }}", "outputVariable": "to {{ port }} x{{n}}"},
        NoteConfig,
        values.__getitem__,
    )
    assert filled["text"] == "{{ port }}"
    assert filled["outputVariable"] == "to Lübeck' OR 1=1 -- x7"
    assert fill({"above": "{{ n }}"}, AboveConfig, values.__getitem__) == {"above": 7}
    assert [(each.name, each.verbatim, each.whole) for each in references({"text": "{{ a }} {{b}}"}, NoteConfig)] == [
        ("a", True, False),
        ("b", True, False),
    ]


@pytest.mark.parametrize(
    ("written", "type_", "value"),
    [
        ("2026-11-21", "date", "2026-11-21"),
        ("2026-11-21T10:00:00+01:00", "datetime(UTC)", "2026-11-21 09:00:00+00:00"),
        ("PT1H30M", "duration", "1:30:00"),
        ("12.50", "decimal(6,2)", "12.50"),
        ("9007199254740993", "int64", "9007199254740993"),
        (2, "float64", "2.0"),
        ([1, None], "list(int64)", "[1, None]"),
    ],
)
def test_parameters_are_converted_to_their_type(written: Any, type_: str, value: str) -> None:
    assert str(convert(written, DataType.parse(type_))) == value


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        (True, "int64"),
        (1.5, "int64"),
        (300, "int8"),
        (-1, "uint8"),
        ("1", "boolean"),
        (1, "string"),
        ("12.345", "decimal(6,2)"),
        ("2026-11-21T10:00:00", "datetime(UTC)"),
        ("yesterday", "date"),
        ("P", "duration"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_text(written: Any, type_: str) -> None:
    with pytest.raises(ValueError, match=r"is not a "):
        convert(written, DataType.parse(type_))


def test_defaults_stand_in_and_undeclared_names_come_along() -> None:
    declared, problems = declare({"port": {"type": "string", "default": "Kiel"}, "least": {"type": "int64"}})
    assert problems == ()
    bound = bind(declared, {"extra": 2.5})
    assert bound.values == {"port": "Kiel", "extra": 2.5}
    assert str(bound.types["extra"]) == "float64"


def test_a_wrong_declaration_is_a_problem_of_the_whole_graph() -> None:
    _, problems = declare({"a": {"type": "elephant"}, "b": 3, "c": {"type": "int64", "default": "x"}})
    assert [(problem.field, problem.code) for problem in problems] == [
        ("parameters.a.type", "invalid_config"),
        ("parameters.b", "invalid_config"),
        ("parameters.c.default", "type_mismatch"),
    ]
