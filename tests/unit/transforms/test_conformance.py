# ruff: noqa: DTZ001 — time stamps without a zone are a type of their own
"""Every transform of the registry keeps its word: the columns it infers are the columns that come out."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import apps.transforms.nodes
from apps.nodes.columns import UNKNOWN, Column, DataType, Schema
from apps.nodes.registry import all_types, find, load
from apps.nodes.types import InferContext
from apps.transforms.base import Transform

load(apps.transforms.nodes)

VALUES: Mapping[str, Sequence[Any]] = {
    "int8": [-7, 0, 5],
    "int16": [-300, 0, 9],
    "int32": [-70_000, 0, 3],
    "int64": [-5, 0, 2**40],
    "uint8": [0, 1, 200],
    "uint16": [0, 1, 60_000],
    "uint32": [0, 1, 7],
    "uint64": [0, 1, 2**40],
    "float32": [0.5, -1.0, float("nan")],
    "float64": [0.25, 1e9, float("inf")],
    "decimal(10,2)": [Decimal("1.10"), Decimal("-2.55"), Decimal("0.00")],
    "string": ["Oslo", "", "a,b"],
    "boolean": [True, False, True],
    "date": [date(2024, 2, 29), date(1999, 12, 31), date(2024, 1, 1)],
    "time": [time(1, 2, 3), time(0, 0), time(23, 59)],
    "datetime": [datetime(2024, 2, 29, 13, 0, 1), datetime(1970, 1, 1), datetime(2030, 7, 1, 0, 0, 0, 5)],
    "datetime(Europe/Oslo)": [datetime(2024, 2, 29, 13), datetime(1970, 1, 1), datetime(2030, 7, 1)],
    "duration": [timedelta(days=1), timedelta(0), timedelta(seconds=-3)],
    "binary": [b"a", b"", b"\x00"],
    "list(int64)": [[1, 2], [], [None, 3]],
    "list(string)": [["a"], [], ["b", None]],
    "json": ['{"a": {"b": [1]}}', "broken", "[]"],
}


@dataclass(frozen=True)
class Values:
    parameters: Mapping[str, Any] = field(default_factory=dict)


@st.composite
def schemas(draw: st.DrawFn, *, prefix: str = "c", at_least: int = 1) -> Schema:
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=at_least, max_size=6))
    return Schema.of(
        Column(f"{prefix}{place}", DataType.parse(kind), draw(st.booleans())) for place, kind in enumerate(kinds)
    )


def frame_of(schema: Schema, rows: int, seed: int = 0) -> pl.LazyFrame:
    """Rows of such columns; nulls only where the schema allows them."""
    source = random.Random(seed)
    data = {
        column.name: pl.Series(
            column.name,
            [
                None if column.nullable and source.random() < 0.3 else source.choice(VALUES[str(column.type)])
                for _ in range(rows)
            ],
            dtype=column.type.to_polars(),
        )
        for column in schema
    }
    return pl.DataFrame(data).lazy() if data else pl.LazyFrame()


def of_kind(schema: Schema, *kinds: str) -> list[str]:
    return [each.name for each in schema if each.type.name.rstrip("0123456789") in kinds or each.type.name in kinds]


NUMBERS = ("int", "uint", "float", "decimal")
ORDERED = (*NUMBERS, "string", "boolean", "date", "time", "datetime", "duration", "json")


def configs(operation: str, schema: Schema, source: random.Random) -> dict[str, Any] | None:  # noqa: PLR0912
    """A config of the operation that suits the columns, or None if they have nothing to work on."""
    any_column = source.choice(schema.names)
    some = source.sample(schema.names, source.randint(1, len(schema.names)))
    numbers, ordered = of_kind(schema, *NUMBERS), of_kind(schema, *ORDERED)
    number, order = (source.choice(numbers) if numbers else None), (source.choice(ordered) if ordered else None)
    texts, lists = of_kind(schema, "string", "json"), of_kind(schema, "list")
    dates = of_kind(schema, "date", "datetime")
    plain = [each.name for each in schema if each.type.name != "list"]
    match operation:
        case "filter":
            return {"expression": f'"{any_column}" IS NOT NULL'}
        case "select":
            return {"columns": some}
        case "drop":
            return {"columns": some} if len(some) < len(schema) else None
        case "rename":
            return {"mapping": {any_column: "renamed"}}
        case "cast":
            target = source.choice(["string", "float64", "decimal(20,3)", "int32"])
            return {"types": {number: target}, "strict": False} if number else None
        case "derive":
            expressions = {"one": "1", "nothing": "NULL", "same": f'"{any_column}"'}
            if number:
                other = source.choice(numbers)
                for name, sign in {"sum": "+", "less": "-", "share": "/", "floor": "//", "rest": "%"}.items():
                    expressions[name] = f'TRY_CAST("{number}" AS int16) {sign} "{other}"'
                    expressions[f"{name}_own"] = f'"{number}" {sign} 2'
                expressions["case"] = f'CASE WHEN "{number}" > 1 THEN "{number}" ELSE 0 END'
                expressions["rounded"] = f'round("{number}", 1)'
                expressions["least"] = f'least("{number}", "{other}")'
            if dates:
                expressions |= {"y": f'year("{dates[0]}")', "cut": f"date_trunc('month', \"{dates[0]}\")"}
                expressions["later"] = f"\"{dates[0]}\" + INTERVAL '1 day'"
                expressions["apart"] = f'"{dates[0]}" - "{dates[0]}"'
            if texts:
                expressions |= {
                    "up": f'upper("{texts[0]}")',
                    "n": f'length("{texts[0]}")',
                    "p": f"split(\"{texts[0]}\", ',')",
                }
            if lists:
                expressions |= {"len": f'list_length("{lists[0]}")', "at": f'element_at("{lists[0]}", 1)'}
            return {"expressions": expressions}
        case "aggregate":
            aggregations: dict[str, Any] = {"n": {"function": "count"}, any_column: ["count", "first", "last"]}
            if number:
                aggregations[f"x_{number}"] = {"column": number, "function": "quantile", "q": 0.25}
                aggregations[number] = ["sum", "mean", "min", "max", "std", "var", "median", "n_unique", "count"]
            flags = of_kind(schema, "boolean")
            if flags:
                aggregations["some"] = {"column": flags[0], "function": "any"}
                aggregations["every"] = {"column": flags[0], "function": "all"}
            keys = source.sample(plain, min(len(plain), source.randint(0, 2)))
            return {"groupBy": [key for key in keys if key not in aggregations], "aggregations": aggregations}
        case "sort":
            return {"by": [{"column": order, "descending": source.random() < 0.5}]} if order else None
        case "limit":
            return {"n": 2, "offset": source.randint(0, 2)}
        case "sample":
            return source.choice([{"n": 2}, {"fraction": 0.5, "seed": 3}])
        case "deduplicate":
            return (
                {
                    "columns": source.sample(plain, 1) if plain else None,
                    "keep": source.choice(["first", "last", "any", "none"]),
                    "orderBy": [order] if order and source.random() < 0.5 else [],
                }
                if plain
                else None
            )
        case "pivot":
            keys = [name for name in texts if name != number]
            index = [name for name in plain if name not in (number, keys[0] if keys else None)]
            if not (keys and number and index):
                return None
            return {
                "index": index[:1],
                "columns": keys[0],
                "values": number,
                "pivotValues": ["Oslo", "x"],
                "aggregate": source.choice(["sum", "count", "mean", "max", "first"]),
            }
        case "unpivot":
            return {"index": [name for name in plain if name not in numbers][:1], "on": numbers} if numbers else None
        case "window":
            windows: list[dict[str, Any]] = [
                {"function": "row_number", "outputColumn": "w0", "partitionBy": plain[:1]},
                {"function": "lag", "column": any_column, "outputColumn": "w1"},
                {"function": "first", "column": any_column, "outputColumn": "w2"},
            ]
            if order:
                windows += [
                    {"function": name, "orderBy": [order], "outputColumn": name} for name in ("rank", "dense_rank")
                ]
            if number:
                windows += [
                    {"function": name, "column": number, "outputColumn": f"n_{name}", "orderBy": [number]}
                    for name in ("cumsum", "sum", "mean", "min", "max", "count", "last", "lead")
                ]
                windows += [
                    {"function": name, "column": number, "outputColumn": name, "windowSize": 2}
                    for name in ("rolling_mean", "rolling_sum")
                ]
            return {"windows": windows}
        case "fill_null":
            return source.choice(
                [{"strategy": name} for name in ("forward", "backward", "mean", "min", "max", "zero")]
                + [{"value": value} for value in (1, 0.5, "Oslo", True, "2024-01-01", 300)]
            )
        case "drop_null":
            return source.choice([{}, {"columns": some}])
        case "split":
            return (
                {"column": texts[0], "separator": ",", **source.choice([{}, {"into": ["p1", "p2"]}])} if texts else None
            )
        case "explode":
            return {"columns": [lists[0]]} if lists else None
        case "json_extract":
            paths = {"x": "$.a.b[0]", "y": {"path": "$.a", "type": source.choice(["int64", "date", "decimal(5,1)"])}}
            return {"column": texts[0], "paths": paths} if texts else None
        case "date_parts":
            return {"column": dates[0], "parts": ["year", "week", "ordinal_day"]} if dates else None
        case "check":
            return {"rules": [{"name": "there", "expression": f'"{any_column}" IS NOT NULL'}], "onFail": "quarantine"}
        case "custom":
            return {"code": f'df.with_columns(new=col("{any_column}")).head(3).select("new", n=lit(1))'}
    raise AssertionError(f"write a config for {operation!r} here")


def assert_keeps_its_word(operation: str, config: dict[str, Any], inputs: Mapping[str, Sequence[Schema]]) -> None:
    node_type = find("transform", operation)
    assert isinstance(node_type, Transform)
    parsed = node_type.Config.model_validate({"operation": operation, **config})
    inference = node_type.infer(parsed, inputs, InferContext(open_parameters=False))
    assert inference.problems == (), (config, inference.problems)
    assert set(inference.outputs) == {port.name for port in node_type.outputs(parsed)}
    for rows in (0, 5):
        frames = {
            port: [frame_of(schema, rows, place) for place, schema in enumerate(given)]
            for port, given in inputs.items()
        }
        for port, frame in node_type.lower(parsed, frames, Values()).items():
            promised = inference.outputs[port]
            collected = frame.collect(engine="streaming")
            found = Schema.from_polars(collected.schema)
            assert [(each.name, _seen(each.type)) for each in promised] == [(each.name, each.type) for each in found], (
                operation,
                config,
            )
            assert frame.collect_schema() == collected.schema
            for column in promised:
                if not column.nullable:
                    assert collected[column.name].null_count() == 0, (operation, config, column)


def _seen(kind: DataType) -> DataType:
    """JSON is text to Polars."""
    return DataType("string") if kind.name == "json" else kind


UNARY = [
    each.operation for each in all_types() if each.category == "transform" and each.operation not in ("join", "union")
]


@pytest.mark.parametrize("operation", UNARY)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=schemas(at_least=2), seed=st.integers(0, 2**16))
def test_what_a_transform_infers_is_what_comes_out(operation: str, schema: Schema, seed: int) -> None:
    config = configs(operation, schema, random.Random(seed))
    if config is not None:
        assert_keeps_its_word(operation, config, {"input": [schema]})


JOINS = ["inner", "left", "right", "outer", "full", "semi", "anti", "cross", "asof"]


@pytest.mark.parametrize("kind", JOINS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(left=schemas(prefix="c"), right=schemas(prefix="c"), key=st.sampled_from(["int8", "int64", "float64", "date"]))
def test_what_a_join_infers_is_what_comes_out(kind: str, left: Schema, right: Schema, key: str) -> None:
    other = {"int8": "float64", "int64": "int32"}.get(key, key)
    left = Schema.of([*left, Column("k", DataType.parse(key))])
    right = Schema.of([Column("key", DataType.parse(other)), *right])
    config: dict[str, Any] = {"joinType": kind}
    if kind != "cross":
        config |= {"leftOn": ["k"], "rightOn": ["key"]}
    assert_keeps_its_word("join", config, {"left": [left], "right": [right]})


@pytest.mark.parametrize("how", ["vertical", "relaxed", "diagonal"])
@settings(max_examples=15, deadline=None)
@given(schema=schemas())
def test_what_a_union_infers_is_what_comes_out(how: str, schema: Schema) -> None:
    more = Schema.of([*reversed(schema.columns), *([Column("extra", DataType("int8"))] if how == "diagonal" else [])])
    if how == "relaxed":
        wider = {"int8": "int16", "int32": "float64", "date": "datetime", "float32": "float64"}
        more = Schema.of(Column(each.name, DataType.parse(wider.get(str(each.type), str(each.type)))) for each in more)
    assert_keeps_its_word("union", {"how": how}, {"input": [schema, more, schema]})


@pytest.mark.parametrize("operation", [*UNARY, "join", "union"])
@settings(max_examples=10, deadline=None)
@given(schema=schemas(at_least=2), seed=st.integers(0, 2**16))
def test_a_transform_of_unknown_columns_finds_no_problem_and_does_not_crash(
    operation: str, schema: Schema, seed: int
) -> None:
    node_type = find("transform", operation)
    assert node_type is not None
    if operation in ("join", "union"):
        config: dict[str, Any] | None = {"leftOn": ["k"]} if operation == "join" else {}
    else:
        config = configs(operation, schema, random.Random(seed))
    if config is None:
        return
    parsed = node_type.Config.model_validate({"operation": operation, **config})
    for inputs in ({"input": [UNKNOWN], "left": [UNKNOWN], "right": [UNKNOWN]}, {}):
        inference = node_type.infer(parsed, inputs, InferContext())
        assert [each for each in inference.problems if each.severity == "error"] == []
