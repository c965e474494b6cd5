"""The typed tree: an expression that has been checked against columns. Engines lower it; it knows none of them.

Every conversion is explicit: operands of a comparison have one type, and an implicit one is a `Convert`.
`type` is None where only the data will tell (a column of a dynamic schema, a parameter not yet given).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.nodes.columns import DataType


@dataclass(frozen=True, slots=True)
class Node:
    """`nullable` is true unless no null can occur; `start` and `end` are places in the text."""

    type: DataType | None
    nullable: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value(Node):
    """A constant; `value` is a Python value of `type`."""

    value: Any


@dataclass(frozen=True, slots=True)
class ColumnRef(Node):
    name: str


@dataclass(frozen=True, slots=True)
class ParameterRef(Node):
    """A typed value bound when the expression is lowered."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """A function or operator of the table, applied."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """The value of the first condition that is true, else `otherwise`."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Convert(Node):
    """A conversion to `type`. `strict` fails on what does not fit (a CAST); an implicit one always fits,
    but for a decimal that grows beyond 38 digits, which is an overflow."""

    operand: Node
    strict: bool
    implicit: bool = False


def children(node: Node) -> Iterator[Node]:
    match node:
        case Apply():
            yield from node.arguments
        case Choice():
            for condition, value in node.branches:
                yield condition
                yield value
            yield node.otherwise
        case Convert():
            yield node.operand


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, depth first."""
    yield node
    for child in children(node):
        yield from walk(child)
