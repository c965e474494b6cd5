"""Filters of a read: checked and applied here in any case, handed to the source where both mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from apps.connectors.sdk import Comparison
from apps.kernel.errors import NodeError
from apps.nodes.columns import BOOLEAN, NULL, DataType, Schema
from apps.nodes.problems import Problem
from apps.transforms.expressions import check, to_polars, types_of
from apps.transforms.expressions.checking import Checked
from apps.transforms.expressions.tree import Apply, ColumnRef, Convert, Node, ParameterRef, Value

_OPERATORS: Final = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_MIRRORED: Final = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def checked_filter(
    text: str, schema: Schema, parameters: Mapping[str, DataType], *, open_parameters: bool
) -> tuple[Checked, tuple[Problem, ...]]:
    """The condition, and its problems as those of `config.filters`."""
    found = check(text, schema, parameters, open_parameters=open_parameters)
    problems = [
        Problem(each.code, each.message, "config.filters", severity=each.severity, position=each.position)
        for each in found.problems
    ]
    if found.type is not None and found.type not in (BOOLEAN, NULL):
        message = f"expected true or false, this is {found.type}"
        problems.append(Problem("type_mismatch", message, "config.filters", position=(0, len(text))))
    return found, tuple(problems)


class Filter:
    """A condition over the columns that are really there. Raises NodeError with the first problem."""

    def __init__(self, text: str, schema: Schema, parameters: Mapping[str, Any]) -> None:
        found, problems = checked_filter(text, schema, types_of(parameters), open_parameters=False)
        if problems or found.tree is None:
            problem = problems[0]
            raise NodeError(problem.message, code=problem.code, remedy="Correct config.filters of the node.")
        self._tree = found.tree
        self._parameters = parameters
        self.expression: pl.Expr = to_polars(found.tree, parameters).cast(pl.Boolean)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it needs."""
        return frozenset(self.expression.meta.root_names())

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """What a source may filter by beforehand: all of them hold for every row that is kept."""
        return tuple(self._simple(self._tree))

    def _simple(self, node: Node) -> Iterator[Comparison]:
        if not isinstance(node, Apply):
            return
        if node.function == "and":
            for part in node.arguments:
                yield from self._simple(part)
        elif node.function in ("is_null", "is_not_null"):
            operand = node.arguments[0]
            if isinstance(operand, ColumnRef):
                yield Comparison(operand.name, node.function)  # type: ignore[arg-type]
        elif node.function in _OPERATORS and len(node.arguments) == 2:
            yield from self._comparison(node)

    def _comparison(self, node: Apply) -> Iterator[Comparison]:
        left, right = (_bare(argument) for argument in node.arguments)
        operator = _OPERATORS[node.function]
        if isinstance(right, ColumnRef):
            left, right, operator = right, left, _MIRRORED[node.function]
        if not isinstance(left, ColumnRef):
            return
        if isinstance(right, Value):
            yield Comparison(left.name, operator, right.value)  # type: ignore[arg-type]
        elif isinstance(right, ParameterRef) and self._parameters.get(right.name) is not None:
            yield Comparison(left.name, operator, self._parameters[right.name])  # type: ignore[arg-type]


def _bare(node: Node) -> Node:
    """A whole-number column widened for the comparison is still that column."""
    if isinstance(node, Convert) and node.implicit and node.type is not None and node.type.is_integer:
        inner = node.operand
        if inner.type is not None and inner.type.is_integer:
            return inner
    return node
