"""Rows for JSON, to the letter."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from apps.nodes.columns import JSON, Column, Schema
from apps.nodes.values import encode_rows

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("dtype", "value", "encoded"),
    [
        (pl.Int64(), 2**53, 2**53),
        (pl.Int64(), 2**53 + 1, "9007199254740993"),
        (pl.Int64(), -(2**53) - 1, "-9007199254740993"),
        (pl.UInt64(), 2**64 - 1, "18446744073709551615"),
        (pl.Int8(), -128, -128),
        (pl.Float64(), 0.1, 0.1),
        (pl.Float64(), float("nan"), "NaN"),
        (pl.Float64(), float("inf"), "Infinity"),
        (pl.Float32(), float("-inf"), "-Infinity"),
        (pl.Decimal(38, 2), Decimal("1.10"), "1.10"),
        (pl.Decimal(38, 0), Decimal(10) ** 30, "1" + "0" * 30),
        (pl.Decimal(38, 8), Decimal("0.00000001"), "0.00000001"),
        (pl.String(), "Ærø", "Ærø"),
        (pl.Boolean(), False, False),
        (pl.Date(), date(2026, 11, 21), "2026-11-21"),
        (pl.Time(), time(8, 5), "08:05:00"),
        (pl.Time(), time(8, 5, 0, 250_000), "08:05:00.250000"),
        (pl.Datetime("us"), datetime(2026, 11, 21, 8, 5), "2026-11-21T08:05:00"),  # noqa: DTZ001
        (pl.Datetime("us", "UTC"), datetime(2026, 11, 21, 8, 5, tzinfo=UTC), "2026-11-21T08:05:00Z"),
        (
            pl.Datetime("us", "Europe/Berlin"),
            datetime(2026, 11, 21, 8, 5, 0, 1, tzinfo=BERLIN),
            "2026-11-21T07:05:00.000001Z",
        ),
        (pl.Duration("us"), timedelta(days=1, hours=2, seconds=3.5), "P1DT2H3.5S"),
        (pl.Duration("us"), timedelta(0), "PT0S"),
        (pl.Duration("us"), timedelta(minutes=-90), "-PT1H30M"),
        (pl.Binary(), b"\x00\xff", "AP8="),
        (pl.List(pl.Int64()), [1, None, 2**60], [1, None, "1152921504606846976"]),
        (pl.List(pl.List(pl.Float64())), [[float("nan")], None], [["NaN"], None]),
        (pl.Null(), None, None),
    ],
)
def test_each_type_has_its_form(dtype: pl.DataType, value: Any, encoded: Any) -> None:
    frame = pl.DataFrame({"v": pl.Series([value, None], dtype=dtype)})
    _, rows = encode_rows(frame)
    assert rows == [[encoded], [None]]
    json.loads(json.dumps(rows, allow_nan=False))


def test_columns_carry_the_names_of_types_and_json_is_told_by_the_schema() -> None:
    frame = pl.DataFrame({"id": [1], "body": ["{}"]})
    columns, rows = encode_rows(frame, Schema((Column("body", JSON),)))
    assert columns == [{"name": "id", "type": "int64"}, {"name": "body", "type": "json"}]
    assert rows == [[1, "{}"]]


def test_no_rows_and_no_columns_are_no_rows() -> None:
    assert encode_rows(pl.DataFrame(schema={"a": pl.Int64})) == ([{"name": "a", "type": "int64"}], [])
    assert encode_rows(pl.DataFrame()) == ([], [])
