# ruff: noqa: DTZ001 — time stamps without a zone are a type of their own
"""What is pushed means the same: random expressions and steps, in PostgreSQL's SQL and in Polars, over hard values.

PostgreSQL may fail where Polars does not: then the chain runs in Polars. It may never answer anything else,
nor answer where Polars fails.
"""

from __future__ import annotations

import math
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from apps.connectors.sdk import ReadRequest
from apps.nodes.columns import DataType, Schema
from apps.nodes.registry import find
from apps.transforms.expressions import check, to_polars
from apps.transforms.schemas import remember
from apps.transforms.sql.expressions import SqlLowering
from apps.transforms.sql.relation import Relation
from apps.transforms.sql.steps import lowered
from apps.transforms.sql.text import NotInSql
from apps.workflows.core.node_config import read_config
from tests.connectors.conftest import Database, Peer

ROWS = 150
EXAMPLES = int(os.environ.get("UZO_TEST_EXAMPLES", "0"))
"""More, and other ones each time, for whoever changes the lowering."""
_SMALL = [0, 1, -1, 2, -2, 3, 7, -7, 10, 100]
VALUES: dict[str, tuple[str, str, list[Any]]] = {
    "a": ("int2", "int16", [*_SMALL, 32767, -32768]),
    "b": ("int4", "int32", [*_SMALL, 2**31 - 1, -(2**31)]),
    "c": ("int8", "int64", [*_SMALL, 2**63 - 1, -(2**63), 2**53 + 1, 2**62]),
    "x": ("float4", "float32", [0.0, -0.0, 1.5, -2.25, 0.1, 3.4e38, math.inf, -math.inf, math.nan, 16777217.0]),
    "y": ("float8", "float64", [0.0, -0.0, 0.1, 0.2, -1.5, 2.5, 7.0, 1e308, -1e308, 5e-324, 2.0**63, math.inf,
                                -math.inf, math.nan, 9007199254740993.0, 1e16]),
    "p": ("numeric(10,2)", "decimal(10,2)", [Decimal(each) for each in
          ("0.00", "1.10", "-2.55", "99999999.99", "-99999999.99", "0.01", "12.00", "-0.01")]),
    "q": ("numeric(18,6)", "decimal(18,6)", [Decimal(each) for each in
          ("0.000000", "1.100000", "-2.555555", "999999999999.999999", "0.000001", "12.000000")]),
    "w": ("numeric(38,10)", "decimal(38,10)", [Decimal(each) for each in
          ("0.0000000000", "9999999999999999999999999999.9999999999", "-1.0000000001", "3.5000000000")]),
    "s": ("text", "string", ["", "a", "A", "B", "b", "ä", "z", "é", "é", "😀", "\uffff", "\U00010000", "%", "_",
                             "\\", "a'b", " a ", "a\nb", "ab", "abc", "ABC", "ß", "\u0130", "a_c", "a%c"]),
    "t": ("varchar(12)", "string", ["", "a", "b", "ab", "Z", "ä", "\\", "%", "😀", "1", "-5", "true"]),
    "u": ("uuid", "string", [UUID(int=0), UUID(int=2**128 - 1), UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]),
    "f": ("boolean", "boolean", [True, False]),
    "g": ("boolean", "boolean", [True, False]),
    "d": ("date", "date", [date(2024, 2, 29), date(1999, 12, 31), date(1970, 1, 1), date(1, 1, 1), date(9999, 12, 31),
                           date(2021, 1, 3), date(2020, 12, 31), date(1900, 3, 1)]),
    "e": ("date", "date", [date(2024, 2, 29), date(2000, 1, 1), date(1969, 12, 31)]),
    "m": ("timestamp", "datetime", [datetime(2024, 2, 29, 13, 5, 59, 999999), datetime(1969, 12, 31, 23, 59, 59, 1),
                                    datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59), datetime(2024, 1, 1)]),
    "z": ("timestamptz", "datetime(UTC)", [datetime(*each, tzinfo=UTC) for each in
          ((2024, 3, 31, 0, 59, 59), (2024, 3, 31, 1), (1969, 12, 31, 22, 30), (2023, 12, 31, 23, 59))]),
    "h": ("time", "time", [time(0), time(23, 59, 59, 999999), time(12, 30)]),
}  # fmt: skip


def _rows() -> list[tuple[Any, ...]]:
    chosen = random.Random(4)
    return [
        (number, *(None if chosen.random() < 0.12 else chosen.choice(values) for _, _, values in VALUES.values()))
        for number in range(ROWS)
    ]


@dataclass
class Both:
    """The same rows in both engines."""

    connection: psycopg.Connection[Any]
    relation: Relation
    frame: pl.LazyFrame

    def sql(self, statement: str) -> list[tuple[Any, ...]] | None:
        """None where PostgreSQL fails on a value."""
        try:
            return self.connection.execute(statement.encode()).fetchall()
        except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded):
            return None


@pytest.fixture(scope="module")
def both(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    from apps.connectors.sdk import ConnectorContext, EgressPolicy, Storage

    columns = ", ".join(f"{name} {kind}" for name, (kind, _, _) in VALUES.items())
    rows = _rows()
    with database.connect() as connection:
        connection.execute(f"DROP TABLE IF EXISTS hard; CREATE TABLE hard (id int8, {columns})")
        connection.cursor().executemany(f"INSERT INTO hard VALUES ({', '.join(['%s'] * (1 + len(VALUES)))})", rows)
        connection.execute("SET TIME ZONE 'UTC'")
        policy = EgressPolicy(f"127.0.0.1:{database.port},{database.host}:{database.port}")
        context = ConnectorContext(policy, Storage(tmp_path_factory.mktemp("files")))
        source = Peer("postgresql", database.config, context).open()
        relation = source.origin(ReadRequest(table="hard")).relation()
        kinds = {"id": DataType("int64")} | {name: DataType.parse(kind) for name, (_, kind, _) in VALUES.items()}
        assert {each.name: each.type for each in relation.columns} == kinds
        read = Peer("postgresql", database.config, context).read("hard")
        frame = pl.LazyFrame(read.sort("id"))
        yield Both(connection, relation, remember(frame, relation.schema))


def alike(one: Any, other: Any) -> bool:
    """Bit for bit, but that NaN is NaN, and zero has no sign."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, UUID):
        one = str(one)
    return type(one) is type(other) and one == other


# Expressions: text by type, over the columns ------------------------------------------------------------------

Text = st.SearchStrategy[str]


_PARTS = ["year", "month", "day", "quarter", "week", "weekday", "ordinal_day", "iso_year"]


def whole(depth: int) -> Text:
    leaves = st.sampled_from(["a", "b", "c", "3", "0", "(-2)", "9223372036854775807", "length(s)", "octet_length(t)"])
    if not depth:
        return leaves
    x = whole(depth - 1)
    return st.one_of(
        leaves,
        st.builds("({} {} {})".format, x, st.sampled_from(["+", "-", "*", "//", "%"]), x),
        st.builds("(- {})".format, x),
        st.builds("abs({})".format, x),
        st.builds("{}({}, {})".format, st.sampled_from(["greatest", "least", "coalesce", "nullif"]), x, x),
        st.builds("clip({}, {}, {})".format, x, x, x),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, truth(depth - 1), x, x),
        st.builds("CAST({} AS {})".format, st.one_of(x, floats(depth - 1), truth(depth - 1)),
                  st.sampled_from(["int16", "int32", "int64"])),
        st.builds("{}({})".format, st.sampled_from(_PARTS), st.sampled_from("demz")),
        st.builds("{}({})".format, st.sampled_from(["hour", "minute", "second"]), st.sampled_from("mz")),
    )  # fmt: skip


def floats(depth: int) -> Text:
    leaves = st.sampled_from(["x", "y", "0.5", "0.0", "1e300", "(-2.5)"])
    if not depth:
        return leaves
    x = floats(depth - 1)
    number = st.one_of(x, whole(depth - 1))
    return st.one_of(
        leaves,
        st.builds("({} {} {})".format, x, st.sampled_from(["+", "-", "*", "/"]), number),
        st.builds("({} / {})".format, whole(depth - 1), number),
        st.builds("{}({})".format, st.sampled_from(["abs", "floor", "ceil", "trunc", "-"]), x),
        st.builds("{}({}, {})".format, st.sampled_from(["greatest", "least", "coalesce", "nullif"]), x, x),
        st.builds("CAST({} AS float64)".format, whole(depth - 1)),
    )


def decimals(depth: int) -> Text:
    leaves = st.sampled_from(["p", "q", "w", "1.25"])
    if not depth:
        return leaves
    x = decimals(depth - 1)
    return st.one_of(
        leaves,
        st.builds("({} {} {})".format, st.sampled_from("pqw"), st.sampled_from(["+", "-", "*", "//", "%", "/"]), x),
        st.builds("({} {} {})".format, x, st.sampled_from(["+", "-", "*"]), st.sampled_from(["a", "b", "2"])),
        st.builds("(- {})".format, x),
        st.builds("abs({})".format, x),
        st.builds("coalesce({}, {})".format, x, x),
    )


def texts(depth: int) -> Text:
    leaves = st.sampled_from(["s", "t", "u", "'a'", "''", "'ä\\ '", "'it''s'"])
    if not depth:
        return leaves
    x = texts(depth - 1)
    return st.one_of(
        leaves,
        st.builds("({} || {})".format, x, x),
        st.builds("({} || {})".format, x, whole(depth - 1)),
        st.builds("coalesce({}, {})".format, x, x),
        st.builds("greatest({}, {})".format, x, x),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, truth(depth - 1), x, x),
        st.builds("CAST({} AS string)".format, st.one_of(whole(depth - 1), st.sampled_from("fgdmzh"))),
    )


def truth(depth: int) -> Text:
    leaves = st.sampled_from(["f", "g", "TRUE", "FALSE"])
    if not depth:
        return leaves
    signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"])
    y = truth(depth - 1)
    pairs = [whole(depth - 1), floats(depth - 1), decimals(depth - 1), texts(depth - 1), st.sampled_from("de"),
             st.sampled_from("dm"), st.just("z"), st.just("h")]  # fmt: skip
    compared = st.one_of(*(st.builds("({} {} {})".format, each, signs, each) for each in pairs))
    mixed = st.builds("({} {} {})".format, whole(depth - 1), signs, st.one_of(floats(0), decimals(0)))
    return st.one_of(
        leaves,
        compared,
        mixed,
        st.builds("({} {} {})".format, y, st.sampled_from(["AND", "OR"]), y),
        st.builds("(NOT {})".format, y),
        st.builds("({} IS {}NULL)".format, st.one_of(*pairs), st.sampled_from(["", "NOT "])),
        st.builds("({} {}IN ({}, {}, {}))".format, st.sampled_from("abc"), st.sampled_from(["", "NOT "]),
                  *[st.sampled_from(["1", "7", "-2"])] * 3),
        st.builds("({} IN ({}, {}))".format, texts(0), texts(0), texts(0)),
        st.builds("({} LIKE {})".format, texts(depth - 1), st.sampled_from(
            ["'a%'", "'%a'", "'%b%'", "'_'", "'%'", "''", "'a_c'", "'\\%'", "'\\'", "'%''%'", "'_b%'"])),
        st.builds("{}({}, {})".format, st.sampled_from(["contains", "starts_with", "ends_with"]),
                  texts(depth - 1), texts(0)),
        st.builds("({} BETWEEN {} AND {})".format, whole(depth - 1), whole(0), whole(0)),
        st.builds("is_nan({})".format, floats(depth - 1)),
        st.builds("CAST({} AS boolean)".format, whole(depth - 1)),
        st.builds("({} {} '2024-02-29')".format, st.sampled_from("dm"), signs),
        st.builds("({} {} '2024-03-31T01:00:00+00:00')".format, st.just("z"), signs),
    )  # fmt: skip


EXPRESSIONS = st.one_of(
    whole(3),
    floats(3),
    decimals(2),
    texts(3),
    truth(3),
    st.sampled_from(
        ["CAST(d AS datetime)", "CAST(m AS date)", "CAST(z AS date)", "CAST(x AS float64)", "CAST(a AS decimal(10,2))"]
    ),
)
SAID: Counter[str] = Counter()


@settings(
    max_examples=EXAMPLES or 300, deadline=None, derandomize=not EXAMPLES,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(EXPRESSIONS)
def test_an_expression_answers_the_same(both: Both, text: str) -> None:
    compared(both, text)


def compared(both: Both, text: str) -> None:
    checked = check(text, both.relation.schema)
    assume(checked.tree is not None and checked.type is not None and checked.type.name != "null")
    assert checked.tree is not None
    try:
        value = SqlLowering(both.relation).typed(checked.tree)
    except NotInSql:
        assume(False)
        return
    if checked.type is not None and checked.type.name == "float32":
        value = f"({value})::float8"  # all its digits, not just those that make it out
    found = both.sql(f"SELECT {value} FROM ({both.relation.statement}) AS t ORDER BY t.id")
    SAID["failed" if found is None else "answered"] += 1
    if found is None:
        return
    try:
        wanted = both.frame.select("id", to_polars(checked.tree).alias("value")).collect()["value"].to_list()
    except pl.exceptions.PolarsError as error:
        raise AssertionError(f"PostgreSQL answers {text!r}, where Polars fails: {error}") from error
    for row, ([one], other) in enumerate(zip(found, wanted, strict=True)):
        assert alike(one, other), (text, row, one, other, value)


def test_most_of_what_is_pushed_is_answered() -> None:
    """The property above would hold as well if PostgreSQL failed on everything."""
    assert SAID["answered"] > 2 * SAID["failed"] or not SAID


# Steps --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Nothing:
    parameters = {"below": 5, "name": "it's \\ ä"}


def both_ways(both: Both, *steps: tuple[str, dict[str, Any]]) -> tuple[list[Any] | None, list[Any] | None]:
    """Rows of SQL and of Polars; None where that engine fails."""
    relation, frame = both.relation, both.frame
    for operation, config in steps:
        node_type = find("transform", operation)
        assert node_type is not None
        typed = read_config(node_type.Config, {"operation": operation} | config)
        assert not isinstance(typed, tuple), typed
        relation = lowered(node_type, typed, relation, _Nothing())
        frame = node_type.lower(typed, {"input": [frame]}, _Nothing())["output"]  # type: ignore[attr-defined]
    listed = ", ".join(
        f"({relation.read(each.name)}) AS c{place}" for place, each in enumerate(relation.columns)
    )  # as a write of these columns sees them
    found = both.sql(f"SELECT {listed} FROM ({relation.statement}) AS t")
    try:
        wanted = frame.collect(engine="streaming")
    except pl.exceptions.PolarsError:
        return found, None
    assert tuple(wanted.columns) == relation.schema.names
    assert Schema.from_polars(wanted.schema).names == relation.schema.names
    return found, wanted.rows()


def same_rows(found: list[Any], wanted: list[Any]) -> None:
    def keyed(rows: list[Any]) -> Counter[str]:
        return Counter(repr(tuple(_plain(value) for value in row)) for row in rows)

    assert keyed(found) == keyed(wanted)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value == 0:
        return 0.0
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    return str(value) if isinstance(value, UUID) else value


_KEYS = ["a", "b", "c", "y", "p", "s", "t", "u", "f", "d", "m", "z"]


@pytest.mark.parametrize("key", _KEYS)
def test_groups_and_what_is_counted_in_them_are_the_same(both: Both, key: str) -> None:
    aggregations: dict[str, Any] = {"rows": {"function": "count"}}
    for name, (_, kind, _) in VALUES.items():
        if name == key:
            continue
        wanted = ["count", "n_unique"]
        if name in "abcyspqdmz":
            wanted += ["min", "max"]
        if name in "abpq":
            wanted.append("sum")
        if kind == "boolean":
            wanted += ["any", "all"]
        aggregations[name] = wanted
    found, wanted_rows = both_ways(both, ("aggregate", {"groupBy": [key], "aggregations": aggregations}))
    assert found is not None
    assert wanted_rows is not None
    same_rows(found, wanted_rows)


def test_a_sum_beyond_its_type_fails_in_both(both: Both) -> None:
    found, wanted = both_ways(both, ("filter", {"expression": "c > 0"}), ("aggregate", {"aggregations": {"c": "sum"}}))
    assert found is None
    assert wanted is None


def test_sums_of_nothing_are_one_row(both: Both) -> None:
    found, wanted = both_ways(
        both, ("filter", {"expression": "id < 0"}),
        ("aggregate", {"aggregations": {"a": ["sum", "count", "min", "n_unique"], "f": ["any", "all"]}}),
    )  # fmt: skip
    assert found == wanted
    assert found == [(None, 0, None, 0, False, True)]


@pytest.mark.parametrize("key", _KEYS)
@pytest.mark.parametrize(("descending", "nulls_last"), [(False, True), (True, True), (True, False), (False, False)])
def test_the_first_rows_of_an_order_are_the_same(both: Both, key: str, descending: bool, nulls_last: bool) -> None:
    by = [{"column": key, "descending": descending, "nullsLast": nulls_last}, "id"]
    found, wanted = both_ways(
        both, ("sort", {"by": by}), ("limit", {"n": 20, "offset": 3}), ("select", {"columns": ["id", key]})
    )
    assert found is not None
    assert wanted is not None
    assert [row[0] for row in found] == [row[0] for row in wanted]


def test_parameters_and_names_of_any_kind_pass(both: Both) -> None:
    hostile = 'o"r; DROP TABLE hard; --'
    found, wanted = both_ways(
        both, ("filter", {"expression": "a < {{ below }} AND s || 'x' <> {{ name }}"}),
        ("derive", {"expressions": {hostile: "s || {{ name }}", "b": "c", "t": "u"}}),
        ("rename", {"mapping": {"s": "T", "c": "s"}}), ("drop_null", {"columns": ["T", hostile]}),
        ("drop", {"columns": ["a", "x"]}),
    )  # fmt: skip
    assert found is not None
    assert wanted is not None
    same_rows(found, wanted)
    assert len(found) > 10


def test_a_condition_on_dates_leaves_the_column_bare_for_its_index(both: Both) -> None:
    node_type = find("transform", "filter")
    assert node_type is not None
    typed = read_config(node_type.Config, {"operation": "filter", "expression": "d > '2020-01-01' AND m IS NOT NULL"})
    assert not isinstance(typed, tuple)
    plan = both.sql(f"EXPLAIN {lowered(node_type, typed, both.relation, _Nothing()).statement}")
    assert plan is not None
    assert not any("CASE" in line for [line] in plan)
