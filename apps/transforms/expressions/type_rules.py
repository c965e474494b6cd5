"""Which types meet, and what comes of them."""

from __future__ import annotations

from typing import Final

from apps.nodes.columns import DATE, DATETIME, DURATION, FLOAT64, INT64, NULL, STRING, TIME, DataType

FLOAT32: Final = DataType("float32")
DECIMAL: Final = DataType("decimal", precision=38, scale=0)
_WIDTHS: Final = (8, 16, 32, 64)
MAX_DIGITS: Final = 38


def decimal(scale: int) -> DataType:
    """The decimal of most digits with that many behind the point."""
    return DataType("decimal", precision=MAX_DIGITS, scale=scale)


def width(integer: DataType) -> int:
    return int(integer.name.removeprefix("u").removeprefix("int"))


def int_range(integer: DataType) -> tuple[int, int]:
    """The least and the greatest value of an integer type."""
    bits = width(integer)
    return (0, 2**bits - 1) if integer.name.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def common_type(left: DataType, right: DataType) -> DataType | None:
    """The type in which values of both can be held and compared, or None where there is none.

    Whole numbers meet in the narrowest that holds both (a signed one and uint64 in a decimal), with a
    float in float64, decimals with the larger scale; a date meets a time stamp as its midnight.
    """
    if right in (left, NULL):
        return left
    if left == NULL:
        return right
    if left.is_numeric and right.is_numeric:
        return _common_number(left, right)
    if left.is_text and right.is_text:
        return STRING
    if {left, right} == {DATE, DATETIME}:
        return DATETIME
    if left.name == right.name == "datetime" and left.zone and right.zone:
        return DataType("datetime", zone="UTC")
    if left.name == right.name == "list" and left.inner and right.inner:
        inner = common_type(left.inner, right.inner)
        return None if inner is None else DataType("list", inner=inner)
    return None


def _common_number(left: DataType, right: DataType) -> DataType:
    if left.is_float or right.is_float:
        return FLOAT32 if left == right == FLOAT32 else FLOAT64
    if left.name == "decimal" or right.name == "decimal":
        return _common_decimal(_as_decimal(left), _as_decimal(right))
    (low_left, high_left), (low_right, high_right) = int_range(left), int_range(right)
    low, high = min(low_left, low_right), max(high_left, high_right)
    prefix = "uint" if low == 0 else "int"
    for bits in _WIDTHS:
        least, greatest = int_range(DataType(f"{prefix}{bits}"))
        if least <= low and high <= greatest:
            return DataType(f"{prefix}{bits}")
    return DECIMAL


def _as_decimal(number: DataType) -> DataType:
    if number.name == "decimal":
        return number
    return DataType("decimal", precision=len(str(int_range(number)[1])), scale=0)


def _common_decimal(left: DataType, right: DataType) -> DataType:
    scale = max(left.scale or 0, right.scale or 0)
    whole = max((each.precision or MAX_DIGITS) - (each.scale or 0) for each in (left, right))
    return DataType("decimal", precision=min(MAX_DIGITS, whole + scale), scale=scale)


def arithmetic_type(operator: str, left: DataType, right: DataType) -> DataType | None:
    """The type of `left operator right` for `+ - * / // %`, or None where it has no meaning."""
    if NULL in (left, right):
        other = right if left == NULL else left
        left = right = other if other != NULL else INT64
    if left.is_numeric and right.is_numeric:
        return _arithmetic_number(operator, left, right)
    if operator in ("+", "-"):
        return _date_arithmetic(operator, left, right)
    if DURATION in (left, right):
        other = right if left == DURATION else left
        if operator == "*" and other.is_integer:
            return DURATION
        if operator == "/" and left == DURATION and right == DURATION:
            return FLOAT64
        if operator == "//" and left == DURATION and right.is_integer:
            return DURATION
    return None


def _arithmetic_number(operator: str, left: DataType, right: DataType) -> DataType | None:
    if left.is_float or right.is_float:
        return FLOAT32 if left == right == FLOAT32 else FLOAT64
    if operator == "/":
        return FLOAT64
    if "decimal" in (left.name, right.name):
        scale = max(left.scale or 0, right.scale or 0)
        match operator:
            case "*":
                total = (left.scale or 0) + (right.scale or 0)
                return decimal(total) if total <= MAX_DIGITS else None
            case "//":
                return DECIMAL
            case _:
                return decimal(scale)
    return INT64


def _date_arithmetic(operator: str, left: DataType, right: DataType) -> DataType | None:
    if right == DURATION:
        if left in (DURATION, DATETIME, TIME) or left.name == "datetime":
            return left if left != TIME else None
        return DATETIME if left == DATE else None
    if operator == "+":
        return _date_arithmetic("+", right, left) if left == DURATION else None
    if left == right == TIME:
        return DURATION
    meeting = common_type(left, right)
    return DURATION if meeting is not None and meeting.name in ("date", "datetime") else None


def is_comparable(kind: DataType) -> bool:
    """Whether values of the type have an order: all but lists and JSON documents do."""
    return kind.name != "list"


def can_cast(source: DataType, target: DataType) -> bool:
    """Whether a cast from one type to the other has any meaning; single values may still fail."""
    if source in (target, NULL):
        return True
    pair = (_family(source), _family(target))
    if pair == ("list", "list"):
        assert source.inner is not None
        assert target.inner is not None
        return can_cast(source.inner, target.inner)
    return pair in _CASTS


def _family(kind: DataType) -> str:
    if kind.is_numeric:
        return "number"
    return "text" if kind.is_text else kind.name


_CASTS: Final = {
    ("number", "number"), ("number", "text"), ("number", "boolean"),
    ("text", "text"), ("text", "number"), ("text", "boolean"), ("text", "date"), ("text", "time"),
    ("text", "datetime"), ("text", "binary"), ("text", "duration"),
    ("boolean", "number"), ("boolean", "text"),
    ("date", "text"), ("date", "datetime"),
    ("time", "text"),
    ("datetime", "text"), ("datetime", "date"), ("datetime", "time"), ("datetime", "datetime"),
    ("duration", "text"), ("duration", "duration"),
    ("binary", "text"),
}  # fmt: skip
