"""Operators, in signs, words and methods: what they take and what they answer."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from apps.nodes.columns import BOOLEAN, NULL, STRING, DataType
from apps.nodes.problems import Problem
from apps.transforms.expressions import syntax
from apps.transforms.expressions.conversions import adapt, convert, exact, meet
from apps.transforms.expressions.tree import Apply, Convert, Node, ParameterRef, Value
from apps.transforms.expressions.type_rules import arithmetic_type, common_type, decimal, is_comparable

METHOD_OPERATORS: Final = {
    "is_in": "in", "is_between": "between", "not_": "not", "and_": "and", "or_": "or", "xor": "xor", "eq": "=",
    "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "add": "+", "sub": "-", "mul": "*", "truediv": "/",
    "floordiv": "//", "mod": "%", "neg": "negate", "eq_missing": "not_distinct", "ne_missing": "distinct",
}  # fmt: skip
_BINARY: Final = frozenset(
    ["+", "-", "*", "/", "//", "%", "**", "=", "<>", "<", "<=", ">", ">=", "distinct", "not_distinct", "like", "ilike"]
)
_MAX_INTEGER_EXPONENT: Final = 64


class OperatorChecker(abc.ABC):
    """The part of the checker that knows operators, in signs, words and methods."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @abc.abstractmethod
    def node(self, written: syntax.Syntax) -> Node: ...

    @abc.abstractmethod
    def boolean(self, written: syntax.Syntax) -> Node: ...

    def problem(self, code: str, message: str, start: int, end: int) -> Node:
        """Note a problem; answers a stand-in of unknown type, so that the rest can be checked."""
        self.problems.append(Problem(code, message, position=(start, end)))
        return Value(None, True, start, end, None)

    def _method_operator(self, written: syntax.Call, operator: str) -> Node:
        arguments = written.arguments
        closed = "both"
        for name, value in written.named:
            if operator == "between" and name == "closed" and isinstance(value, syntax.Literal):
                closed = str(value.value)
            else:
                return self._mismatch(written, f".{written.function} takes no argument {name[:60]!r}")
        if operator == "in" and len(arguments) == 2:
            items = arguments[1]
            if isinstance(items, syntax.Call) and items.function == "list" and items.kind == "operator":
                arguments = (arguments[0], *items.arguments)
            else:
                return self._mismatch(written, ".is_in takes a list of values: .is_in([1, 2])")
        wanted = {"between": 3, "not": 1, "negate": 1}.get(operator, 2)
        if (operator != "in" and len(arguments) != wanted) or not arguments:
            return self._mismatch(written, f".{written.function} takes {wanted - 1} arguments")
        if operator == "between" and closed != "both":
            return self._half_open(written, arguments, closed)
        return self._operator(replace(written, arguments=arguments, named=()), operator)

    def _half_open(self, written: syntax.Call, parts: Sequence[syntax.Syntax], closed: str) -> Node:
        if closed not in ("left", "right", "none"):
            return self._mismatch(written, "closed is 'both', 'left', 'right' or 'none'")
        place = (written.name_start, written.name_end)
        span = (written.start, written.end)
        low = syntax.Call(*span, ">=" if closed == "left" else ">", (parts[0], parts[1]), (), *place)
        high = syntax.Call(*span, "<=" if closed == "right" else "<", (parts[0], parts[2]), (), *place)
        return self._operator(syntax.Call(*span, "and", (low, high), (), *place), "and")

    def _operator(self, written: syntax.Call, operator: str) -> Node:
        parts = written.arguments
        if operator in ("and", "or", "xor", "not"):
            nodes = tuple(self.boolean(part) for part in parts)
            return self._apply(written, operator, nodes, BOOLEAN)
        if operator in _BINARY and len(parts) != 2:
            return self._mismatch(written, f"{operator} stands between two values")
        if operator == "in":
            return self._in(written)
        nodes = tuple(self.node(part) for part in parts)
        match operator:
            case "+" | "-" | "*" | "/" | "//" | "%":
                return self._arithmetic(written, operator, nodes[0], nodes[1])
            case "**":
                return self._power(written, nodes[0], nodes[1])
            case "negate":
                return self._negate(written, nodes[0])
            case "||":
                return self._concatenation(written, nodes)
            case "between":
                return self._between(written, nodes)
            case "like" | "ilike":
                return self._like(written, operator, nodes)
            case "list":
                return self._list(written, nodes)
            case "is_null" | "is_not_null":
                return Apply(BOOLEAN, False, written.start, written.end, operator, nodes)
            case _:
                return self._comparison(written, operator, nodes[0], nodes[1])

    def _comparison(self, written: syntax.Call, operator: str, left: Node, right: Node) -> Node:
        missing = operator in ("distinct", "not_distinct")
        if not missing and (_is_null(left) or _is_null(right)):
            wanted = "is_not_null" if operator == "<>" else "is_null"
            return self.problem(
                "null_comparison",
                f"a comparison with null is never true or false; use {wanted} ({wanted.replace('_', ' ').upper()})",
                written.start,
                written.end,
            )
        if left.type is None or right.type is None:
            return Apply(BOOLEAN, True, written.start, written.end, operator, (left, right))
        met = meet(left, right)
        if met is None or (not is_comparable(met[2]) and operator not in ("=", "<>", "distinct", "not_distinct")):
            return self._no_comparison(written, left, right)
        nullable = not missing and (left.nullable or right.nullable)
        return Apply(BOOLEAN, nullable, written.start, written.end, operator, (met[0], met[1]))

    def _no_comparison(self, written: syntax.Call, left: Node, right: Node) -> Node:
        return self.problem(
            "type_mismatch",
            f"{left.type} and {right.type} cannot be compared; cast one to the type of the other",
            written.start,
            written.end,
        )

    def _in(self, written: syntax.Call) -> Node:
        subject, *items = (self.node(part) for part in written.arguments)
        converted: list[Node] = []
        target = subject.type
        for item in items:
            if _is_null(item):
                return self.problem(
                    "null_comparison", "null is in no list; use is_null (IS NULL) beside it", item.start, item.end
                )
            if subject.type is None or item.type is None:
                target = None
                continue
            met = meet(subject, item)
            if met is None:
                return self._no_comparison(written, subject, item)
            target = None if target is None else common_type(target, met[2])
        for item in items:
            adapted = adapt(item, target) if isinstance(item, Value) and target is not None else None
            converted.append(item if target is None else convert(adapted or item, target))
        first = subject if target is None else convert(subject, target)
        nullable = subject.nullable or any(item.nullable for item in items)
        return Apply(BOOLEAN, nullable, written.start, written.end, "in", (first, *converted))

    def _between(self, written: syntax.Call, nodes: Sequence[Node]) -> Node:
        low = self._comparison(written, ">=", nodes[0], nodes[1])
        high = self._comparison(written, "<=", nodes[0], nodes[2])
        return self._apply(written, "and", (low, high), BOOLEAN)

    def _arithmetic(self, written: syntax.Call, operator: str, left: Node, right: Node) -> Node:
        if left.type is None or right.type is None:
            return self._apply(written, operator, (left, right), None)
        if operator == "+" and STRING in (left.type, right.type) and left.type.is_text and right.type.is_text:
            return self._concatenation(written, (left, right))
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Value) and other.type is not None and other.type.name == "decimal":
                decimal_value = exact(one) if one.type is not None and one.type.is_float else None
                if decimal_value is not None:
                    left, right = (decimal_value, right) if one is left else (left, decimal_value)
        assert left.type is not None
        assert right.type is not None
        result = arithmetic_type(operator, left.type, right.type)
        if result is None:
            return self._no_arithmetic(written, operator, left.type, right.type)
        if (
            result.is_float
            and left.type.is_numeric | (left.type == NULL)
            and right.type.is_numeric | (right.type == NULL)
        ) or (result.name == "decimal" and operator in ("+", "-", "%")):
            left, right = convert(left, result), convert(right, result)
        elif result.name == "decimal" and operator == "//":
            scale = decimal(max(each.type.scale or 0 for each in (left, right) if each.type is not None))
            left, right = convert(left, scale), convert(right, scale)
        elif NULL in (left.type, right.type):
            left, right = convert(left, result), convert(right, result)
        nullable = left.nullable or right.nullable or (operator in ("/", "//", "%") and not _is_nonzero(right))
        return Apply(result, nullable, written.start, written.end, operator, (left, right))

    def _no_arithmetic(self, written: syntax.Call, operator: str, left: DataType, right: DataType) -> Node:
        if left.is_text and right.is_text and operator == "+":
            hint = "; text is joined by ||"
        elif left.name == right.name == "decimal":
            hint = "; the product would have more than 38 digits behind the point: cast to fewer first"
        elif {left.name, right.name} <= {"date", "datetime"} or left.name == "date":
            hint = "; to move a date add an INTERVAL or use date_add"
        else:
            hint = "; cast it to a number first" if left.is_text or right.is_text else ""
        return self.problem(
            "type_mismatch", f"{left} {operator} {right} has no meaning{hint}", written.start, written.end
        )

    def _power(self, written: syntax.Call, base: Node, exponent: Node) -> Node:
        for node in (base, exponent):
            if node.type is not None and not node.type.is_numeric and node.type != NULL:
                return self.problem("type_mismatch", f"expected a number, this is {node.type}", node.start, node.end)
        whole = (
            base.type is not None
            and base.type.is_integer
            and isinstance(exponent, Value)
            and isinstance(exponent.value, int)
            and 0 <= exponent.value <= _MAX_INTEGER_EXPONENT
        )
        if whole:
            return self._apply(written, "**", (base, exponent), DataType("int64"))
        return self._apply(written, "power", (base, exponent), DataType("float64"))

    def _negate(self, written: syntax.Call, operand: Node) -> Node:
        kind = operand.type
        if kind is not None and not kind.is_numeric and kind not in (NULL, DataType("duration")):
            return self.problem("type_mismatch", f"expected a number, this is {kind}", operand.start, operand.end)
        result = DataType("int64") if kind is not None and (kind.is_integer or kind == NULL) else kind
        return self._apply(written, "negate", (operand,), result)

    def _concatenation(self, written: syntax.Call, nodes: Sequence[Node]) -> Node:
        parts: list[Node] = []
        for node in nodes:
            if node.type is not None and node.type.name in ("list", "binary"):
                return self.problem(
                    "type_mismatch", f"{node.type} cannot be joined to text; cast it first", node.start, node.end
                )
            parts.append(as_text(node))
        return self._apply(written, "||", tuple(parts), STRING)

    def _like(self, written: syntax.Call, operator: str, nodes: Sequence[Node]) -> Node:
        subject, pattern = nodes
        if _is_null(pattern):
            return self.problem(
                "null_comparison", "nothing is like null; use is_null (IS NULL)", written.start, written.end
            )
        for node in nodes:
            if node.type is not None and not node.type.is_text and node.type != NULL:
                return self.problem("type_mismatch", f"expected text, this is {node.type}", node.start, node.end)
        if not isinstance(pattern, Value | ParameterRef):
            return self.problem(
                "type_mismatch", "a pattern is written out or a parameter, not computed", pattern.start, pattern.end
            )
        if isinstance(pattern, Value) and pattern.value is not None and len(str(pattern.value)) > 1000:
            return self.problem("too_complex", "a pattern has at most 1,000 characters", pattern.start, pattern.end)
        return self._apply(
            written, operator, (convert(subject, STRING) if _is_null(subject) else subject, pattern), BOOLEAN
        )

    def _list(self, written: syntax.Call, nodes: Sequence[Node]) -> Node:
        inner: DataType | None = NULL
        for node in nodes:
            if node.type is None or inner is None:
                inner = None
                break
            common = common_type(inner, node.type)
            if common is None:
                return self.problem(
                    "type_mismatch", f"a list has elements of one type; {node.type} does not meet {inner}",
                    node.start, node.end,
                )  # fmt: skip
            inner = common
        if inner == NULL:
            inner = STRING
        items = tuple(nodes) if inner is None else tuple(convert(node, inner) for node in nodes)
        kind = None if inner is None else DataType("list", inner=inner)
        return Apply(kind, False, written.start, written.end, "list", items)

    def _mismatch(self, written: syntax.Call, message: str) -> Node:
        return self.problem("type_mismatch", message, written.start, written.end)

    def _apply(self, written: syntax.Call, function: str, nodes: tuple[Node, ...], result: DataType | None) -> Node:
        nullable = any(node.nullable for node in nodes)
        return Apply(result, nullable, written.start, written.end, function, nodes)


def _is_null(node: Node) -> bool:
    return isinstance(node, Value) and node.type == NULL


def _is_nonzero(node: Node) -> bool:
    return isinstance(node, Value) and node.value is not None and node.value != 0


def as_text(node: Node) -> Node:
    if node.type is None or node.type == STRING:
        return node
    if isinstance(node, Value) and node.value is None:
        return replace(node, type=STRING)
    return Convert(STRING, node.nullable, node.start, node.end, node, True, implicit=True)
