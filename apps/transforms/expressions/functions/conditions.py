"""Functions that decide."""

from __future__ import annotations

from typing import Final

from apps.nodes.columns import BOOLEAN
from apps.transforms.expressions.functions.base import Function, Parameter, all_meet, first

_ANY: Final = Parameter("x", "any")

FUNCTIONS: Final = (
    Function(
        "is_null", "conditions", (_ANY,), BOOLEAN, "Whether there is no value.",
        (("is_null(NULL)", True),), aliases=("isnull",), methods=("is_null",), nulls="never",
    ),
    Function(
        "is_not_null", "conditions", (_ANY,), BOOLEAN, "Whether there is a value.",
        (("is_not_null(1)", True),), methods=("is_not_null",), nulls="never",
    ),
    Function(
        "coalesce", "conditions", (Parameter("values", "same"),), all_meet, "The first value that is not null.",
        (("coalesce(NULL, 2, 3)", 2),), aliases=("ifnull", "nvl"), methods=("fill_null",), variadic=True,
        nulls="absorb",
    ),
    Function(
        "nullif", "conditions", (Parameter("x", "same"), Parameter("y", "same")), first,
        "Null where both are equal, else the first.", (("nullif(3, 3)", None),), nulls="maybe",
    ),
    Function(
        "if", "conditions",
        (Parameter("condition", "boolean"), Parameter("then", "any"), Parameter("otherwise", "any", None)),
        lambda kinds: all_meet(kinds[1:]),
        "One value where the condition is true, else (also where it is null) the other.",
        (("if(2 > 1, 'yes', 'no')", "yes"),), aliases=("iff", "iif"), nulls="maybe",
    ),
    Function(
        "fill_nan", "conditions", (Parameter("x", "same"), Parameter("value", "same")), all_meet,
        "Another number in place of NaN.", (("fill_nan(1.5, 0.0)", 1.5),), methods=("fill_nan",), nulls="maybe",
    ),
)  # fmt: skip
