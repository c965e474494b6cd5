"""The table of functions holds what it says."""

from __future__ import annotations

import math
from typing import Any

import pytest

from apps.nodes.columns import Schema
from apps.transforms.expressions import FUNCTIONS, check, evaluate
from apps.transforms.expressions.functions import METHODS, NAMES, REFUSED
from apps.transforms.expressions.functions_polars import LOWERINGS

EXAMPLES = [(text, value) for function in FUNCTIONS.values() for text, value in function.examples]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_every_example_has_the_value_that_its_documentation_says(text: str, expected: Any) -> None:
    found = evaluate(text, {})
    if hasattr(found, "to_list"):
        found = found.to_list()
    if isinstance(expected, float):
        assert isinstance(found, float)
        assert math.isclose(found, expected, abs_tol=1e-12)
    else:
        assert found == expected
        assert type(found) is type(expected)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_documented_and_has_an_example_in_which_it_is_called(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.documentation.endswith(".")
    assert any(f"{name}(" in text for text, _ in function.examples)
    assert function.as_json()["signature"].startswith(f"{name}(")


def test_every_function_has_a_lowering_and_every_lowering_a_function() -> None:
    special = {"if", "mod", "div"}  # the checker turns them into CASE, % and //
    assert set(LOWERINGS) == set(FUNCTIONS) - special


def test_no_function_hides_behind_a_refused_name() -> None:
    assert not set(NAMES) & set(REFUSED)
    assert not {name for name in METHODS if "." not in name} & set(REFUSED)


def test_functions_answer_the_type_that_the_check_promised() -> None:
    for text, _ in EXAMPLES:
        assert check(text, Schema()).type is not None, text
