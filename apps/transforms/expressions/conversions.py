"""Implicit conversions: constants take the type of what stands beside them, others are converted in the tree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from apps.nodes.columns import FLOAT64, INT64, STRING, DataType
from apps.transforms.expressions.tree import Convert, Node, Value
from apps.transforms.expressions.type_rules import MAX_DIGITS, common_type, int_range


def convert(node: Node, target: DataType) -> Node:
    """The node as a value of `target`, which can hold it: a constant changes itself, else there is a Convert."""
    if node.type == target:
        return node
    if isinstance(node, Value):
        changed = _constant(node, target)
        if changed is not None:
            return changed
    return Convert(target, node.nullable, node.start, node.end, node, True, implicit=True)


def meet(left: Node, right: Node) -> tuple[Node, Node, DataType] | None:
    """Both as values of one type in which they can be compared, or None where there is none.

    A constant gives way: a whole number to a narrower column that holds it, a number with a point to a
    decimal, ISO 8601 text to a date.
    """
    assert left.type is not None
    assert right.type is not None
    for one, other, swapped in ((left, right, False), (right, left, True)):
        if isinstance(one, Value) and other.type is not None:
            adapted = adapt(one, other.type)
            if adapted is not None:
                pair = (other, adapted) if swapped else (adapted, other)
                return _converted(*pair)
    return _converted(left, right)


def _converted(left: Node, right: Node) -> tuple[Node, Node, DataType] | None:
    assert left.type is not None
    assert right.type is not None
    target = common_type(left.type, right.type)
    if target is None:
        return None
    return convert(left, target), convert(right, target), target


def adapt(value: Value, beside: DataType) -> Value | None:
    """A constant in a type that suits its neighbour better than its own, or None where its own is best."""
    if value.value is None:
        return None
    if value.type == INT64 and beside.is_integer:
        low, high = int_range(beside)
        return replace(value, type=beside) if low <= value.value <= high else None
    if isinstance(value.value, Decimal) and value.type == FLOAT64 and (beside.name == "decimal" or beside.is_integer):
        return exact(value) if beside.name == "decimal" else None
    if value.type == STRING and beside.is_temporal and isinstance(value.value, str):
        return _moment(value, beside)
    return None


def exact(value: Value) -> Value | None:
    """A number with a point as a decimal of just its digits."""
    sign, digits, exponent = Decimal(value.value).as_tuple()
    if not isinstance(exponent, int) or sign not in (0, 1):
        return None
    scale = max(0, -exponent)
    precision = max(len(digits), scale, 1)
    if precision > MAX_DIGITS:
        return None
    return replace(value, type=DataType("decimal", precision=precision, scale=scale))


def _moment(value: Value, beside: DataType) -> Value | None:
    try:
        parsed: Any
        match beside.name:
            case "date" if len(value.value) == 10:
                parsed = date.fromisoformat(value.value)
            case "date" | "datetime":
                parsed = datetime.fromisoformat(value.value)
            case "time":
                parsed = time.fromisoformat(value.value)
            case _:
                return None
    except ValueError:
        return None
    if isinstance(parsed, datetime):
        if (parsed.tzinfo is None) != (beside.zone is None):
            return None
        return replace(value, type=DataType("datetime", zone=beside.zone), value=parsed)
    return replace(value, type=DataType(beside.name), value=parsed)


def _constant(node: Value, target: DataType) -> Value | None:
    if node.value is None:
        return replace(node, type=target)
    number = node.value
    if isinstance(number, bool):
        return None
    if target.is_float and isinstance(number, int | Decimal | float):
        return replace(node, type=target)
    if target.name == "decimal" and isinstance(number, int):
        return replace(node, type=target, value=Decimal(number))
    if target.name == "decimal" and isinstance(number, Decimal) and node.type is not None:
        if node.type.name == "decimal" and (node.type.scale or 0) <= (target.scale or 0):
            return replace(node, type=target)
        return None
    if target.is_integer and isinstance(number, int):
        low, high = int_range(target)
        return replace(node, type=target) if low <= number <= high else None
    if target.name == "datetime" and isinstance(number, date) and not isinstance(number, datetime):
        return replace(node, type=target, value=datetime(number.year, number.month, number.day))  # noqa: DTZ001
    return None
