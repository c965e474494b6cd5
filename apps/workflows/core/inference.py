"""Columns out from columns in, for one node at a time; what was inferred once is remembered.

While a person types, a diagram is analysed again and again and differs in one node: all others are
found here. Only node types that are functions of their arguments alone (lazy ones) are remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from apps.nodes.columns import DataType, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.problems import Problem
from apps.nodes.types import Catalog, InferContext, Inference, LazyNodeType, NodeType, Workflows
from apps.workflows.core.node_config import read_config
from apps.workflows.core.parameters import type_of
from apps.workflows.core.templating import Reference, fill

_SAMPLES: Mapping[str, Any] = {
    "boolean": True,
    "string": "text",
    "json": "{}",
    "decimal": Decimal(1),
    "date": date(2000, 1, 1),
    "time": time(0, 0),
    "datetime": datetime(2000, 1, 1, tzinfo=UTC),
    "duration": timedelta(seconds=1),
    "binary": b"",
    "list": [],
    "null": None,
}
_GUESSES: tuple[Any, ...] = ("text", 1, 0.5, True, "2000-01-01", "2000-01-01T00:00:00", [], {})


@dataclass(frozen=True, slots=True)
class Names:
    """What `{{ name }}` may mean beside upstream scalars. `given`: the names that have a value in this
    execution, None while nothing is executed."""

    types: Mapping[str, DataType] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    given: frozenset[str] | None = None

    def sample(self, name: str) -> Any:
        """The value of a name, or any value of its type; raises LookupError for a name without a type."""
        if name in self.values and self.values[name] is not None:
            return self.values[name]
        return _SAMPLES.get(self.types[name].name, 1)

    def knowing(self, types: Mapping[str, DataType]) -> Names:
        """The same with more names; their values are not known."""
        values = {name: value for name, value in self.values.items() if name not in types}
        return Names({**self.types, **types}, values, self.given)

    def guessing(self, config: Mapping[str, Any], model: type[NodeConfig], references: Sequence[Reference]) -> Names:
        """The same, where each name without a type has a value that fits the field it stands in."""
        open_references = [each for each in references if each.name not in self.types and not each.verbatim]
        guessed = {each.name: _GUESSES[0] for each in open_references}
        for reference in open_references:
            for guess in _GUESSES:
                trial = {**guessed, reference.name: guess}
                read = read_config(model, fill(config, model, self._with(trial).sample))
                if isinstance(read, NodeConfig) or all(each.field != reference.field for each in read):
                    guessed = trial
                    break
        return self._with(guessed)

    def _with(self, values: Mapping[str, Any]) -> Names:
        types = {name: type_of(value) for name, value in values.items()}
        return Names({**self.types, **types}, {**self.values, **values}, self.given)

    def open_fields(self, references: Sequence[Reference]) -> frozenset[str]:
        """Fields that hold a name whose value is not known yet. They were read with a value that was made
        up, so what is said about that value is said about nothing."""
        return frozenset(
            each.field for each in references if not each.verbatim and self.values.get(each.name) is None
        )  # fmt: skip

    def missing(self, references: Sequence[Reference], scalars: Mapping[str, DataType | None]) -> list[Problem]:
        """Names that nothing gives, once it is known what was given; those inside expressions are found
        by the expression language, with their position."""
        if self.given is None:
            return []
        names = {
            each.name: each
            for each in reversed(references)
            if each.name not in self.given and each.name not in scalars and not each.verbatim
        }
        return [
            Problem("unknown_parameter", f"{name!r} was not given and is no output upstream", each.field)
            for name, each in names.items()
        ]

    def context(
        self,
        node_type: NodeType,
        references: Sequence[Reference],
        scalars: Mapping[str, DataType | None],
        catalog: Catalog | None,
        workflows: Workflows | None = None,
    ) -> InferContext:
        """What a node's inference may know: a lazy type, which is remembered, only the names it uses."""
        used = {each.name for each in references} if isinstance(node_type, LazyNodeType) else self.types.keys()
        known = self.types if self.given is None else {name: self.types[name] for name in self.given}
        types = {name: type_ for name, type_ in known.items() if name in used}
        types.update({name: type_ for name, type_ in scalars.items() if type_ is not None})
        untyped = any(type_ is None for type_ in scalars.values())
        untyped_fields = frozenset(
            each.field for each in references if not each.verbatim and each.name not in {*types, *self.types}
        )
        return InferContext(types, self.given is None or untyped, catalog, workflows, untyped_fields)


def infer_node(
    node_type: NodeType,
    config: NodeConfig,
    inputs: Mapping[str, Sequence[Schema]],
    context: InferContext,
    *,
    written: str,
) -> Inference:
    """The node type's inference, remembered where it depends on nothing but its arguments. `written` is
    the config as JSON text: configs that are written the same are the same."""
    if not isinstance(node_type, LazyNodeType):
        return node_type.infer(config, inputs, context)
    return _remembered(
        node_type,
        _Written(written, config),
        tuple((port, tuple(schemas)) for port, schemas in inputs.items()),
        tuple(context.parameters.items()),
        context.open_parameters,
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """A config that equals another if both are written the same, keys in the same order."""

    text: str
    config: NodeConfig = field(compare=False)


@lru_cache(maxsize=8192)
def _remembered(
    node_type: NodeType,
    written: _Written,
    inputs: tuple[tuple[str, tuple[Schema, ...]], ...],
    parameters: tuple[tuple[str, DataType], ...],
    open_parameters: bool,
) -> Inference:
    return node_type.infer(
        written.config,
        dict(inputs),
        InferContext(parameters=dict(parameters), open_parameters=open_parameters),
    )
