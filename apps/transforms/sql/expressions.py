"""Typed expressions as SQL. The rules are those of the contract, which Polars' lowering keeps as well:
integers answer bigint or fail, dividing by zero is null, text compares by code point, NaN equals NaN.

PostgreSQL fails where a float grows beyond its range, which for Polars is an infinity: that is for Polars to
decide, who runs the chain after any failure here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import Any, Final

from apps.nodes.columns import BOOLEAN, DATE, DataType
from apps.transforms.expressions.lower_polars import bounds, exact_bounds
from apps.transforms.expressions.tree import Apply, Choice, ColumnRef, Convert, Node, ParameterRef, Value, walk
from apps.transforms.expressions.type_rules import int_range
from apps.transforms.expressions.values import type_of
from apps.transforms.sql.relation import Relation
from apps.transforms.sql.text import NotInSql, constant, sql_type

_COMPARISONS: Final = {
    "=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
    "distinct": "IS DISTINCT FROM", "not_distinct": "IS NOT DISTINCT FROM",
}  # fmt: skip
_EXACT_DIGITS: Final = 38


@dataclass(frozen=True, slots=True)
class SqlLowering:
    """Expressions over the columns of one relation, called `t`. Raises NotInSql."""

    relation: Relation
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def typed(self, node: Node) -> str:
        """The expression, sure to have the SQL type of its own type."""
        return f"({self.expression(node)})::{sql_type(known(node))}"

    def expression(self, node: Node) -> str:
        match node:
            case Value():
                return constant(node.value, known(node))
            case ColumnRef():
                if self.relation.column(node.name).type != node.type:
                    raise NotInSql(f"the column {node.name!r} is not {node.type}")
                sql_type(known(node))
                return self.relation.read(node.name)
            case ParameterRef():
                value = self.parameters.get(node.name)
                return constant(value, node.type or type_of(value))
            case Convert():
                return self._convert(node)
            case Choice():
                branches = " ".join(
                    f"WHEN {self.expression(condition)} THEN {self.expression(value)}"
                    for condition, value in node.branches
                )
                return f"(CASE {branches} ELSE {self.expression(node.otherwise)} END)"
            case Apply():
                return self._apply(node)
        raise NotInSql(f"{type(node).__name__} in an expression")

    def constant(self, node: Node) -> Any:
        """The Python value of an argument that is written out or a parameter."""
        if isinstance(node, ParameterRef):
            return self.parameters.get(node.name)
        if isinstance(node, Value):
            return node.value
        if isinstance(node, Convert):
            return self.constant(node.operand)
        raise NotInSql("an argument that is computed")

    def _convert(self, node: Convert) -> str:
        source, target = known(node.operand), known(node)
        value = self.expression(node.operand)
        if source == target or (source.is_text and target.is_text) or _same_moment(source, target):
            return value
        if not node.strict:
            raise NotInSql("a cast that answers null")
        if source.name == "decimal" or (source.is_integer and target.name == "decimal"):
            if target.name == "decimal" and (source.is_integer or _grows(source, target)):
                return self._decimal(value, target)
        elif source.is_integer and target == BOOLEAN:
            return f"({value} <> 0)"
        elif source.is_float and _signed(target):
            return f"trunc(({value})::double precision)::{sql_type(target)}"
        elif source == BOOLEAN and _signed(target):
            return f"({value})::integer::{sql_type(target)}"
        elif _is_native(source, target):
            return f"({value})::{sql_type(target)}"
        raise NotInSql(f"a cast of {source} to {target}")

    @staticmethod
    def _decimal(value: str, target: DataType) -> str:
        """A number as decimal of just these digits; what does not fit fails."""
        return f"({value})::numeric({target.precision},{target.scale or 0})"

    def _apply(self, node: Apply) -> str:
        risky = any(map(_may_fail, node.arguments))
        if risky and (node.function in _HASTY or any(map(_folds, node.arguments))):
            raise NotInSql(f"{node.function} over what may fail: SQL does not look at all of it")
        operands = [self.expression(argument) for argument in node.arguments]
        match node.function:
            case "and" | "or":
                return "(" + f" {node.function.upper()} ".join(operands) + ")"
            case "xor":
                return reduce(lambda left, right: f"({left} <> {right})", operands)
            case "not":
                return f"(NOT {operands[0]})"
            case "+" | "-" | "*" | "/" | "//" | "%":
                return self._arithmetic(node, operands[0], operands[1])
            case "negate":
                return self._negate(node, operands[0])
            case "in":
                return self._in(node, operands)
            case "like":
                return self._like(node, operands[0])
            case "||":
                return "(" + " || ".join(operands) + ")"
            case function if function in _COMPARISONS:
                kinds = {argument.type for argument in node.arguments}
                if len(kinds) > 1 and not all(kind is not None and kind.is_text for kind in kinds):
                    raise NotInSql("a comparison of two types")
                return f"({operands[0]} {_COMPARISONS[function]} {operands[1]})"
        from apps.transforms.sql.functions import LOWERINGS

        lower = LOWERINGS.get(node.function)
        if lower is None:
            raise NotInSql(f"the function {node.function}")
        return lower(self, node, operands)

    def _arithmetic(self, node: Apply, left: str, right: str) -> str:
        kind = known(node)
        if kind.is_integer:
            if not all(known(each).is_integer and _signed(known(each)) for each in node.arguments):
                raise NotInSql("arithmetic of unsigned numbers")
            return _whole(node.function, f"({left})::bigint", f"({right})::bigint")
        if kind.is_float and all(known(each) == kind for each in node.arguments):
            if node.function in ("+", "-", "*"):
                return f"({left} {node.function} {right})"
            if node.function == "/":
                return self._divided(node, left, right)
            raise NotInSql(f"{node.function} of floats")
        if kind.name == "decimal" and node.function in ("+", "-"):
            if any(known(each).name != "decimal" for each in node.arguments):
                raise NotInSql("arithmetic of mixed numbers")
            return self._decimal(f"{left} {node.function} {right}", kind)
        if kind.name == "decimal" and node.function == "*" and _product_fits(node):
            return f"({left} * {right})"
        raise NotInSql(f"{node.function} of {', '.join(str(each.type) for each in node.arguments)}")

    def _divided(self, node: Apply, left: str, right: str) -> str:
        """Floats by floats. Polars divides by a constant by multiplying with its inverse, which may differ in the
        last bit: so does this."""
        if _has_columns(node.arguments[1]):
            if any(
                isinstance(each, Choice) or (isinstance(each, Apply) and each.function not in _PLAIN)
                for each in walk(node.arguments[1])
            ):
                raise NotInSql("a divisor that may come to be a constant")
            return f"({left} / NULLIF({right}, 0))"
        if not _has_columns(node.arguments[0]):
            raise NotInSql("a division of constants")
        divisor = self.constant(node.arguments[1])
        if not isinstance(divisor, int | float | Decimal) or not math.isfinite(divisor) or not divisor:
            raise NotInSql(f"a division by {divisor}")
        return f"({left} * (1::{sql_type(known(node))} / {right}))"

    def _negate(self, node: Apply, operand: str) -> str:
        kind = known(node)
        if kind.is_integer and _signed(known(node.arguments[0])):
            return f"(- ({operand})::bigint)"
        if kind.is_float or kind.name == "decimal":
            return f"(- {operand})"
        raise NotInSql(f"the negative of {kind}")

    def _in(self, node: Apply, operands: Sequence[str]) -> str:
        if len(operands) == 1:
            return "false"
        for item in node.arguments[1:]:
            if item.type != node.arguments[0].type or self.constant(item) is None:
                raise NotInSql("IN with nulls or several types")
        return f"({operands[0]} IN ({', '.join(operands[1:])}))"

    def _like(self, node: Apply, subject: str) -> str:
        pattern = self.constant(node.arguments[1])
        if not isinstance(pattern, str):
            raise NotInSql("LIKE without a pattern")
        # A backslash is a character like any other.
        return f"({subject} LIKE {constant(pattern, DataType('string'))} ESCAPE '')"


def known(node: Node) -> DataType:
    if node.type is None:
        raise NotInSql("a type that only the data knows")
    return node.type


def _signed(kind: DataType) -> bool:
    return kind.name in ("int16", "int32", "int64")


def _same_moment(source: DataType, target: DataType) -> bool:
    return source.name == target.name == "datetime" and bool(source.zone) and bool(target.zone)


def _is_native(source: DataType, target: DataType) -> bool:
    """Whether PostgreSQL's own cast has the right meaning."""
    if _signed(source):
        return _signed(target) or target.name in ("float64", "string")
    if source == DATE:
        return target.name == "datetime" and target.zone is None
    if source.name == "datetime":
        return source.zone in (None, "UTC") and target == DATE
    return (source.name, target.name) in (("float32", "float64"), ("boolean", "string"))


def _grows(source: DataType, target: DataType) -> bool:
    """Whether every decimal of one type fits the other as it is."""
    source_scale, target_scale = source.scale or 0, target.scale or 0
    return (
        target_scale >= source_scale
        and (target.precision or _EXACT_DIGITS) - target_scale >= (source.precision or _EXACT_DIGITS) - source_scale
    )


def _product_fits(node: Apply) -> bool:
    """Whether no product of two such numbers, nor a step on its way, has more digits than a decimal."""
    digits = 0
    for each in node.arguments:
        kind = known(each)
        if kind.is_integer:
            digits += len(str(int_range(kind)[1]))
        elif kind.name == "decimal":
            digits += kind.precision or _EXACT_DIGITS
        else:
            return False
        # Each operand is first written with the digits of the product behind its point.
        digits += (known(node).scale or 0) - (kind.scale or 0)
    return digits <= _EXACT_DIGITS


_PLAIN: Final = frozenset({"+", "-", "*", "negate", "abs", "length", "octet_length"})


def _has_columns(node: Node) -> bool:
    return any(isinstance(each, ColumnRef) for each in walk(node))


_HASTY: Final = frozenset({"and", "or", "in", "coalesce", "clip"})
_INT64: Final = int_range(DataType("int64"))


def _may_fail(node: Node) -> bool:
    """Whether Polars may fail on some value of this."""
    return any(_fails(each) for each in walk(node))


def _folds(node: Node) -> bool:
    """Whether a part of this may come to null before any row is looked at: then the rest is not looked at."""
    for each in walk(node):
        if isinstance(each, Apply | Choice) and not _has_columns(each):
            return True
        if isinstance(each, Choice) and not all(_has_columns(condition) for condition, _ in each.branches):
            return True
        if isinstance(each, Apply) and each.function in ("/", "//", "%"):
            divisor = each.arguments[1]
            if not _has_columns(divisor) and not (isinstance(divisor, Value) and divisor.value):
                return True
        if isinstance(each, ParameterRef) or (isinstance(each, Value) and each.value is None):
            return True
    return False


def _fails(node: Node) -> bool:
    if isinstance(node, Convert):
        source, target = known(node.operand), known(node)
        if node.implicit or source == target or target.is_text or target.name in ("float64", "boolean", "datetime"):
            return False
        if _signed(source) and _signed(target):
            (low, high), (least, greatest) = bounds(node.operand), int_range(target)
            return low < least or high > greatest
        return source != BOOLEAN and target != DATE
    if not isinstance(node, Apply):
        return False
    kind = known(node)
    if kind.is_integer and node.function in ("+", "-", "*", "//", "%"):
        low, high = exact_bounds(node)
        return low < _INT64[0] or high > _INT64[1]
    if kind.is_integer and node.function in ("negate", "abs"):
        return bounds(node.arguments[0])[0] <= _INT64[0]
    return kind.name == "decimal" and node.function in ("+", "-", "*")


def _whole(operator: str, left: str, right: str) -> str:
    match operator:
        case "+" | "-" | "*":
            return f"({left} {operator} {right})"
        case "/":
            return f"(({left})::double precision / NULLIF(({right})::double precision, 0))"
    divisor = f"NULLIF({right}, 0)"
    opposite = f"({left} % {divisor}) <> 0 AND (({left} < 0) <> ({right} < 0))"
    if operator == "//":  # PostgreSQL cuts towards zero
        return f"({left} / {divisor} - (CASE WHEN {opposite} THEN 1 ELSE 0 END))"
    return f"({left} % {divisor} + (CASE WHEN {opposite} THEN {right} ELSE 0 END))"


Lower = Callable[[SqlLowering, Apply, Sequence[str]], str]
