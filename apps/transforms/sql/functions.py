"""What functions of the table are in SQL. One that is missing keeps its chain in Polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from apps.transforms.expressions.tree import Apply
from apps.transforms.sql.expressions import Lower, SqlLowering, known
from apps.transforms.sql.text import NotInSql


def _same_types(node: Apply) -> None:
    if len({argument.type for argument in node.arguments}) != 1:
        raise NotInSql(f"{node.function} of several types")


def _abs(_low: SqlLowering, node: Apply, x: Sequence[str]) -> str:
    kind = known(node.arguments[0])
    return f"abs(({x[0]})::bigint)" if kind.is_integer else f"abs({x[0]})"


def _step(name: str) -> Lower:
    """ceil, floor, trunc: whole numbers stay, floats go to the next whole one. Decimals are left to Polars."""

    def lower(_low: SqlLowering, node: Apply, x: Sequence[str]) -> str:
        kind = known(node.arguments[0])
        if kind.is_integer:
            return x[0]
        if kind.name == "float64":
            return f"{name}({x[0]})"
        raise NotInSql(f"{name} of {kind}")

    return lower


def _meeting(spelled: str) -> Lower:
    def lower(_low: SqlLowering, node: Apply, x: Sequence[str]) -> str:
        _same_types(node)
        return f"{spelled}({', '.join(x)})"

    return lower


def _part(field: str, *, of: frozenset[str]) -> Lower:
    def lower(_low: SqlLowering, node: Apply, x: Sequence[str]) -> str:
        kind = known(node.arguments[0])
        if kind.name not in of or kind.zone not in (None, "UTC"):
            raise NotInSql(f"{field} of {kind}")
        return f"floor(extract({field} FROM {x[0]}))::bigint"

    return lower


def _clip(_low: SqlLowering, node: Apply, x: Sequence[str]) -> str:
    _same_types(node)
    value, low, high = x
    return f"(CASE WHEN {value} < {low} THEN {low} WHEN {value} > {high} THEN {high} ELSE {value} END)"


def _is(test: str) -> Lower:
    def lower(_low: SqlLowering, node: Apply, x: Sequence[str]) -> str:
        if not known(node.arguments[0]).is_float:
            raise NotInSql(f"{node.function} of {node.arguments[0].type}")
        return f"({test.format(x[0])})"

    return lower


_DAYS: Final = frozenset({"date", "datetime"})
_CLOCK: Final = frozenset({"datetime"})

LOWERINGS: Final[Mapping[str, Lower]] = {
    "abs": _abs,
    "ceil": _step("ceil"),
    "floor": _step("floor"),
    "trunc": _step("trunc"),
    "greatest": _meeting("GREATEST"),
    "least": _meeting("LEAST"),
    "clip": _clip,
    "coalesce": _meeting("COALESCE"),
    "nullif": _meeting("NULLIF"),
    "is_null": lambda _low, _node, x: f"({x[0]} IS NULL)",
    "is_not_null": lambda _low, _node, x: f"({x[0]} IS NOT NULL)",
    "is_nan": _is("{} = 'NaN'"),
    "length": lambda _low, _node, x: f"char_length({x[0]})::bigint",
    "octet_length": lambda _low, _node, x: f"octet_length({x[0]})::bigint",
    "contains": lambda _low, _node, x: f"(position({x[1]} IN {x[0]}) > 0)",
    "starts_with": lambda _low, _node, x: f"starts_with({x[0]}, {x[1]})",
    "ends_with": lambda _low, _node, x: f"(right({x[0]}, char_length({x[1]})) = {x[1]})",
    "year": _part("year", of=_DAYS),
    "quarter": _part("quarter", of=_DAYS),
    "month": _part("month", of=_DAYS),
    "week": _part("week", of=_DAYS),
    "day": _part("day", of=_DAYS),
    "weekday": _part("isodow", of=_DAYS),
    "ordinal_day": _part("doy", of=_DAYS),
    "iso_year": _part("isoyear", of=_DAYS),
    "hour": _part("hour", of=_CLOCK),
    "minute": _part("minute", of=_CLOCK),
    "second": _part("second", of=_CLOCK),
}
