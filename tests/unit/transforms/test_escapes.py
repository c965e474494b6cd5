"""THREATS 35, 37 and 38 against the expression language and the custom node."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import apps.transforms
import apps.transforms.nodes
from apps.nodes.columns import Column, DataType, Schema
from apps.nodes.problems import CODES
from apps.nodes.registry import find, load
from apps.nodes.types import InferContext
from apps.transforms.expressions import check
from apps.transforms.expressions.tree import Node

load(apps.transforms.nodes)

COLUMNS = Schema.of([Column("name", DataType("string")), Column("n", DataType("int64"))])
LINES = (Path(__file__).parent / "escapes.txt").read_text().splitlines()
ESCAPES = [line for line in LINES if line and not line.startswith("# ")]
SOURCE = Path(apps.transforms.__file__).parent


def custom_problems(code: str) -> list[str]:
    node_type = find("transform", "custom")
    assert node_type is not None
    config = node_type.Config.model_validate({"operation": "custom", "code": code})
    return [
        each.code
        for each in node_type.infer(config, {"input": [COLUMNS]}, InferContext(open_parameters=False)).problems
    ]


def test_the_corpus_is_large_enough() -> None:
    assert len(set(ESCAPES)) == len(ESCAPES) >= 100


@pytest.mark.parametrize("text", ESCAPES)
def test_t35_an_escape_from_the_expression_language_is_refused(text: str) -> None:
    checked = check(text, COLUMNS)
    assert checked.tree is None
    assert checked.problems
    for problem in checked.problems:
        assert problem.severity == "error"
        assert problem.position is not None
        assert 0 <= problem.position[0] <= problem.position[1] <= len(text)


@pytest.mark.parametrize("text", ESCAPES)
def test_t35_an_escape_in_the_arguments_of_custom_code_is_refused(text: str) -> None:
    assert custom_problems(f"df.with_columns(x={text})")


@pytest.mark.parametrize("text", ESCAPES)
def test_t35_an_escape_in_a_dynamic_schema_finds_no_function_either(text: str) -> None:
    """Where any column may be, a name alone is a column; nothing else becomes allowed."""
    checked = check(text, Schema(dynamic=True), open_parameters=True)
    names = ("col(", "{{", "__builtins__", "name")
    assert checked.problems or text.startswith(names)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "open('/etc/passwd').read()",
        "name.__class__",
        "(lambda x: x)(1)",
        "col('n').map_elements(lambda x: x)",
        "pl.read_csv('/etc/passwd')",
        "row_number() OVER ()",
    ],
)
def test_t35_code_is_forbidden_and_not_a_slip_of_the_pen(text: str) -> None:
    assert [each.code for each in check(text, COLUMNS).problems] == ["forbidden"]


@pytest.mark.parametrize(
    "code",
    [
        "df.map_batches(lambda d: d)",
        "df.pipe(print)",
        "df.join(df, on='n')",
        "df.filter(col('n').map_elements(lambda x: x))",
        "df.filter(col('n') > 1).group_by('n').apply(print)",
        "df.agg(col('n').sum())",
    ],
)
def test_t35_a_method_that_is_not_on_the_list_is_forbidden_whatever_its_arguments(code: str) -> None:
    assert custom_problems(code) == ["forbidden"]


@pytest.mark.parametrize("name", ["1 + 1", "''.__class__", "name()", "name[0]"])
def test_t35_what_stands_in_braces_is_a_name_and_never_code(name: str) -> None:
    checked = check(f"n > {{{{ {name} }}}}", COLUMNS, open_parameters=True)
    assert [each.code for each in checked.problems] == ["syntax"]


CHAINS = [
    "df",
    "df.collect()",
    "df.lazy()",
    "df.sink_csv('/tmp/x')",
    "df.write_csv('/tmp/x')",
    "df.sql('select 1')",
    "df.map_batches(print)",
    "df.pipe(print)",
    "df.serialize()",
    "df.deserialize('x')",
    "df.__class__",
    "df.__dict__",
    "df._ldf",
    "df._ldf.x()",
    "df.head().__class__()",
    "df.filter",
    "df[0]",
    "df()",
    "df + df",
    "pl.read_csv('x')",
    "pl",
    "import os",
    "df.head(1); df",
    "df\n.head(1)\nimport os",
    "df.join(df, on='n')",
    "df.show_graph()",
    "df.profile()",
    "df.with_context(df)",
    "df.remote()",
    "df.inspect()",
    "df.select(pl.all())",
    "df.head(col('n'))",
    "df.sort(print)",
    "df.rename(print)",
    "df.rename({name: 'x'})",
    "df.cast({'n': pl.Object})",
    "df.group_by('n')",
    "df.group_by('n').apply(print)",
    "df.group_by('n').agg(print)",
    "df.group_by('n').agg(col('n'))",
    "df.group_by('n').agg(col('n').map_elements(print))",
    "df.filter(lambda r: True)",
    "df.explode(*['n'])",
    "df.with_columns(**{'x': 1})",
    "df.head(n=__import__('os'))",
    "df.unique(subset=open('x'))",
    "x = df",
    "",
    "(df)",
    "df.df.head()",
    "df.filter(col('n') > 1).collect().write_csv('x')",
]


@pytest.mark.parametrize("code", CHAINS)
def test_t35_custom_code_that_is_no_chain_of_allowed_methods_is_refused(code: str) -> None:
    problems = custom_problems(code)
    assert problems
    assert set(problems) <= CODES


def test_t35_nothing_typed_by_a_user_can_reach_eval_or_getattr() -> None:
    """The package has no call by which text becomes code or an attribute of an engine."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__", "open", "setattr"), path
                if node.func.id == "getattr":
                    assert isinstance(node.args[1], ast.Constant), f"{path}: getattr by a computed name"


def test_t37_the_package_uses_no_sql_of_polars_nor_of_any_engine_that_opens_files() -> None:
    refused = {"sql", "sql_expr", "SQLContext", "execute", "scan_csv", "read_csv", "scan_parquet", "read_parquet"}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Attribute) and node.attr in refused), f"{path}: {ast.unparse(node)}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [each.name for each in node.names] + [getattr(node, "module", None) or ""]
                assert not any(name.split(".")[0] in ("duckdb", "sqlite3") for name in names), path


@pytest.mark.parametrize(
    "text", ["read_csv('/etc/hosts')", "sql('select 1')", "query('x')", "SELECT * FROM read_text('x')"]
)
def test_t37_functions_that_open_files_are_forbidden_by_name(text: str) -> None:
    assert [each.code for each in check(text, COLUMNS).problems] == ["forbidden"]


def test_t38_no_plan_or_pickle_is_ever_deserialised() -> None:
    refused = {"deserialize", "loads", "load_module", "from_json", "Unpickler"}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Attribute) and node.attr in refused), f"{path}: {ast.unparse(node)}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not any(each.name in ("pickle", "marshal", "dill", "cloudpickle") for each in node.names), path


def test_t38_a_pickled_plan_in_a_parameter_stays_text() -> None:
    hostile = pickle.dumps(print).hex()
    checked = check("name = {{ x }}", COLUMNS, {"x": DataType("string")})
    from apps.transforms.expressions import to_polars

    assert checked.tree is not None
    frame = pl.DataFrame({"name": [hostile, "Oslo"], "n": [1, 2]}).filter(to_polars(checked.tree, {"x": hostile}))
    assert frame["n"].to_list() == [1]


PIECES = st.sampled_from(
    [
        "col('n')",
        'col("name")',
        "n",
        "name",
        "lit(1)",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "{{ x }}",
        ".",
        ",",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "&",
        "|",
        "~",
        "^",
        "=",
        "==",
        "<>",
        "<",
        ">",
        "::",
        "||",
        " AND ",
        " OR ",
        " NOT ",
        " IS NULL",
        " IN ",
        " BETWEEN ",
        " LIKE ",
        "CASE WHEN ",
        " THEN ",
        " ELSE ",
        " END",
        "CAST(",
        " AS int64",
        "NULL",
        "TRUE",
        "'a'",
        '"n"',
        "1",
        "1.5",
        "1e5",
        ".is_null()",
        ".str.to_uppercase()",
        ".dt.year()",
        ".is_in([1])",
        "when(",
        ".then(",
        ".otherwise(",
        "upper(",
        "round(",
        "DATE '2024-01-01'",
        "INTERVAL '1 day'",
        "date_trunc(",
        "coalesce(",
        "list_get(",
        "if(",
        "\\",
        "'",
        '"',
        " ",
    ]
)


def only_problems(text: str) -> None:
    for schema in (COLUMNS, Schema(), Schema(dynamic=True)):
        checked = check(text, schema, {"x": DataType("int64")})
        assert checked.tree is None or isinstance(checked.tree, Node)
        assert (checked.tree is None) == bool(checked.problems)
        for problem in checked.problems:
            assert problem.position is not None
            assert 0 <= problem.position[0] <= problem.position[1] <= len(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
@example("")
@example("(" * 9_000)
@example("-" * 9_999)
@example("NOT " * 2_000)
@example("1" * 9_000)
@example("n" + "+n" * 4_000)
@example("n" + " AND n > 1" * 900)
@example("col('n')" + ".abs()" * 1_500)
@example("CASE WHEN " * 900)
@example("if(n > 1, " * 90 + "1" + ", 2)" * 90)
@example("DATE '9999999-01-01'")
@example("INTERVAL '99999999999999999999 weeks'")
@example("CAST(n AS list(" + "list(" * 50)
@example("{{" * 100)
def test_t35_whatever_is_typed_the_check_answers_problems_and_raises_nothing(text: str) -> None:
    only_problems(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_t35_whatever_is_put_together_of_the_language_the_check_raises_nothing(text: str) -> None:
    only_problems(text)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.one_of(PIECES, st.sampled_from([".filter(", ".select(", ".agg(", ".group_by('n')", ".rename({'n': 'x'})"])),
        max_size=10,
    )
)
def test_t35_custom_code_answers_problems_and_raises_nothing(pieces: list[str]) -> None:
    assert set(custom_problems("df" + "".join(pieces))) <= CODES
