"""What control nodes have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from apps.nodes.columns import BOOLEAN, Column, DataType, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import InputPort
from apps.nodes.problems import Problem
from apps.nodes.types import EffectNodeType, InferContext, Inputs
from apps.transforms.expressions import Checked, check, evaluate, names_in

OPTIONAL_INPUT = InputPort(required=False)


class ControlNodeType(EffectNodeType):
    """A node that steers: it changes nothing outside UZO and needs no input."""

    category = "control"
    has_external_effect: ClassVar[bool] = False

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (OPTIONAL_INPUT,)


def arriving(inputs: Inputs) -> Schema:
    """The columns of the one input; none where nothing is drawn to it."""
    schemas = inputs.get("input", ())
    return schemas[0] if schemas else Schema()


def bare_names(text: str, *path: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """What an expression over parameters and upstream scalars names without braces, and where it stands."""
    return tuple((path, name) for name in names_in(text))


def check_scalar(text: str, field: str, context: InferContext) -> tuple[Checked, tuple[Problem, ...]]:
    """Check an expression over parameters and upstream scalars, named bare or as `{{ name }}`."""
    names = Schema(tuple(Column(name, type_) for name, type_ in context.parameters.items()))
    if context.open_parameters:
        names = Schema(names.columns, dynamic=True)
    checked = check(text, names, context.parameters)
    problems = tuple(
        Problem(problem.code, problem.message, field, None, problem.severity, problem.position)
        for problem in checked.problems
        if not (context.open_parameters and problem.code == "unknown_parameter")
    )
    return checked, problems


def check_condition(text: str, field: str, context: InferContext) -> tuple[Problem, ...]:
    """Check an expression that must be true or false."""
    checked, problems = check_scalar(text, field, context)
    if problems or checked.type is None or checked.type in (BOOLEAN, DataType("null")):
        return problems
    return (Problem("type_mismatch", f"this is a {checked.type}, where true or false is needed", field),)


def holds(text: str, parameters: Mapping[str, Any]) -> bool:
    """Whether a condition is true; one that is null is not."""
    return evaluate(text, parameters) is True
