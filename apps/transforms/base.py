"""What all transforms share: a config is resolved against columns to a typed step, and the step is lowered.

`resolve` decides everything that columns and config decide, for `infer` (what the canvas shows) and for
`lower` (what runs) alike, so the two cannot differ. `lower_polars` is the one lowering to one engine.
"""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

import polars as pl
from pydantic import BeforeValidator, Field

from apps.kernel.errors import NodeError
from apps.nodes.columns import BOOLEAN, NULL, UNKNOWN, Column, DataType, Schema
from apps.nodes.config import ColumnName, NodeConfig
from apps.nodes.problems import Problem, Severity
from apps.nodes.types import Frames, InferContext, Inference, Inputs, LazyNodeType, LowerContext
from apps.transforms.expressions.checking import Checked, check
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.suggestions import no_such_column
from apps.transforms.expressions.values import types_of
from apps.transforms.schemas import remember, schema_of


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


ColumnList = Annotated[list[ColumnName], BeforeValidator(_as_list), Field(json_schema_extra={"widget": "columns"})]
"""Names of columns; one alone may stand without brackets."""


@runtime_checkable
class TypedParameters(Protocol):
    """A LowerContext that also knows the declared types of its parameters; without it, values tell theirs."""

    @property
    def parameter_types(self) -> Mapping[str, DataType]: ...


class Scope:
    """Where a config is resolved: the parameters there are, and the problems found on the way."""

    def __init__(self, parameters: Mapping[str, DataType], *, open_parameters: bool = False) -> None:
        self.parameters = parameters
        self.open_parameters = open_parameters
        self.problems: list[Problem] = []

    def problem(
        self,
        code: str,
        message: str,
        field: str,
        *,
        position: tuple[int, int] | None = None,
        severity: Severity = "error",
    ) -> None:
        self.problems.append(Problem(code, message, field, position=position, severity=severity))

    def column(self, name: str, schema: Schema, field: str) -> Column | None:
        """The column, or None: with a problem, unless only the data will tell."""
        column = schema.get(name)
        if column is None and not schema.dynamic:
            self.problem("unknown_column", no_such_column(name, schema.names), field)
        return column

    def columns(self, names: Iterable[str], schema: Schema, field: str) -> list[Column | None]:
        """Each of a list of columns; a name given twice is a problem."""
        seen: set[str] = set()
        found: list[Column | None] = []
        for index, name in enumerate(names):
            if name in seen:
                self.problem("invalid_config", f"column {name!r} is named twice", f"{field}.{index}")
            seen.add(name)
            found.append(self.column(name, schema, f"{field}.{index}"))
        return found

    def expression(self, text: str, schema: Schema, field: str) -> Checked:
        checked = check(text, schema, self.parameters, open_parameters=self.open_parameters)
        self.report(checked.problems, field)
        return checked

    def condition(self, text: str, schema: Schema, field: str) -> Checked:
        """An expression that must be true, false or null."""
        checked = self.expression(text, schema, field)
        if checked.type is not None and checked.type not in (BOOLEAN, NULL):
            self.problem(
                "type_mismatch", f"expected true or false, this is {checked.type}", field, position=(0, len(text))
            )
        return checked

    def report(self, problems: Iterable[Problem], field: str) -> None:
        for each in problems:
            self.problem(each.code, each.message, field, position=each.position, severity=each.severity)

    def new_column(self, name: str, taken: Iterable[str], field: str) -> None:
        """A problem where a column of that name is there already."""
        if name in taken:
            self.problem("invalid_config", f"there is a column {name!r} already", field)

    @property
    def failed(self) -> bool:
        return any(each.severity == "error" for each in self.problems)


@dataclass(frozen=True, slots=True)
class Step:
    """A resolved transform: columns by output port. Subclasses carry what the lowering needs."""

    outputs: Mapping[str, Schema]

    @property
    def output(self) -> Schema:
        return self.outputs["output"]


C = TypeVar("C", bound=NodeConfig)
S = TypeVar("S", bound=Step)


class Transform(LazyNodeType, Generic[C, S]):
    """Base of all transforms."""

    category: ClassVar[str] = "transform"

    @abc.abstractmethod
    def resolve(self, config: C, inputs: Inputs, scope: Scope) -> S:
        """The typed step, and problems noted in the scope. Never raises for what a user typed."""

    @abc.abstractmethod
    def lower_polars(self, step: S, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        """The lazy frame of each output port."""

    def reads_all(self, config: NodeConfig) -> bool:  # noqa: ARG002
        return True

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        scope = Scope(context.parameters, open_parameters=context.open_parameters)
        step = self.resolve(config, inputs, scope)  # type: ignore[arg-type]
        return Inference(step.outputs, tuple(scope.problems))

    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> Mapping[str, pl.LazyFrame]:
        """The lazy frames of the outputs. Raises NodeError with the code of the first problem where the
        columns that are really there do not suit the config (after a node whose columns are dynamic)."""
        step = self.resolved(config, inputs, context)
        outputs = self.lower_polars(step, inputs, Lowering(context.parameters))
        for port, frame in outputs.items():
            if not step.outputs[port].dynamic:
                remember(frame, step.outputs[port])
        return outputs

    def resolved(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> S:
        """The step for the columns that are really there. Raises NodeError."""
        schemas = {port: tuple(map(schema_of, frames)) for port, frames in inputs.items()}
        scope = Scope(parameter_types(context))
        step = self.resolve(config, schemas, scope)  # type: ignore[arg-type]
        for problem in scope.problems:
            if problem.severity == "error":
                raise NodeError(problem.message, code=problem.code, remedy=f"Correct {problem.field} of the node.")
        return step


def parameter_types(context: LowerContext) -> dict[str, DataType]:
    """The types of parameters: as declared, else as their values tell."""
    types = types_of(context.parameters)
    if isinstance(context, TypedParameters):
        types.update((name, kind) for name, kind in context.parameter_types.items() if name in types)
    return types


def one(inputs: Mapping[str, Sequence[Any]], port: str = "input") -> Any:
    """The only frame or schema of a port; of a port that nothing is connected to, unknown columns."""
    given = inputs.get(port) or (UNKNOWN,)
    return given[0]


def schema_at(inputs: Inputs, port: str = "input") -> Schema:
    schema: Schema = one(inputs, port)
    return schema


def frame_at(frames: Frames, port: str = "input") -> pl.LazyFrame:
    frame: pl.LazyFrame = one(frames, port)
    return frame


def known(columns: Iterable[Column | None]) -> tuple[Column, ...]:
    """The columns whose types are known."""
    return tuple(column for column in columns if column is not None)
