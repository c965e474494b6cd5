"""From what was written to what it means: names, types and nullability of every part, or problems with places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps.nodes.columns import BOOLEAN, DATE, NULL, DataType, Schema
from apps.nodes.problems import Problem
from apps.transforms.expressions import syntax, tree
from apps.transforms.expressions.calls import CallChecker
from apps.transforms.expressions.conversions import convert
from apps.transforms.expressions.faults import Fault
from apps.transforms.expressions.parse import parse
from apps.transforms.expressions.suggestions import did_you_mean, no_such_column
from apps.transforms.expressions.type_rules import can_cast, common_type


@dataclass(frozen=True, slots=True)
class Checked:
    """What an expression means. `type` is None where it is not known before the data is there, or where
    problems hide it; `tree` is None where the text could not be read or has problems."""

    type: DataType | None
    nullable: bool
    problems: tuple[Problem, ...]
    tree: tree.Node | None


def check(
    text: str,
    schema: Schema,
    parameters: Mapping[str, DataType] | None = None,
    *,
    open_parameters: bool = False,
) -> Checked:
    """Check an expression against columns and parameters. Never raises for what a user typed.

    Problems carry `position`, the first and the past-the-last character. In a dynamic schema any column
    may be; with `open_parameters` so may any parameter.
    """
    try:
        return check_tree(parse(text), schema, parameters, open_parameters=open_parameters)
    except Fault as fault:
        return Checked(None, True, (fault.problem(),), None)


def names_in(text: str) -> tuple[str, ...]:
    """The columns, or bare scalars, that an expression names; none where it cannot be read."""
    try:
        return syntax.columns(parse(text))
    except Fault:
        return ()


def check_tree(
    root: syntax.Syntax,
    schema: Schema,
    parameters: Mapping[str, DataType] | None = None,
    *,
    open_parameters: bool = False,
) -> Checked:
    """As `check`, of what has been parsed before."""
    checker = Checker(schema, parameters or {}, open_parameters)
    node = checker.node(root)
    if checker.problems:
        return Checked(None, True, tuple(checker.problems), None)
    return Checked(node.type, node.nullable, (), node)


class Checker(CallChecker):
    """Walks a syntax tree; collects problems and goes on, so that one look shows them all."""

    def __init__(self, schema: Schema, parameters: Mapping[str, DataType], open_parameters: bool) -> None:
        super().__init__()
        self._schema = schema
        self._parameters = parameters
        self._open_parameters = open_parameters

    def node(self, written: syntax.Syntax) -> tree.Node:
        match written:
            case syntax.Literal():
                return tree.Value(written.type, written.type == NULL, written.start, written.end, written.value)
            case syntax.Name():
                return self._column(written)
            case syntax.Parameter():
                return self._parameter(written)
            case syntax.Call():
                return self.call(written)
            case syntax.Case():
                return self._case(written)
            case syntax.Cast():
                return self._cast(written)
            case syntax.Alias():
                return self.problem(
                    "forbidden", "the name of the result is given beside the expression, not in it",
                    written.start, written.end,
                )  # fmt: skip
        raise TypeError(f"{written!r} is no syntax")

    def _column(self, written: syntax.Name) -> tree.Node:
        column = self._schema.get(written.name)
        if column is not None:
            return tree.ColumnRef(column.type, column.nullable, written.start, written.end, written.name)
        if self._schema.dynamic:
            return tree.ColumnRef(None, True, written.start, written.end, written.name)
        return self.problem(
            "unknown_column", no_such_column(written.name, self._schema.names), written.start, written.end
        )  # fmt: skip

    def _parameter(self, written: syntax.Parameter) -> tree.Node:
        kind = self._parameters.get(written.name)
        if kind is None and not self._open_parameters and written.name not in self._parameters:
            return self.problem(
                "unknown_parameter",
                f"there is no parameter {written.name[:100]!r}{did_you_mean(written.name, self._parameters)}",
                written.start,
                written.end,
            )
        return tree.ParameterRef(kind, True, written.start, written.end, written.name)

    def _case(self, written: syntax.Case) -> tree.Node:
        branches = [(self.boolean(condition), self.node(value)) for condition, value in written.branches]
        otherwise: tree.Node
        if written.otherwise is None:
            otherwise = tree.Value(NULL, True, written.end, written.end, None)
        else:
            otherwise = self.node(written.otherwise)
        values = [value for _, value in branches] + [otherwise]
        meeting: DataType | None = NULL
        for value in values:
            if value.type is None or meeting is None:
                meeting = None
                break
            common = common_type(meeting, value.type)
            if common is None:
                return self.problem(
                    "type_mismatch",
                    f"the values of a case meet in one type, and {value.type} does not meet {meeting}",
                    value.start,
                    value.end,
                )
            meeting = common
        if meeting is not None:
            branches = [(condition, convert(value, meeting)) for condition, value in branches]
            otherwise = convert(otherwise, meeting)
        nullable = any(value.nullable for value in values)
        return tree.Choice(meeting, nullable, written.start, written.end, tuple(branches), otherwise)

    def _cast(self, written: syntax.Cast) -> tree.Node:
        operand = self.node(written.operand)
        if operand.type is not None and not can_cast(operand.type, written.target):
            hint = "; cast to a time stamp first" if operand.type == DATE and written.target.name == "time" else ""
            return self.problem(
                "type_mismatch", f"{operand.type} cannot be cast to {written.target}{hint}", written.start, written.end
            )
        nullable = operand.nullable or not written.strict
        return tree.Convert(written.target, nullable, written.start, written.end, operand, written.strict)

    def boolean(self, written: syntax.Syntax) -> tree.Node:
        """A part that must be true, false or null."""
        node = self.node(written)
        if node.type not in (None, BOOLEAN, NULL):
            return self.problem("type_mismatch", f"expected true or false, this is {node.type}", node.start, node.end)
        return convert(node, BOOLEAN) if node.type == NULL else node
