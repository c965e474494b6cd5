"""What the columns of a sample hold, in figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from apps.executions.core.statistics import MOST_BINS, statistics_of
from apps.nodes.columns import Column, DataType, Schema


def of(type_: str, *values: Any) -> dict[str, Any]:
    schema = Schema.of([Column("tide", DataType.parse(type_))])
    [found] = statistics_of(pl.DataFrame({"tide": list(values)}, schema=schema.to_polars()), schema)
    return found


def test_numbers_have_a_range_a_mean_and_a_histogram() -> None:
    assert of("int64", 3, 1, None, 3, 5) == {
        "name": "tide",
        "type": "int64",
        "nulls": 1,
        "distinct": 3,
        "min": 1,
        "max": 5,
        "mean": 3.0,
        "top": [{"value": 3, "count": 2}, {"value": 1, "count": 1}, {"value": 5, "count": 1}],
        "histogram": {"low": 1, "high": 5, "counts": [1, 0, 2, 0, 1]},
    }


def test_a_histogram_counts_every_row_once_also_the_greatest() -> None:
    found = of("float64", *[each / 7 for each in range(1000)])["histogram"]
    assert len(found["counts"]) == MOST_BINS
    assert sum(found["counts"]) == 1000
    assert max(found["counts"]) - min(found["counts"]) <= 1


def test_nan_and_infinity_spoil_no_figure() -> None:
    found = of("float64", 1.0, float("nan"), float("inf"), 2.0, None)
    assert (found["nulls"], found["distinct"], found["min"], found["max"], found["mean"]) == (1, 4, 1.0, 2.0, 1.5)
    assert sum(found["histogram"]["counts"]) == 2
    assert "NaN" in [each["value"] for each in found["top"]]


def test_dates_have_a_range_and_a_histogram_but_no_mean() -> None:
    found = of("date", date(2024, 3, 1), date(2024, 3, 31), None)
    assert (found["min"], found["max"], found["mean"]) == ("2024-03-01", "2024-03-31", None)
    assert (found["histogram"]["low"], sum(found["histogram"]["counts"])) == ("2024-03-01", 2)


def test_texts_have_their_most_frequent_values_none_of_them_long() -> None:
    found = of("string", "north", "north", "south", "x" * 500, None)
    assert found["top"] == [{"value": "north", "count": 2}, {"value": "south", "count": 1}]
    assert (found["distinct"], found["min"], found["histogram"]) == (3, None, None)


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("int64", []),
        ("int64", [None, None]),
        ("int64", [-(2**63), 2**63 - 1]),
        ("uint64", [0, 2**64 - 1]),
        ("decimal(38,2)", [Decimal("0.01"), Decimal("99999999999999999999999999999999.99")]),
        ("float32", [float("nan")]),
        ("boolean", [True, None, False]),
        ("datetime", [None]),
        ("datetime(UTC)", [None]),
        ("time", [None]),
        ("duration", [None]),
        ("json", ["{}", None]),
        ("binary", [b"\x00", None]),
        ("list(int64)", [[1], None]),
        ("null", [None]),
    ],
)
def test_every_type_has_figures_whatever_its_values(type_: str, values: list[Any]) -> None:
    found = of(type_, *values)
    assert found["nulls"] == sum(each is None for each in values)
    if found["histogram"] is not None:
        assert sum(found["histogram"]["counts"]) == len(values) - found["nulls"]
