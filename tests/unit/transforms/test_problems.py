"""What is wrong with an expression, where, and what would be right: pairs that a person can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.nodes.columns import Column, DataType, Schema
from apps.transforms.expressions import check
from apps.transforms.expressions import parse as parsing

COLUMNS = Schema.of(
    Column(name, DataType.parse(kind))
    for name, kind in {
        "age": "int64",
        "name": "string",
        "born": "date",
        "seen": "datetime",
        "fee": "decimal(10,2)",
        "share": "float64",
        "ok": "boolean",
        "tags": "list(string)",
    }.items()
)
PARAMETERS = {"least": DataType("int64"), "place": DataType("string")}
LINES = (Path(__file__).parent / "problems.txt").read_text().splitlines()
PAIRS = [tuple(part.strip() for part in line.split("⇒")) for line in LINES if line and not line.startswith("#")]


@pytest.mark.parametrize(("text", "code", "marked", "words"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_a_problem_has_its_code_its_place_and_says_what_to_do(text: str, code: str, marked: str, words: str) -> None:
    [problem] = check(text, COLUMNS, PARAMETERS).problems
    assert problem.code == code, problem
    assert problem.position is not None
    assert text[slice(*problem.position)] == marked
    assert words in problem.message


@pytest.mark.parametrize(
    ("text", "kind", "nullable"),
    [
        ("age + 1", "int64", True),
        ("age / 2", "float64", True),
        ("age // 2", "int64", True),
        ("fee + 0.5", "decimal(38,2)", True),
        ("fee * 1.25", "decimal(38,4)", True),
        ("fee / 3", "float64", True),
        ("share * age", "float64", True),
        ("born + INTERVAL '1 day'", "datetime", True),
        ("seen - born", "duration", True),
        ("name || age", "string", True),
        ("age IS NULL", "boolean", False),
        ("coalesce(age, 0)", "int64", False),
        ("1 + 1", "int64", False),
        ("1 / 2", "float64", False),
        ("1 / 0", "float64", True),
        ("split(name, ' ')", "list(string)", True),
        ("age > {{ least }}", "boolean", True),
        ("'from {{ place }}'", "string", True),
        ("NULL", "null", True),
        ("[1, 2.5]", "list(float64)", False),
        ("at_time_zone(seen, 'Europe/Oslo')", "datetime(Europe/Oslo)", True),
        ("CASE WHEN ok THEN 1 ELSE 2.5 END", "float64", False),
        ("18446744073709551615", "uint64", False),
        ("born > '2020-01-01'", "boolean", True),
        ("9223372036854775808 > age", "boolean", True),
    ],
)
def test_an_expression_has_a_type_and_is_null_only_where_it_can_be(text: str, kind: str, nullable: bool) -> None:
    checked = check(text, COLUMNS, PARAMETERS)
    assert checked.problems == ()
    assert str(checked.type) == kind
    assert checked.nullable is nullable


def test_all_problems_are_told_at_once() -> None:
    problems = check("agee > 1 AND upperr(name) = 'X' AND born = NULL", COLUMNS).problems
    assert [each.code for each in problems] == ["unknown_column", "unknown_function", "null_comparison"]


def test_an_expression_is_bounded_in_length_and_depth() -> None:
    def codes(text: str) -> list[str]:
        return [each.code for each in check(text, COLUMNS).problems]

    assert codes("(" * 90 + "age" + ")" * 90) == []
    assert codes("(" * 100 + "age" + ")" * 100) == ["too_complex"]
    assert codes("NOT " * 101 + "ok") == ["too_complex"]
    assert codes("'" + "x" * 9_000 + "'") == []
    assert codes("'" + "x" * 10_000 + "'") == ["too_complex"]
    assert codes(" OR ".join(f"age = {n}" for n in range(500))) == [], "a long chain is not deep"


def test_where_columns_or_parameters_are_open_their_names_are_no_problem() -> None:
    checked = check("amount * 2 > {{ least_amount }}", Schema(dynamic=True), open_parameters=True)
    assert checked.problems == ()
    assert check("amount", Schema(dynamic=True)).type is None


def test_an_expression_is_parsed_once_however_often_its_diagram_is_checked() -> None:
    wide = Schema.of(Column(f"column_{n}", DataType("float64")) for n in range(100))
    texts = [f"column_{n % 100} > {n} AND (column_{(n + 1) % 100} / 60 < 5 OR column_3 IS NULL)" for n in range(200)]
    parsed_before = parsing._read.cache_info().misses
    for _ in range(3):
        for text in texts:
            assert not check(text, wide).problems
    assert parsing._read.cache_info().misses - parsed_before == len(texts)
