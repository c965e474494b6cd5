"""Problems of transforms stand at the field that is wrong."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

import apps.transforms.nodes
from apps.nodes.columns import UNKNOWN, Column, DataType, Schema
from apps.nodes.registry import all_types, find, load
from apps.nodes.types import InferContext
from apps.transforms.schemas import remember, schema_of

load(apps.transforms.nodes)

VISITS = Schema.of(
    [
        Column("ship", DataType("string"), False),
        Column("port", DataType("string")),
        Column("crew", DataType("int32")),
        Column("fee", DataType("decimal", 10, 2)),
        Column("at", DataType("datetime")),
        Column("tags", DataType("list", inner=DataType("string"))),
    ]
)
SHIPS = Schema.of([Column("name", DataType("string"), False), Column("crew", DataType("int64"))])
TRANSFORMS = [each for each in all_types() if each.category == "transform"]


def problems(operation: str, config: dict[str, Any], **inputs: Schema) -> list[tuple[str, str | None]]:
    node_type = find("transform", operation)
    assert node_type is not None
    parsed = node_type.Config.model_validate({"operation": operation, **config})
    given = {port: [schema] for port, schema in (inputs or {"input": VISITS}).items()}
    return [(each.code, each.field) for each in node_type.infer(parsed, given, InferContext()).problems]


@pytest.mark.parametrize(
    ("operation", "config", "code", "field"),
    [
        ("filter", {"expression": "crew"}, "type_mismatch", "config.expression"),
        ("select", {"columns": ["ship", "prt"]}, "unknown_column", "config.columns.1"),
        ("select", {"columns": ["ship", "ship"]}, "invalid_config", "config.columns.1"),
        ("drop", {"columns": ["prt"]}, "unknown_column", "config.columns.0"),
        ("rename", {"mapping": {"prt": "harbour"}}, "unknown_column", "config.mapping.prt"),
        ("rename", {"mapping": {"port": "ship"}}, "invalid_config", "config.mapping.port"),
        ("cast", {"types": {"crew": "number"}}, "invalid_config", "config.types.crew"),
        ("cast", {"types": {"tags": "int64"}}, "type_mismatch", "config.types.tags"),
        ("derive", {"expressions": {"total": "fee * crw"}}, "unknown_column", "config.expressions.total"),
        ("aggregate", {"groupBy": ["prt"]}, "unknown_column", "config.groupBy.0"),
        ("aggregate", {"aggregations": {"port": "sum"}}, "type_mismatch", "config.aggregations.port"),
        ("aggregate", {"aggregations": {"crew": "summ"}}, "unknown_function", "config.aggregations.crew"),
        (
            "aggregate",
            {"aggregations": {"n": {"column": "crw", "function": "sum"}}},
            "unknown_column",
            "config.aggregations.n.column",
        ),
        (
            "aggregate",
            {"groupBy": ["ship"], "aggregations": {"ship": {"function": "count"}}},
            "invalid_config",
            "config.aggregations.ship",
        ),
        ("sort", {"by": ["ship", {"column": "prt"}]}, "unknown_column", "config.by.1"),
        ("deduplicate", {"columns": ["prt"]}, "unknown_column", "config.columns.0"),
        (
            "pivot",
            {"index": ["ship"], "columns": "port", "values": "tags", "aggregate": "sum"},
            "type_mismatch",
            "config.values.0",
        ),
        (
            "pivot",
            {"index": ["ship"], "columns": "port", "values": "crew", "pivotValues": [1]},
            "type_mismatch",
            "config.pivotValues.0",
        ),
        ("unpivot", {"on": ["ship", "crew"]}, "type_mismatch", "config.on.1"),
        ("window", {"function": "rank", "outputColumn": "r"}, "invalid_config", "config.orderBy"),
        (
            "window",
            {"function": "rolling_sum", "column": "crew", "outputColumn": "r"},
            "invalid_config",
            "config.windowSize",
        ),
        (
            "window",
            {"windows": [{"function": "lag", "column": "crw", "outputColumn": "r"}]},
            "unknown_column",
            "config.windows.0.column",
        ),
        ("fill_null", {"columns": ["crew"], "value": "none"}, "type_mismatch", "config.columns.0"),
        ("split", {"column": "crew", "separator": ","}, "type_mismatch", "config.column"),
        ("split", {"column": "port", "separator": ",", "into": ["ship"]}, "invalid_config", "config.into"),
        ("explode", {"columns": ["port"]}, "type_mismatch", "config.columns.0"),
        ("json_extract", {"column": "port", "paths": {"x": "a.b"}}, "invalid_config", "config.paths.x"),
        ("date_parts", {"column": "at", "parts": ["year"]}, None, None),
        ("date_parts", {"column": "crew", "parts": ["year"]}, "type_mismatch", "config.parts.0"),
        (
            "check",
            {"rules": [{"name": "a", "expression": "crew > 1"}, {"name": "b", "expression": "crw > 1"}]},
            "unknown_column",
            "config.rules.1.expression",
        ),
        ("custom", {"code": 'df.filter(col("crw") > 1)'}, "unknown_column", "config.code"),
        ("custom", {"code": "df.collect()"}, "forbidden", "config.code"),
    ],
)
def test_a_problem_stands_at_its_field(
    operation: str, config: dict[str, Any], code: str | None, field: str | None
) -> None:
    assert problems(operation, config) == ([] if code is None else [(code, field)])


@pytest.mark.parametrize(
    ("config", "code", "field"),
    [
        ({"leftOn": ["ship"], "rightOn": ["nam"]}, "unknown_column", "config.rightOn.0"),
        ({"leftOn": ["ship"], "rightOn": ["crew"]}, "type_mismatch", "config.rightOn.0"),
        ({"leftOn": ["shp"], "rightOn": ["name"]}, "unknown_column", "config.leftOn.0"),
        ({"leftOn": ["ship", "crew"], "rightOn": ["name"]}, "invalid_config", "config.rightOn"),
        ({}, "invalid_config", "config.leftOn"),
        ({"joinType": "cross", "leftOn": ["ship"]}, "invalid_config", "config.leftOn"),
        ({"joinType": "asof", "leftOn": ["crew"], "tolerance": "ten"}, "invalid_config", "config.tolerance"),
        ({"leftOn": ["ship"], "rightOn": ["name"], "by": ["crew"]}, "invalid_config", "config.by"),
    ],
)
def test_a_problem_of_a_join_stands_at_its_field(config: dict[str, Any], code: str, field: str) -> None:
    assert problems("join", config, left=VISITS, right=SHIPS) == [(code, field)]


def test_a_union_of_different_columns_says_which() -> None:
    node_type = find("transform", "union")
    assert node_type is not None
    found = node_type.infer(
        node_type.Config.model_validate({"operation": "union"}), {"input": [VISITS, SHIPS]}, InferContext()
    ).problems
    assert {each.code for each in found} == {"unknown_column", "type_mismatch"}
    assert {each.field for each in found} == {"config.how"}


def test_a_mistake_upstream_gives_one_problem_and_not_one_for_every_node_behind_it() -> None:
    derive, filtering = find("transform", "derive"), find("transform", "filter")
    assert derive is not None
    assert filtering is not None
    config = derive.Config.model_validate({"operation": "derive", "expressions": {"total": "fee * crw"}})
    wrong = derive.infer(config, {"input": [VISITS]}, InferContext())
    later = filtering.infer(
        filtering.Config.model_validate({"operation": "filter", "expression": "total > 3 AND crew > 1"}),
        {"input": [wrong.outputs["output"]]},
        InferContext(),
    )
    assert [each.code for each in wrong.problems] == ["unknown_column"]
    assert later.problems == ()


def test_dynamic_columns_stay_dynamic_until_a_node_names_what_it_wants() -> None:
    pivot, aggregate = find("transform", "pivot"), find("transform", "aggregate")
    assert pivot is not None
    assert aggregate is not None
    wide = pivot.infer(
        pivot.Config.model_validate({"operation": "pivot", "index": ["ship"], "columns": "port", "values": "crew"}),
        {"input": [VISITS]},
        InferContext(),
    ).outputs["output"]
    assert (wide.names, wide.dynamic) == (("ship",), True)
    counted = aggregate.infer(
        aggregate.Config.model_validate(
            {"operation": "aggregate", "groupBy": ["ship"], "aggregations": {"Oslo": ["sum", "count"]}}
        ),
        {"input": [wide]},
        InferContext(),
    )
    assert counted.problems == ()
    assert counted.outputs["output"].get("Oslo_count") == Column("Oslo_count", DataType("int64"), False)
    assert counted.outputs["output"].dynamic
    assert (
        aggregate.infer(
            aggregate.Config.model_validate({"operation": "aggregate", "groupBy": ["a"]}),
            {"input": [UNKNOWN]},
            InferContext(),
        ).problems
        == ()
    )


@pytest.mark.parametrize("node_type", TRANSFORMS, ids=lambda each: each.operation)
def test_every_field_of_a_form_has_a_title_or_description_and_unknown_keys_are_refused(node_type: Any) -> None:
    assert node_type.label
    assert node_type.description
    schema = node_type.Config.model_json_schema(by_alias=True)
    for name, field in schema["properties"].items():
        assert field.get("title") or field.get("description"), name
    with pytest.raises(ValidationError, match="Extra inputs"):
        node_type.Config.model_validate({"operation": node_type.operation, "expresion": "x"})


def test_the_columns_of_a_frame_are_remembered_for_its_life_only() -> None:
    frame = pl.LazyFrame({"a": [1]})
    told = Schema.of([Column("a", DataType("json"))])
    assert schema_of(remember(frame, told)) is told
    del frame
    assert schema_of(pl.LazyFrame({"b": ["x"]})).names == ("b",)
