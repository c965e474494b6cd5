"""The one lowering of typed expressions to Polars.

What only the data can tell raises when the frame is collected, by one of two means: a strict cast of
Polars itself (from 128-bit integers for `overflow`, from the column's own type for `cast_failed`), or a
strict cast of the text `uzo:<code>` where Polars would answer null. `apps.transforms.failures` reads both.
Inside a CASE only rows that take the branch can fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Final

import polars as pl

from apps.nodes.columns import FLOAT64, INT64, DataType
from apps.transforms.expressions import casts_polars
from apps.transforms.expressions.patterns import like_to_regex
from apps.transforms.expressions.tree import (
    Apply,
    Choice,
    ColumnRef,
    Convert,
    Node,
    ParameterRef,
    Value,
    walk,
)
from apps.transforms.expressions.type_rules import int_range
from apps.transforms.expressions.values import literal, type_of

_INT64: Final = (-(2**63), 2**63 - 1)
_BEYOND: Final = 2**63 + 1
"""Unsigned operands are cut to this before a product, which then still does not fit into int64."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that may fail: `failing` is true on rows where it does, for `value`."""

    code: str
    node: Node
    failing: pl.Expr
    value: pl.Expr


@dataclass(frozen=True, slots=True)
class Lowering:
    """`parameters`: values of `{{ name }}`. `guard`: rows on which an error counts (None: all).
    With `probes` nothing raises: each thing that may fail is noted there instead."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    guard: pl.Expr | None = None
    probes: list[Probe] | None = None

    def expression(self, node: Node) -> pl.Expr:
        match node:
            case Value():
                return literal(node.value, _known(node))
            case ColumnRef():
                return pl.col(node.name)
            case ParameterRef():
                value = self.parameters.get(node.name)
                return literal(value, node.type or type_of(value))
            case Convert():
                return self._convert(node)
            case Choice():
                return self._choice(node)
            case Apply():
                return self._apply(node)
        raise TypeError(f"{node!r} is not part of an expression")

    def constant(self, node: Node) -> Any:
        """The Python value of an argument that is written out or a parameter."""
        if isinstance(node, ParameterRef):
            return self.parameters.get(node.name)
        if isinstance(node, Convert):
            return self.constant(node.operand)
        assert isinstance(node, Value)
        return node.value

    # things that fail ------------------------------------------------------------------------------------

    def fitted(self, value: pl.Expr, target: DataType, code: str, node: Node) -> pl.Expr:
        """Polars' own strict cast; what does not fit fails the node."""
        if self.guard is not None:
            value = pl.when(self.guard).then(value)
        if self.probes is None:
            return value.cast(target.to_polars(), strict=True)
        fitting = value.cast(target.to_polars(), strict=False)
        self.probes.append(Probe(code, node, value.is_not_null() & fitting.is_null(), value))
        return fitting

    def failing_where(self, failing: pl.Expr, value: pl.Expr, result: pl.Expr, code: str, node: Node) -> pl.Expr:
        """The result; where `failing` is true the node fails with `code`."""
        if self.guard is not None:
            failing = failing & self.guard
        if self.probes is not None:
            self.probes.append(Probe(code, node, failing, value))
            return result
        alarm = pl.when(failing).then(pl.lit(f"uzo:{code}")).cast(pl.Int8, strict=True)
        return pl.when(alarm.is_null()).then(result)

    def _convert(self, node: Convert) -> pl.Expr:
        value = self.expression(node.operand)
        source, target = node.operand.type, _known(node)
        if source is None:
            raise TypeError("an expression is lowered once all types are known")
        code = "overflow" if node.implicit else "cast_failed"
        if source.to_polars() == target.to_polars() or not node.strict:
            return casts_polars.lenient(value, source, target)
        if node.implicit and not (target.name == "decimal" and source.name == "decimal"):
            return casts_polars.lenient(value, source, target)
        if casts_polars.is_native(source, target):
            return self.fitted(value, target, code, node)
        result = casts_polars.lenient(value, source, target)
        if source.name == "list":
            before = value.list.eval(pl.element().is_not_null()).list.sum()
            failing = before > result.list.eval(pl.element().is_not_null()).list.sum()
        else:
            failing = value.is_not_null() & result.is_null()
        return self.failing_where(failing, value, result, code, node)

    def _choice(self, node: Choice) -> pl.Expr:
        careful = any(can_fail(value) for _, value in node.branches) or can_fail(node.otherwise)
        chain: Any = pl
        left: pl.Expr | None = self.guard
        for condition, value in node.branches:
            inside = replace(self, guard=left) if careful else self
            test = inside.expression(condition)
            taken = test if left is None else test & left
            chain = chain.when(test).then((replace(self, guard=taken) if careful else self).expression(value))
            if careful:
                missed = ~test.fill_null(False)
                left = missed if left is None else missed & left
        result: pl.Expr = chain.otherwise((replace(self, guard=left) if careful else self).expression(node.otherwise))
        return result

    # operators -------------------------------------------------------------------------------------------

    def _apply(self, node: Apply) -> pl.Expr:
        operands = [self.expression(argument) for argument in node.arguments]
        match node.function:
            case "and":
                return _balanced(operands, lambda left, right: left & right)
            case "or":
                return _balanced(operands, lambda left, right: left | right)
            case "xor":
                return reduce(lambda left, right: left != right, operands)
            case "not":
                return ~operands[0]
            case "+" | "-" | "*" | "/" | "//" | "%":
                return self._arithmetic(node, operands[0], operands[1])
            case "**":
                return self._whole_power(node, operands[0])
            case "negate":
                return self._negate(node, operands[0])
            case "in":
                return self._in(node, operands)
            case "like" | "ilike":
                return self._like(node, operands[0])
            case "||":
                return pl.concat_str(operands)
            case "list":
                return pl.concat_list(operands) if operands else literal([], _known(node))
            case function if function in _COMPARISONS:
                return _COMPARISONS[function](operands[0], operands[1])
        from apps.transforms.expressions.functions_polars import LOWERINGS

        return LOWERINGS[node.function](self, node, operands)

    def _arithmetic(self, node: Apply, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        kind = _known(node)
        if kind.is_integer:
            return self._whole_arithmetic(node, left, right)
        if kind.name == "decimal":
            return self._decimal_arithmetic(node, left, right)
        if kind.is_float and node.function in ("/", "//", "%"):
            if node.arguments[0].type == DataType("duration"):
                left, right = left.dt.total_microseconds(), right.dt.total_microseconds()
            divided = {"/": left / right, "//": left // right, "%": left % right}[node.function]
            return divided if _is_nonzero(node.arguments[1]) else pl.when(right != 0).then(divided)
        if kind.is_temporal:
            return _date_arithmetic(node, left, right)
        return {"+": left + right, "-": left - right, "*": left * right}[node.function]

    def _whole_arithmetic(self, node: Apply, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        low, high = exact_bounds(node)
        plain = (
            _INT64[0] <= low
            and high <= _INT64[1]
            and all(_INT64[0] <= least and greatest <= _INT64[1] for least, greatest in map(bounds, node.arguments))
        )
        if not plain and self.probes is None and node.function in ("+", "-") and _are_signed(node.arguments):
            return self._watched_sum(node, left.cast(pl.Int64), right.cast(pl.Int64))
        wide: pl.DataType = pl.Int64() if plain else pl.Int128()
        if not plain and node.function == "*":
            left, right = (
                value.clip(upper_bound=pl.lit(_BEYOND, dtype=pl.UInt64))
                if argument.type == DataType("uint64")
                else value
                for value, argument in ((left, node.arguments[0]), (right, node.arguments[1]))
            )
        left, right = left.cast(wide), right.cast(wide)
        result = {
            "+": left + right,
            "-": left - right,
            "*": left * right,
            "//": left // right,
            "%": left % right,
        }[node.function]
        return result if plain else self.fitted(result, INT64, "overflow", node)

    def _watched_sum(self, node: Apply, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        """A sum or difference in 64 bits and, beside it, whether it has wrapped: the signs tell (a third of
        the time that 128 bits take). A wrap is -1, which a strict cast to an unsigned type refuses."""
        if node.function == "+":
            result = left + right
            signs = (left ^ result) & (right ^ result)
        else:
            result = left - right
            signs = (left ^ right) & (left ^ result)
        wrapped = signs < 0 if self.guard is None else (signs < 0) & self.guard
        alarm = (-wrapped.cast(pl.Int8)).cast(pl.UInt8, strict=True)
        return result + alarm.cast(pl.Int64)

    def _whole_power(self, node: Apply, base: pl.Expr) -> pl.Expr:
        exponent = self.constant(node.arguments[1])
        square = (
            base.cast(pl.Int64, strict=False)
            if node.arguments[0].type != DataType("uint64")
            else (self.fitted(base, INT64, "overflow", node) if exponent else base.cast(pl.Int64, strict=False))
        )
        result: pl.Expr | None = None
        while exponent:
            if exponent & 1:
                result = square if result is None else self._product(node, result, square)
            exponent >>= 1
            if exponent:
                square = self._product(node, square, square)
        if result is None:
            return pl.when(base.is_not_null()).then(pl.lit(1, dtype=pl.Int64))
        return result

    def _product(self, node: Apply, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return self.fitted(left.cast(pl.Int128) * right.cast(pl.Int128), INT64, "overflow", node)

    def _negate(self, node: Apply, operand: pl.Expr) -> pl.Expr:
        if not _known(node).is_integer:
            return -operand
        low, high = bounds(node.arguments[0])
        if low > _INT64[0] and high <= _INT64[1]:
            return -operand.cast(pl.Int64)
        negated = pl.lit(0, dtype=pl.Int128) - operand.cast(pl.Int128)  # Polars negates no 128-bit integers
        return self.fitted(negated, INT64, "overflow", node)

    def _decimal_arithmetic(self, node: Apply, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        kind = _known(node)
        if self.guard is not None:
            left = pl.when(self.guard).then(left)
        match node.function:
            case "+" | "-":
                return self._bounded(node, left, right, left + right if node.function == "+" else left - right)
            case "*":
                scale = kind.to_polars()
                widened = (self._widened(value, argument, kind, node) for value, argument in
                           ((left, node.arguments[0]), (right, node.arguments[1])))  # fmt: skip
                first, second = widened
                return self._bounded(node, left, right, (first * second).cast(scale))
        quotient = left.to_physical() // right.to_physical()
        whole = quotient.cast(pl.Decimal(38, 0))
        if node.function == "//":
            return whole
        return left - (right * quotient.cast(kind.to_polars(), strict=False))

    def _widened(self, value: pl.Expr, argument: Node, kind: DataType, node: Apply) -> pl.Expr:
        if argument.type == kind:
            return value
        return self.fitted(value, kind, "overflow", node)

    def _bounded(self, node: Apply, left: pl.Expr, right: pl.Expr, result: pl.Expr) -> pl.Expr:
        """Polars raises by itself where a decimal overflows; to find out where, floats are near enough."""
        if self.probes is None:
            return result
        first, second = _float(left), _float(right)
        near = {"+": first + second, "-": first - second, "*": first * second}[node.function]
        limit = 10.0 ** (38 - (_known(node).scale or 0))
        failing = near.abs() >= limit
        self.probes.append(Probe("overflow", node, failing, near))
        return pl.lit(None, dtype=_known(node).to_polars())

    def _in(self, node: Apply, operands: list[pl.Expr]) -> pl.Expr:
        subject, items = operands[0], node.arguments[1:]
        if not items:
            return pl.lit(False)
        kind = node.arguments[0].type
        if (
            len(items) > 2
            and kind is not None
            and kind.name not in ("decimal", "list")
            and all(isinstance(item, Value) for item in items)
        ):
            values = [float(item.value) if kind.is_float else item.value for item in items if isinstance(item, Value)]
            return subject.is_in(pl.Series(values, dtype=kind.to_polars()).implode())
        return _balanced([subject == item for item in operands[1:]], lambda left, right: left | right)

    def _like(self, node: Apply, subject: pl.Expr) -> pl.Expr:
        pattern = self.constant(node.arguments[1])
        if pattern is None:
            return pl.lit(None, dtype=pl.Boolean)
        body = pattern.strip("%")
        if node.function == "like" and body and "%" not in body and "_" not in body:
            starts, ends = not pattern.startswith("%"), not pattern.endswith("%")
            if not starts and not ends:
                return subject.str.contains(body, literal=True)
            if starts != ends:
                return subject.str.starts_with(body) if starts else subject.str.ends_with(body)
        return subject.str.contains(like_to_regex(pattern, ignore_case=node.function == "ilike"))


def to_polars(tree: Node, parameters: Mapping[str, Any] | None = None) -> pl.Expr:
    """The Polars expression of a checked tree, all of whose types are known."""
    return Lowering(parameters or {}).expression(tree)


def bounds(node: Node) -> tuple[int, int]:
    """The least and greatest value that a whole number can have, by its type and what makes it."""
    if isinstance(node, Value) and isinstance(node.value, int):
        return node.value, node.value
    if isinstance(node, Apply) and node.function in ("+", "-", "*", "//", "%") and node.type == INT64:
        low, high = exact_bounds(node)
        return max(low, _INT64[0]), min(high, _INT64[1])
    if isinstance(node, Apply) and node.function == "negate":
        low, high = bounds(node.arguments[0])
        return max(-high, _INT64[0]), min(-low, _INT64[1])
    if isinstance(node, Apply) and node.function == "abs":
        return 0, _INT64[1]
    if node.type is not None and node.type.is_integer:
        return int_range(node.type)
    return _INT64


def exact_bounds(node: Apply) -> tuple[int, int]:
    """The same of an operation on whole numbers, as if there were no limit to them."""
    (low, high), (other_low, other_high) = bounds(node.arguments[0]), bounds(node.arguments[1])
    match node.function:
        case "+":
            return low + other_low, high + other_high
        case "-":
            return low - other_high, high - other_low
        case "*":
            corners = [one * other for one in (low, high) for other in (other_low, other_high)]
            return min(corners), max(corners)
        case "//":
            if other_low <= -1 <= other_high:
                return min(low, -high), max(high, -low)
            return min(low, -1), max(high, 0)
        case _:
            return min(other_low, 0), max(other_high, 0)


def _are_signed(arguments: tuple[Node, ...]) -> bool:
    return all(_INT64[0] <= low and high <= _INT64[1] for low, high in map(bounds, arguments))


def can_fail(node: Node) -> bool:
    """Whether evaluating this may fail a node: an overflow, a strict cast."""
    for each in walk(node):
        if isinstance(each, Convert) and each.strict and not each.implicit:
            return True
        if isinstance(each, Apply) and each.function not in _SAFE:
            return True
    return False


def _balanced(parts: list[pl.Expr], join: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    """Joined as a tree that is as flat as can be, so that a thousand conditions do not nest a thousand deep."""
    while len(parts) > 1:
        pairs = [join(parts[at], parts[at + 1]) for at in range(0, len(parts) - 1, 2)]
        parts = [*pairs, parts[-1]] if len(parts) % 2 else pairs
    return parts[0]


def _date_arithmetic(node: Apply, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    kinds = [argument.type for argument in node.arguments]
    if node.function == "*":
        return left * right.cast(pl.Int64) if kinds[0] == DataType("duration") else right * left.cast(pl.Int64)
    if node.function == "//":
        return (left.dt.total_microseconds() // right).cast(pl.Duration("us"))
    left, right = (
        value.cast(pl.Datetime("us")) if kind == DataType("date") else value
        for value, kind in zip((left, right), kinds, strict=True)
    )
    if node.function == "-" and kinds == [DataType("time")] * 2:
        return (left.cast(pl.Int64) - right.cast(pl.Int64)).cast(pl.Duration("ns")).cast(pl.Duration("us"))
    return left + right if node.function == "+" else left - right


def _known(node: Node) -> DataType:
    if node.type is None:
        raise TypeError("an expression is lowered once all types are known")
    return node.type


def _float(value: pl.Expr) -> pl.Expr:
    return value.cast(FLOAT64.to_polars())


def _is_nonzero(node: Node) -> bool:
    return isinstance(node, Value) and node.value is not None and node.value != 0


_COMPARISONS: Final[Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "distinct": lambda left, right: left.ne_missing(right),
    "not_distinct": lambda left, right: left.eq_missing(right),
}
_SAFE: Final = frozenset(
    [*_COMPARISONS, "and", "or", "xor", "not", "in", "like", "ilike", "||", "list", "is_null", "is_not_null",
     "coalesce", "upper", "lower", "length", "contains", "starts_with", "ends_with", "trim", "/", "year", "month"]
)  # fmt: skip
