"""The syntax tree: what was written, in either spelling, with places, before columns and types are known.

Operators are calls too, of functions named by their SQL sign or word: `+`, `=`, `and`, `in`, `like`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from typing import Literal as OneOf

from apps.nodes.columns import DataType

CallKind = OneOf["operator", "function", "method"]


@dataclass(frozen=True, slots=True)
class Syntax:
    """`start` and `end` are the first and the past-the-last character in the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Syntax):
    """A constant. A Decimal is a number with a point: it becomes a decimal beside decimals, else a float."""

    value: Any
    type: DataType


@dataclass(frozen=True, slots=True)
class Name(Syntax):
    """A column."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter(Syntax):
    """`{{ name }}`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call(Syntax):
    """A function or operator. `named` are arguments given by keyword; `name_start` and `name_end` are
    where the function's name or sign stands; `kind` tells `x + y` from `name(x)` from `x.name()`."""

    function: str
    arguments: tuple[Syntax, ...]
    named: tuple[tuple[str, Syntax], ...] = ()
    name_start: int = 0
    name_end: int = 0
    kind: CallKind = "operator"


@dataclass(frozen=True, slots=True)
class Case(Syntax):
    """Conditions with their values, tried in order; `otherwise` None is null."""

    branches: tuple[tuple[Syntax, Syntax], ...]
    otherwise: Syntax | None


@dataclass(frozen=True, slots=True)
class Cast(Syntax):
    operand: Syntax
    target: DataType
    strict: bool


@dataclass(frozen=True, slots=True)
class Alias(Syntax):
    """`x.alias("name")`; has a meaning in `custom` only."""

    operand: Syntax
    name: str


def children(node: Syntax) -> Iterator[Syntax]:
    """The parts of a node, in the order written."""
    match node:
        case Call():
            yield from node.arguments
            yield from (argument for _, argument in node.named)
        case Case():
            for condition, value in node.branches:
                yield condition
                yield value
            if node.otherwise is not None:
                yield node.otherwise
        case Cast() | Alias():
            yield node.operand


def columns(node: Syntax) -> tuple[str, ...]:
    """The columns that an expression reads, in the order written, each once."""
    names: dict[str, None] = {}

    def visit(each: Syntax) -> None:
        if isinstance(each, Name):
            names[each.name] = None
        for child in children(each):
            visit(child)

    visit(node)
    return tuple(names)
