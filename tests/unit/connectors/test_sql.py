"""Names are quoted, values are bound."""

from __future__ import annotations

import pytest

from apps.connectors.sdk import ConnectorError
from apps.connectors.sdk.sql import TableName, bind, quote, single


@pytest.mark.parametrize(
    ("text", "sql"),
    [("ships", '"ships"'), ("public.ships", '"public"."ships"'), ('"od.d"."na""me"', '"od.d"."na""me"'),
     ("Ships of 2024", '"Ships of 2024"'), ('x"; DROP TABLE ships; --', None), ("a.b.c", None), ("", None), (".a", None),  # noqa: E501
     ("a.", None), ("a\x00b", None)],
)  # fmt: skip
def test_t30_table_names_are_quoted_or_refused(text: str, sql: str | None) -> None:
    if sql is None:
        with pytest.raises(ConnectorError) as refused:
            TableName.parse(text)
        assert refused.value.code == "unknown_table"
    else:
        assert TableName.parse(text).sql == sql


def test_t30_column_names_are_quoted() -> None:
    assert quote('a" OR 1=1 --') == '"a"" OR 1=1 --"'
    with pytest.raises(ConnectorError):
        quote("a\x00b")


@pytest.mark.parametrize(
    ("query", "sql"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1"),
        ("SELECT {{ a }} + {{b}}", "SELECT $1 + $2"),
        ("SELECT ':a', \":a\", x::text, :a", "SELECT ':a', \":a\", x::text, $1"),
        ("SELECT 'it''s :a', :a", "SELECT 'it''s :a', $1"),
        (r"SELECT E'\' :a', :a", r"SELECT E'\' :a', $1"),
        ("SELECT :a -- :b\n, :b", "SELECT $1 -- :b\n, $2"),
        ("SELECT :a /* :b /* :b */ */ , :b", "SELECT $1 /* :b /* :b */ */ , $2"),
        ("SELECT $$ :a $$, :a", "SELECT $$ :a $$, $1"),
        ("SELECT $x$ $$ :a $x$, :a", "SELECT $x$ $$ :a $x$, $1"),
        ("SELECT arr[1:2], :a", "SELECT arr[1:2], $1"),
        ("SELECT {{ a }} WHERE x = '{{ a }}'", "SELECT $1 WHERE x = '{{ a }}'"),
    ],
)
def test_placeholders_are_found_where_sql_has_values(query: str, sql: str) -> None:
    assert bind(query, {"a": 1, "b": 2}).sql == sql


def test_t30_values_never_become_text_of_the_query() -> None:
    bound = bind("SELECT * FROM t WHERE name = :name", {"name": "'; DROP TABLE t; --"})
    assert "DROP" not in bound.sql
    assert bound.values == ("'; DROP TABLE t; --",)


def test_listed_parameters() -> None:
    assert bind("SELECT $2, $1, $2", ["a", "b"]) == bind("SELECT $2, $1, $2", ("a", "b"))
    assert bind("SELECT $2, $1", ["a", "b"]).values == ("b", "a")
    assert bind("SELECT ?, ?", [1, 2], marks=True).sql == "SELECT $1, $2"
    assert bind("SELECT a ? 'key'", {}).sql == "SELECT a ? 'key'"


@pytest.mark.parametrize(("query", "given"), [("SELECT :a", {"b": 1}), ("SELECT {{ a }}", {}), ("SELECT $2", ["a"])])
def test_a_placeholder_without_a_value_is_named(query: str, given: dict[str, int] | list[str]) -> None:
    with pytest.raises(ConnectorError) as refused:
        bind(query, given)
    assert refused.value.code == "unknown_parameter"


def test_one_statement_may_end_with_a_semicolon() -> None:
    assert single("SELECT 1 ;\n ") == "SELECT 1"
    with pytest.raises(ConnectorError):
        single(" ; ")
