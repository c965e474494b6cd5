"""What only the data can tell: which node failed, with which code, how often, on which values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pytest

import apps.transforms.nodes
from apps.kernel.errors import NodeError
from apps.nodes.registry import find, load
from apps.transforms.base import Transform
from apps.transforms.expressions import evaluate
from apps.transforms.failures import diagnose, explain
from apps.transforms.nodes.checks import Check

load(apps.transforms.nodes)
GREAT = 2**62


@dataclass(frozen=True)
class Values:
    parameters: Mapping[str, Any] = field(default_factory=dict)


def ran(operation: str, config: dict[str, Any], *frames: pl.DataFrame, port: str = "output") -> pl.DataFrame:
    node_type = find("transform", operation)
    assert isinstance(node_type, Transform)
    parsed = node_type.Config.model_validate({"operation": operation, **config})
    inputs = {"input": [frame.lazy() for frame in frames]}
    try:
        return node_type.lower(parsed, inputs, Values())[port].collect(engine="streaming")
    except Exception as error:
        raise explain(error, node_type, parsed, inputs, Values()) from error


def failure(operation: str, config: dict[str, Any], frame: pl.DataFrame) -> NodeError:
    with pytest.raises(NodeError) as caught:
        ran(operation, config, frame)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "n + 9000000000000000000",
        "n - -9000000000000000000",
        "n * 4",
        "n * n",
        "-(n * -2)",
        "n ** 2",
        "abs(-n - n - 1)",
        "u * u",
        "u + 1",
        "u * -1",
    ],
)
def test_whole_numbers_that_grow_too_great_fail_and_never_wrap(text: str) -> None:
    frame = pl.DataFrame({"n": [GREAT, 1], "u": pl.Series([2**64 - 1, 1], dtype=pl.UInt64)})
    if "**" in text:
        text = 'col("n") ** 2'
    error = failure("derive", {"expressions": {"x": text}}, frame)
    assert error.code == "overflow"
    assert error.remedy


def test_sums_too_great_fail_in_groups_windows_and_running() -> None:
    frame = pl.DataFrame({"g": ["a", "a", "a"], "n": [GREAT, GREAT, GREAT]})
    windows = [{"function": name, "column": "n", "orderBy": ["g"], "outputColumn": "x"} for name in ("sum", "cumsum")]
    assert failure("aggregate", {"groupBy": ["g"], "aggregations": {"n": "sum"}}, frame).code == "overflow"
    assert failure("aggregate", {"groupBy": [], "aggregations": {"n": "sum"}}, frame).code == "overflow"
    for window in windows:
        assert failure("window", window, frame).code == "overflow"


def test_a_sum_of_uint64_may_use_all_of_it() -> None:
    frame = pl.DataFrame({"u": pl.Series([2**63, 2**63 - 1], dtype=pl.UInt64)})
    summed = ran("aggregate", {"groupBy": [], "aggregations": {"u": "sum"}}, frame)
    assert summed.rows() == [(2**64 - 1,)]
    assert summed.schema == {"u_sum": pl.UInt64}


def test_small_whole_numbers_widen_instead_of_wrapping() -> None:
    frame = pl.DataFrame({"n": pl.Series([127, -128], dtype=pl.Int8)})
    assert ran("derive", {"expressions": {"x": "n + n", "y": "n * n"}}, frame)["y"].to_list() == [16129, 16384]
    assert ran("aggregate", {"groupBy": [], "aggregations": {"n": "sum"}}, frame).rows() == [(-1,)]


def test_decimals_beyond_38_digits_fail() -> None:
    frame = pl.DataFrame({"p": ["9" * 37, "9" * 37]}).cast(pl.Decimal(38, 0))
    many = pl.concat([frame] * 10)
    assert failure("derive", {"expressions": {"x": "p * p"}}, frame).code == "overflow"
    assert failure("derive", {"expressions": {"x": "p * 100"}}, frame).code == "overflow"
    assert failure("aggregate", {"groupBy": [], "aggregations": {"p": "sum"}}, pl.concat([many] * 2)).code == "overflow"
    grouped = pl.concat([many] * 2).with_columns(g=pl.lit("a"))
    assert failure("aggregate", {"groupBy": ["g"], "aggregations": {"p": "sum"}}, grouped).code == "overflow"


def test_a_strict_cast_tells_the_count_and_the_first_five_values() -> None:
    frame = pl.DataFrame({"n": ["1", "one", None, "two", " 3", "4.5", "five", "six", "7"]})
    error = failure("cast", {"types": {"n": "int64"}}, frame)
    assert error.code == "cast_failed"
    assert error.message == "6 values do not fit int64: 'one', 'two', ' 3', '4.5', 'five', …"
    assert "strict" in error.remedy
    assert ran("cast", {"types": {"n": "int64"}, "strict": False}, frame)["n"].null_count() == 7


def test_bytes_that_are_no_text_are_values_that_do_not_fit() -> None:
    frame = pl.DataFrame({"b": [b"pier", b"\xff", None]})
    assert failure("cast", {"types": {"b": "string"}}, frame).code == "cast_failed"
    assert ran("cast", {"types": {"b": "string"}, "strict": False}, frame)["b"].to_list() == ["pier", None, None]
    assert ran("cast", {"types": {"b": "string"}}, frame.head(1))["b"].to_list() == ["pier"]


@pytest.mark.parametrize(
    ("kind", "bad", "good"),
    [
        ("date", "2024-1-2", "2024-01-02"),
        ("date", "2024-02-30", "2024-02-29"),
        ("datetime", "2024-01-02T25:00", "2024-01-02T05:00"),
        ("datetime", "2024-01-02T05:00:00Z", "2024-01-02 05:00:00.25"),
        ("datetime(UTC)", "2024-01-02T05:00:00", "2024-01-02T05:00:00+02:00"),
        ("time", "7:00", "07:00"),
        ("boolean", "yes", "TRUE"),
        ("boolean", "1", "false"),
        ("decimal(5,2)", "1234.5", "123.456"),
        ("decimal(5,2)", "ten", "10"),
        ("float64", "1,5", "1.5"),
        ("int8", "128", "127"),
        ("uint8", "-1", "255"),
        ("duration", "1 day", "P1DT2H"),
    ],
)
def test_text_is_cast_by_iso_8601_and_nothing_is_trimmed(kind: str, bad: str, good: str) -> None:
    assert failure("cast", {"types": {"t": kind}}, pl.DataFrame({"t": [good, bad]})).code == "cast_failed"
    assert failure("cast", {"types": {"t": kind}}, pl.DataFrame({"t": [f" {good}"]})).code == "cast_failed"
    assert ran("cast", {"types": {"t": kind}}, pl.DataFrame({"t": [good, None]}))["t"].null_count() == 1


def test_a_float_truncates_and_nan_is_no_whole_number() -> None:
    frame = pl.DataFrame({"x": [1.9, -1.9]})
    assert ran("cast", {"types": {"x": "int64"}}, frame)["x"].to_list() == [1, -1]
    error = failure("cast", {"types": {"x": "int64"}}, pl.DataFrame({"x": [1.0, float("nan")]}))
    assert error.message == "1 value does not fit int64: nan"


def test_inside_a_case_only_rows_that_take_the_branch_can_fail() -> None:
    frame = pl.DataFrame({"t": ["1", "x"], "n": [2, GREAT]})
    text = "CASE WHEN n < 1000 THEN n * n * CAST(t AS int64) ELSE 0 END"
    assert ran("derive", {"expressions": {"x": text}}, frame)["x"].to_list() == [4, 0]


def test_a_filter_before_a_strict_cast_keeps_bad_rows_from_it() -> None:
    frame = pl.DataFrame({"t": ["1", "x"]}).lazy()
    keep, cast = find("transform", "filter"), find("transform", "cast")
    assert isinstance(keep, Transform)
    assert isinstance(cast, Transform)
    kept = keep.lower(
        keep.Config.model_validate({"operation": "filter", "expression": "t <> 'x'"}), {"input": [frame]}, Values()
    )
    done = cast.lower(
        cast.Config.model_validate({"operation": "cast", "types": {"t": "int64"}}),
        {"input": [kept["output"]]},
        Values(),
    )
    assert done["output"].collect(engine="streaming")["t"].to_list() == [1]


RULES = [
    {"name": "grown", "expression": "age >= 18"},
    {"name": "named", "expression": "name IS NOT NULL", "severity": "warning"},
]
PEOPLE = pl.DataFrame({"name": ["Eva", "Ola", None], "age": [30, 12, None]})


def test_a_check_that_fails_names_its_rules_and_counts_rows() -> None:
    error = failure("check", {"rules": RULES}, PEOPLE)
    assert error.code == "check_failed"
    assert error.message == "rows break 1 of the rules: grown (2 rows)"


def test_a_check_fails_although_a_later_filter_would_hide_the_rows() -> None:
    check, keep = find("transform", "check"), find("transform", "filter")
    assert isinstance(check, Check)
    assert isinstance(keep, Transform)
    checked = check.lower(
        check.Config.model_validate({"operation": "check", "rules": RULES}), {"input": [PEOPLE.lazy()]}, Values()
    )
    config = keep.Config.model_validate({"operation": "filter", "expression": "age >= 18"})
    frame = keep.lower(config, {"input": [checked["output"]]}, Values())["output"]
    with pytest.raises(Exception, match="check_failed"):
        frame.collect(engine="streaming")


def test_a_warning_counts_and_stops_nothing() -> None:
    check = find("transform", "check")
    assert isinstance(check, Check)
    config = check.Config.model_validate({"operation": "check", "rules": [RULES[1]], "onFail": "fail"})
    inputs = {"input": [PEOPLE.lazy()]}
    assert check.lower(config, inputs, Values())["output"].collect().height == 3
    assert check.failures(config, inputs, Values()).collect().to_dicts() == [{"named": 1}]


def test_an_innocent_node_is_not_blamed() -> None:
    derive = find("transform", "derive")
    assert isinstance(derive, Transform)
    config = derive.Config.model_validate({"operation": "derive", "expressions": {"x": "age + 1"}})
    assert diagnose(derive, config, {"input": [PEOPLE.lazy()]}) is None


def test_columns_that_only_the_data_tells_are_checked_when_they_are_there() -> None:
    error = failure("filter", {"expression": "agee > 3"}, PEOPLE)
    assert (error.code, "'age'" in error.message) == ("unknown_column", True)


def test_lists_of_different_length_cannot_be_exploded_together() -> None:
    frame = pl.DataFrame({"a": [[1, 2]], "b": [[1]]})
    assert failure("explode", {"columns": ["a", "b"]}, frame).code == "explode_failed"


def test_single_values_fail_with_the_same_codes() -> None:
    assert evaluate("rows > 100 AND {{ place }} = 'Oslo'", {"rows": 101, "place": "Oslo"}) is True
    for text, code in (
        ("rows * rows", "overflow"),
        ("CAST(place AS int64)", "cast_failed"),
        ("rowz > 1", "unknown_column"),
    ):
        with pytest.raises(NodeError) as caught:
            evaluate(text, {"rows": GREAT, "place": "Oslo"})
        assert caught.value.code == code
