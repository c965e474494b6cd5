"""Functions of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Final

from apps.nodes.columns import BOOLEAN, FLOAT64, INT64, DataType
from apps.transforms.expressions.functions.base import Function, Parameter, Result, X, all_meet, first, whole
from apps.transforms.expressions.type_rules import arithmetic_type


def _modulo(arguments: Sequence[DataType]) -> DataType:
    return arithmetic_type("%", arguments[0], arguments[1]) or FLOAT64


def _floor_division(arguments: Sequence[DataType]) -> DataType:
    return arithmetic_type("//", arguments[0], arguments[1]) or FLOAT64


def _one(
    name: str,
    documentation: str,
    example: tuple[str, object],
    *,
    result: Result = FLOAT64,
    aliases: tuple[str, ...] = (),
) -> Function:
    return Function(name, "numbers", (X,), result, documentation, (example,), aliases=aliases, methods=(name, *aliases))


FUNCTIONS: Final = (
    _one("abs", "The distance from zero.", ("abs(-3)", 3), result=whole),
    _one("ceil", "The next whole number upwards.", ("ceil(1.2)", 2.0), result=first, aliases=("ceiling",)),
    _one("floor", "The next whole number downwards.", ("floor(-1.2)", -2.0), result=first),
    _one("trunc", "The number without its fraction.", ("trunc(-1.7)", -1.0), result=first, aliases=("truncate",)),
    _one("sign", "-1, 0 or 1 by the sign of the number; NaN stays NaN.", ("sign(-2.5)", -1.0), result=first),
    Function(
        "round", "numbers", (X, Parameter("digits", "integer", 0, constant=True)), first,
        "Rounds to so many digits behind the point, halves away from zero. Whole numbers stay as they are.",
        (("round(2.5)", 3.0), ("round(-1.25, 1)", -1.3)), methods=("round",), keywords={"decimals": "digits"},
    ),
    _one("sqrt", "The square root; of a negative number NaN.", ("sqrt(9)", 3.0)),
    _one("cbrt", "The cube root.", ("cbrt(27)", 3.0)),
    _one("exp", "e to the power of x.", ("exp(0)", 1.0)),
    _one("ln", "The natural logarithm; of zero -Infinity, of a negative number NaN.", ("ln(1)", 0.0)),
    _one("log10", "The logarithm to base 10.", ("log10(1000)", 3.0)),
    _one("log2", "The logarithm to base 2.", ("log2(8)", 3.0)),
    Function(
        "log", "numbers", (X, Parameter("base", "number", 10.0)), FLOAT64,
        "The logarithm to a base, 10 unless given.", (("log(100)", 2.0), ("log(8, 2)", 3.0)), methods=("log",),
    ),
    Function(
        "power", "numbers", (X, Parameter("exponent", "number")), FLOAT64,
        "x to a power, as float64. `x ** 2` of the Polars spelling keeps whole numbers whole.",
        (("power(2, 10)", 1024.0),), aliases=("pow",), methods=("pow",),
    ),
    Function(
        "mod", "numbers", (X, Parameter("divisor", "number")), _modulo,
        "The remainder, with the sign of the divisor, as `%`; null for a divisor of zero.",
        (("mod(-7, 3)", 2), ("mod(7, 0)", None)), methods=("mod",), nulls="maybe",
    ),
    Function(
        "div", "numbers", (X, Parameter("divisor", "number")), _floor_division,
        "The quotient rounded downwards, as `//`; null for a divisor of zero.",
        (("div(-7, 2)", -4), ("div(1, 0)", None)), methods=("floordiv",), nulls="maybe",
    ),
    Function(
        "greatest", "numbers", (Parameter("values", "same"),), all_meet,
        "The greatest of the values, nulls left out; NaN is above every number.",
        (("greatest(1, 3, NULL)", 3),), aliases=("max_horizontal",), variadic=True, nulls="absorb",
    ),
    Function(
        "least", "numbers", (Parameter("values", "same"),), all_meet,
        "The least of the values, nulls left out; NaN is above every number.",
        (("least(1, 3, NULL)", 1),), aliases=("min_horizontal",), variadic=True, nulls="absorb",
    ),
    Function(
        "clip", "numbers",
        (Parameter("x", "same"), Parameter("low", "same"), Parameter("high", "same")), all_meet,
        "The value, or the bound that it is beyond.", (("clip(12, 0, 10)", 10),), methods=("clip",),
        keywords={"lower_bound": "low", "upper_bound": "high"},
    ),
    _one("sin", "The sine of an angle in radians.", ("sin(0)", 0.0)),
    _one("cos", "The cosine of an angle in radians.", ("cos(0)", 1.0)),
    _one("tan", "The tangent of an angle in radians.", ("tan(0)", 0.0)),
    _one("asin", "The angle whose sine this is.", ("asin(0)", 0.0), aliases=("arcsin",)),
    _one("acos", "The angle whose cosine this is.", ("acos(1)", 0.0), aliases=("arccos",)),
    _one("atan", "The angle whose tangent this is.", ("atan(0)", 0.0), aliases=("arctan",)),
    Function(
        "atan2", "numbers", (Parameter("y", "number"), X), FLOAT64,
        "The angle of the point (x, y), in radians.", (("atan2(0, 1)", 0.0),), aliases=("arctan2",),
    ),
    _one("radians", "Degrees as radians.", ("radians(180)", pi)),
    _one("degrees", "Radians as degrees.", ("degrees(0)", 0.0)),
    Function("pi", "numbers", (), FLOAT64, "The number pi.", (("pi()", pi),), nulls="never"),
    _one("is_nan", "Whether the number is NaN.", ("is_nan(1.5)", False), result=BOOLEAN, aliases=("isnan",)),
    _one(
        "is_finite", "Whether the number is neither NaN nor infinite.", ("is_finite(1.5)", True),
        result=BOOLEAN, aliases=("isfinite",),
    ),
    _one(
        "is_infinite", "Whether the number is an infinity.", ("is_infinite(1.5)", False),
        result=BOOLEAN, aliases=("isinf",),
    ),
    Function(
        "bit_count", "numbers", (Parameter("x", "integer"),), INT64, "How many bits are set.",
        (("bit_count(7)", 3),), methods=("bitwise_count_ones",),
    ),
)  # fmt: skip
