# ruff: noqa: DTZ001 — time stamps without a zone are a type of their own
"""Expressions against DuckDB: the same text, or its DuckDB counterpart where SQL differs from the contract."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from apps.nodes.columns import Schema
from apps.transforms.expressions import check, to_polars

FRAME = pl.DataFrame(
    {
        "i": pl.Series([0, 1, -1, 7, -7, 100, None, 12, 3], dtype=pl.Int64),
        "j": pl.Series([3, 0, 2, -2, 5, None, None, -12, 0], dtype=pl.Int32),
        "x": pl.Series([0.0, 1.5, -2.25, None, 1e6, 3.0, -0.5, 2.0, 7.0]),
        "y": pl.Series([2.0, 0.0, 0.5, 1.0, None, -3.0, 4.0, 0.0, -7.5]),
        "p": pl.Series(["0.00", "1.10", "-2.55", None, "99.99", "0.01", "12.00", "3.00", "-0.01"]).cast(
            pl.Decimal(10, 2)
        ),
        "q": pl.Series(["2.5", "0.0", None, "1.0", "-4.5", "9.9", "0.1", "7.0", "-1.0"]).cast(pl.Decimal(6, 1)),
        "s": ["Oslo", "", "Århus", None, "oslo", "Os%lo", "New York", "a_b", "zz"],
        "t": ["s", "o", None, "A", "lo", "%", "York", "_", ""],
        "b": [True, False, None, True, False, None, True, True, False],
        "c": [None, True, False, False, True, None, False, True, True],
        "d": [
            date(2024, 2, 29),
            date(1999, 12, 31),
            None,
            date(2024, 1, 1),
            date(1970, 1, 1),
            date(2025, 3, 31),
            date(2023, 1, 30),
            date(2000, 2, 28),
            date(2012, 7, 4),
        ],
        "e": [
            date(2024, 3, 1),
            date(2000, 1, 1),
            date(2020, 5, 5),
            None,
            date(1969, 12, 31),
            date(2025, 4, 30),
            date(2023, 2, 28),
            date(2000, 2, 28),
            date(1912, 7, 4),
        ],
        "m": [
            datetime(2024, 2, 29, 13, 5, 59),
            None,
            datetime(1999, 12, 31, 23, 59, 59),
            datetime(2024, 1, 1),
            datetime(1970, 1, 1, 0, 0, 1),
            datetime(2025, 3, 31, 6),
            datetime(2023, 1, 30, 12, 30),
            datetime(2000, 2, 28),
            datetime(2012, 7, 4, 23),
        ],
    }
)
SCHEMA = Schema.from_polars(FRAME.schema)


@dataclass(frozen=True)
class Pair:
    """An expression, and how DuckDB says the same."""

    uzo: str
    duckdb: str

    @classmethod
    def same(cls, text: str) -> Pair:
        return cls(text, text)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.register("arrow", FRAME.to_arrow(compat_level=pl.CompatLevel.oldest()))
        connection.execute("CREATE TABLE rows AS SELECT * FROM arrow")
        yield connection


def compared(pair: Pair, database: duckdb.DuckDBPyConnection) -> None:
    checked = check(pair.uzo, SCHEMA)
    assert checked.tree is not None, (pair.uzo, checked.problems)
    try:
        wanted = [row[0] for row in database.execute(f"SELECT {pair.duckdb} FROM rows ORDER BY rowid").fetchall()]
    except (duckdb.OutOfRangeException, duckdb.ConversionException):
        assume(False)
        return
    result = FRAME.select(to_polars(checked.tree).alias("result"))
    column = result["result"]
    assert column.dtype == (checked.type.to_polars() if checked.type is not None else None), pair
    found = column.to_list() if len(column) == len(wanted) else column.to_list() * len(wanted)
    for row, (one, other) in enumerate(zip(found, wanted, strict=True)):
        assert _same(one, other), (pair, row, one, other)
        assert checked.nullable or one is not None, (pair, row)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        if one is None or other is None:
            return one is other
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9) or (
            math.isnan(float(one)) and math.isnan(float(other))
        )
    if isinstance(other, datetime) and isinstance(one, date) and not isinstance(one, datetime):
        return other == datetime(one.year, one.month, one.day)
    return bool(one == other)


def numbers(depth: int = 2) -> st.SearchStrategy[Pair]:
    """Whole numbers: DuckDB's // and % cut towards zero, UZO's floor."""
    leaves = st.sampled_from([Pair.same(each) for each in ("i", "j", "3", "0", "(-2)")])
    if depth == 0:
        return leaves
    inner = numbers(depth - 1)

    def arithmetic(sign: str, one: Pair, other: Pair) -> Pair:
        uzo = f"({one.uzo} {sign} {other.uzo})"
        left, right = f"({one.duckdb})::DOUBLE", f"({other.duckdb})::DOUBLE"
        match sign:
            case "//":
                return Pair(uzo, f"(CASE WHEN {right} <> 0 THEN floor({left} / {right})::BIGINT END)")
            case "%":
                floored = f"floor({left} / {right})"
                return Pair(uzo, f"(CASE WHEN {right} <> 0 THEN ({left} - {right} * {floored})::BIGINT END)")
            case _:
                return Pair(uzo, f"(({one.duckdb})::BIGINT {sign} ({other.duckdb})::BIGINT)")

    return st.one_of(
        leaves,
        st.builds(arithmetic, st.sampled_from(["+", "-", "*", "//", "%"]), inner, inner),
        inner.map(lambda each: Pair(f"abs({each.uzo})", f"abs(({each.duckdb})::BIGINT)")),
        inner.map(lambda each: Pair(f"(- {each.uzo})", f"(- ({each.duckdb})::BIGINT)")),
        st.builds(
            lambda one, other: Pair(f"coalesce({one.uzo}, {other.uzo})", f"coalesce({one.duckdb}, {other.duckdb})"),
            inner,
            inner,
        ),
    )


def floats(depth: int = 2) -> st.SearchStrategy[Pair]:
    leaves = st.sampled_from([Pair.same(each) for each in ("x", "y", "2.5e0", "0.0e0")])
    if depth == 0:
        return leaves
    inner = floats(depth - 1)

    def arithmetic(sign: str, one: Pair, other: Pair) -> Pair:
        uzo = f"({one.uzo} {sign} {other.uzo})"
        left, right = one.duckdb, other.duckdb
        match sign:
            case "/":
                return Pair(uzo, f"(CASE WHEN {right} <> 0 THEN {left} / {right} END)")
            case "//":
                return Pair(uzo, f"(CASE WHEN {right} <> 0 THEN floor({left} / {right}) END)")
            case _:
                return Pair(uzo, f"({left} {sign} {right})")

    return st.one_of(
        leaves,
        st.builds(arithmetic, st.sampled_from(["+", "-", "*", "/", "//"]), inner, inner),
        st.builds(
            lambda name, each: Pair(f"{name}({each.uzo})", f"{name}({each.duckdb})"),
            st.sampled_from(["abs", "ceil", "floor", "trunc", "sign"]),
            inner,
        ),
        st.builds(
            lambda name, one, other: Pair(f"{name}({one.uzo}, {other.uzo})", f"{name}({one.duckdb}, {other.duckdb})"),
            st.sampled_from(["greatest", "least"]),
            inner,
            inner,
        ),
    )


def decimals(depth: int = 2) -> st.SearchStrategy[Pair]:
    leaves = st.sampled_from([Pair.same(each) for each in ("p", "q", "0.5", "j")])
    if depth == 0:
        return leaves
    inner = decimals(depth - 1)
    return st.one_of(
        leaves,
        st.builds(
            lambda sign, one, other: Pair(f"({one.uzo} {sign} {other.uzo})", f"({one.duckdb} {sign} {other.duckdb})"),
            st.sampled_from(["+", "-", "*"]),
            inner,
            inner,
        ),
        st.builds(
            lambda one, other: Pair(
                f"(p / ({one.uzo}))" if other else f"(-({one.uzo}))",
                f"(CASE WHEN ({one.duckdb}) <> 0 THEN p::DOUBLE / ({one.duckdb})::DOUBLE END)"
                if other
                else f"(-({one.duckdb}))",
            ),
            inner,
            st.just(False),
        ),
    )


def texts(depth: int = 2) -> st.SearchStrategy[Pair]:
    leaves = st.sampled_from([Pair.same(each) for each in ("s", "t", "'lo'", "''", "'Å%_'")])
    if depth == 0:
        return leaves
    inner = texts(depth - 1)
    return st.one_of(
        leaves,
        st.builds(
            lambda name, each: Pair(f"{name}({each.uzo})", f"{name}({each.duckdb})"),
            st.sampled_from(["upper", "lower", "trim", "ltrim", "reverse"]),
            inner,
        ),
        st.builds(
            lambda one, other: Pair(f"({one.uzo} || {other.uzo})", f"({one.duckdb} || {other.duckdb})"), inner, inner
        ),
        st.builds(
            lambda one, other: Pair(f"concat({one.uzo}, {other.uzo})", f"concat({one.duckdb}, {other.duckdb})"),
            inner,
            inner,
        ),
        st.builds(
            lambda each, start, length: Pair(
                f"substr({each.uzo}, {start}, {length})", f"substr({each.duckdb}, {start}, {length})"
            ),
            inner,
            st.integers(1, 4),
            st.integers(0, 5),
        ),
        inner.map(lambda each: Pair(f"replace({each.uzo}, 'o', '00')", f"replace({each.duckdb}, 'o', '00')")),
        inner.map(lambda each: Pair(f"left({each.uzo}, 2)", f"left({each.duckdb}, 2)")),
        inner.map(lambda each: Pair(f"lpad({each.uzo}, 6, 'ab')", f"lpad({each.duckdb}, 6, 'ab')")),
        inner.map(lambda each: Pair(f"coalesce({each.uzo}, '?')", f"coalesce({each.duckdb}, '?')")),
    )


def dates() -> st.SearchStrategy[Pair]:
    leaves = st.sampled_from([Pair.same(each) for each in ("d", "e", "m", "DATE '2024-02-29'")])
    units = st.sampled_from(["day", "week", "month", "quarter", "year"])
    parts = st.sampled_from(["year", "quarter", "month", "day"])
    return st.one_of(
        st.builds(lambda part, each: Pair(f"{part}({each.uzo})", f"{part}({each.duckdb})"), parts, leaves),
        leaves.map(lambda each: Pair(f"weekday({each.uzo})", f"isodow({each.duckdb})")),
        leaves.map(lambda each: Pair(f"week({each.uzo})", f"weekofyear({each.duckdb})")),
        leaves.map(lambda each: Pair(f"ordinal_day({each.uzo})", f"dayofyear({each.duckdb})")),
        leaves.map(lambda each: Pair(f"last_day({each.uzo})", f"last_day({each.duckdb})")),
        st.builds(
            lambda unit, each: Pair(f"date_trunc('{unit}', {each.uzo})", f"date_trunc('{unit}', {each.duckdb})"),
            units,
            leaves,
        ),
        st.builds(
            lambda each, n: Pair(f"add_months({each.uzo}, {n})", f"({each.duckdb} + INTERVAL ({n}) MONTH)"),
            leaves,
            st.integers(-30, 30),
        ),
        st.builds(
            lambda unit, one, other: Pair(
                f"date_diff('{unit}', {one.uzo}, {other.uzo})", f"date_diff('{unit}', {one.duckdb}, {other.duckdb})"
            ),
            st.sampled_from(["day", "month", "quarter", "year"]),
            leaves,
            leaves,
        ),
        leaves.map(lambda each: Pair(f"({each.uzo} + INTERVAL '36 hours')", f"({each.duckdb} + INTERVAL '36 hours')")),
        leaves.map(lambda each: Pair(f"strftime({each.uzo}, '%Y/%m/%d')", f"strftime({each.duckdb}, '%Y/%m/%d')")),
    )


def conditions(depth: int = 2) -> st.SearchStrategy[Pair]:
    """Three-valued logic over comparisons of everything."""
    signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    compare = [
        st.builds(
            lambda sign, one, other: Pair(f"({one.uzo} {sign} {other.uzo})", f"({one.duckdb} {sign} {other.duckdb})"),
            signs,
            values,
            values,
        )
        for values in (numbers(1), floats(1), decimals(1), texts(1))
    ]
    leaves = st.one_of(
        st.sampled_from(
            [
                Pair.same(each)
                for each in (
                    "b",
                    "c",
                    "TRUE",
                    "s LIKE '%lo'",
                    "s ILIKE '%LO%'",
                    "s LIKE '_s%'",
                    "t NOT LIKE 'A%'",
                    "s IS NULL",
                    "i IN (1, 7, 100)",
                    "x NOT IN (1.5, 2)",
                    "s IN ('Oslo', 'zz')",
                    "i BETWEEN -1 AND 12",
                    "x NOT BETWEEN 0 AND 2",
                    "d < e",
                    "d >= m",
                    "d = '2024-02-29'",
                    "b IS TRUE",
                    "c IS NOT FALSE",
                    "i IS DISTINCT FROM j",
                    "s IS NOT DISTINCT FROM t",
                    "starts_with(s, t)",
                    "contains(s, t)",
                    "p > q",
                    "p = 1.1",
                    "i < x",
                    "p > i",
                    "j IN (2, 5)",
                )
            ]
        ),
        *compare,
    )
    if depth == 0:
        return leaves
    inner = conditions(depth - 1)
    return st.one_of(
        leaves,
        st.builds(
            lambda sign, parts: Pair(
                "(" + f" {sign} ".join(each.uzo for each in parts) + ")",
                "(" + f" {sign} ".join(each.duckdb for each in parts) + ")",
            ),
            st.sampled_from(["AND", "OR"]),
            st.lists(inner, min_size=2, max_size=4),
        ),
        inner.map(lambda each: Pair(f"(NOT {each.uzo})", f"(NOT {each.duckdb})")),
    )


def choices() -> st.SearchStrategy[Pair]:
    def case(values: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
        return st.builds(
            lambda when, then, otherwise: Pair(
                f"CASE WHEN {when.uzo} THEN {then.uzo} ELSE {otherwise.uzo} END",
                f"CASE WHEN {when.duckdb} THEN {then.duckdb} ELSE {otherwise.duckdb} END",
            ),
            conditions(1),
            values,
            values,
        )

    return st.one_of(case(numbers(1)), case(floats(1)), case(texts(1)))


FAMILIES = {
    "numbers": numbers(3),
    "floats": floats(3),
    "decimals": decimals(),
    "texts": texts(),
    "dates": dates(),
    "conditions": conditions(),
    "choices": choices(),
}


@pytest.mark.parametrize("family", FAMILIES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_an_expression_has_the_value_that_duckdb_gives_it(
    family: str, data: st.DataObject, database: duckdb.DuckDBPyConnection
) -> None:
    compared(data.draw(FAMILIES[family]), database)


@pytest.mark.parametrize(
    ("polars", "sql"),
    [
        ('(col("i") > 3) & (col("s") == "Oslo")', "i > 3 AND s = 'Oslo'"),
        ('~col("b") | col("c").is_null()', "NOT b OR c IS NULL"),
        ('col("s").str.to_uppercase().str.len_chars()', "length(upper(s))"),
        (
            'when(col("i") > 3).then(lit("big")).when(col("i") < 0).then(lit("less")).otherwise(lit("small"))',
            "CASE WHEN i > 3 THEN 'big' WHEN i < 0 THEN 'less' ELSE 'small' END",
        ),
        ('col("i").is_in([1, 7])', "i IN (1, 7)"),
        ('col("i").is_between(0, 7)', "i BETWEEN 0 AND 7"),
        ('col("i").is_between(0, 7, closed="left")', "i >= 0 AND i < 7"),
        ('col("x").fill_null(0.0).round(1)', "round(coalesce(x, 0.0), 1)"),
        ('col("d").dt.year() * 12 + pl.col("d").dt.month()', "year(d) * 12 + month(d)"),
        ('col("s").cast(pl.Int64, strict=False)', "TRY_CAST(s AS int64)"),
        ('col("i") // 2 % 3', "i // 2 % 3"),
        ('-col("i") ** 2', "-(i * i)"),
        ('pl.coalesce(col("t"), col("s"), lit("?"))', "coalesce(t, s, '?')"),
        ('col("s") + "!" + col("t")', "s || '!' || t"),
        ('col("s").str.slice(0, 2)', "substr(s, 1, 2)"),
        ('col("s").str.contains("^O", literal=False)', "regexp_matches(s, '^O')"),
        ('concat_str(col("s"), col("t"))', "concat(s, t)"),
        ('col("s").eq_missing(col("t"))', "s IS NOT DISTINCT FROM t"),
    ],
)
def test_both_spellings_mean_the_same(polars: str, sql: str) -> None:
    one, other = check(polars, SCHEMA), check(sql, SCHEMA)
    assert one.tree is not None, one.problems
    assert other.tree is not None, other.problems
    assert one.type == other.type
    frame = FRAME.select(to_polars(one.tree).alias("one"), to_polars(other.tree).alias("other"))
    assert frame["one"].to_list() == frame["other"].to_list()


def test_nan_equals_nan_and_is_above_infinity() -> None:
    frame = pl.DataFrame({"x": [float("nan"), float("inf"), 1.0, None]})
    schema = Schema.from_polars(frame.schema)

    def value(text: str) -> list[Any]:
        checked = check(text, schema)
        assert checked.tree is not None
        return frame.select(to_polars(checked.tree).alias("v"))["v"].to_list()

    assert value("x = x") == [True, True, True, None]
    assert value("x > 1e308") == [True, True, False, None]
    assert value("greatest(x, 5.0) = x") == [True, True, False, None]
    assert value("least(x, 5.0)") == [5.0, 5.0, 1.0, 5.0]


def test_dividing_by_zero_is_null_for_every_kind_of_number() -> None:
    for text in (
        "i / 0",
        "i // 0",
        "i % 0",
        "x / 0.0",
        "x // 0.0",
        "x % 0.0",
        "p / 0",
        "p // 0",
        "p % 0",
        "x / 0",
        "i / j * 0",
    ):
        checked = check(text, SCHEMA)
        assert checked.tree is not None, checked.problems
        assert checked.nullable
        values = FRAME.filter(pl.col("j") == 0).select(to_polars(checked.tree).alias("v"))["v"].to_list()
        assert set(values) == {None}, text


def test_a_duration_between_two_time_stamps_is_exact() -> None:
    checked = check("m - TIMESTAMP '2024-01-01 00:00:00'", SCHEMA)
    assert checked.tree is not None
    assert FRAME.select(to_polars(checked.tree))["m"][0] == timedelta(days=59, hours=13, minutes=5, seconds=59)


def test_decimals_stay_exact() -> None:
    for text, kind, first in (
        ("p + 0.10", "decimal(38,2)", "1.20"),
        ("p * q", "decimal(38,3)", "0.000"),
        ("p - j", "decimal(38,2)", "1.10"),
    ):
        checked = check(text, SCHEMA)
        assert checked.tree is not None
        assert str(checked.type) == kind
        assert FRAME.select(to_polars(checked.tree).alias("v"))["v"][1] == Decimal(first)
