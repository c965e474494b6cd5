"""Custom: a chain of allowed methods on `df`, read by UZO and turned into the transforms that there are.

`df.with_columns(total=col("price") * col("n")).filter(col("total") > 10).group_by("shop").agg(col("total").sum())`
Nothing of it is run as code. Names and meaning are those of Polars where a transform has the same; sorting
puts nulls last unless said, as everywhere in UZO.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol

import polars as pl
from pydantic import Field, ValidationError

from apps.nodes.columns import Column, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, Inputs
from apps.transforms import aggregations, chain
from apps.transforms.base import Scope, Step, Transform, frame_at, schema_at
from apps.transforms.chain import Method, items_of, parse_chain, text_of
from apps.transforms.expressions import syntax
from apps.transforms.expressions.checking import Checked, check_tree
from apps.transforms.expressions.faults import Fault
from apps.transforms.expressions.lower_polars import Lowering
from apps.transforms.expressions.tree import Node
from apps.transforms.nodes.aggregates import Aggregate, Aggregated, aggregate_step
from apps.transforms.nodes.columns import Cast, Derive, Drop, Rename, derive_step
from apps.transforms.nodes.missing import FillNull
from apps.transforms.nodes.reshaping import Unpivot
from apps.transforms.nodes.rows import Deduplicate, DropNull, Filter, FilterStep, Limit, Sort
from apps.transforms.nodes.texts import Explode

_FIELD: Final = "config.code"


class CustomConfig(NodeConfig):
    code: str = Field(
        title="Code",
        description='A chain of methods on df, such as df.filter(col("age") > 18).sort("name")',
        json_schema_extra={"widget": "code"},
    )


class Lowers(Protocol):
    def lower_polars(self, step: Any, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]: ...


@dataclass(frozen=True, slots=True)
class CustomStep(Step):
    """Steps one after another, each with the transform that lowers it."""

    parts: tuple[tuple[Lowers, Step], ...]


@dataclass(frozen=True, slots=True)
class ProjectStep(Step):
    """Columns that are computed, and nothing else."""

    columns: tuple[tuple[str, Node], ...]


class Project:
    """`df.select(…)`; a row stays a row even where only constants are selected."""

    def lower_polars(self, step: ProjectStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        computed = [low.expression(node).alias(f"__uzo_{place}") for place, (_, node) in enumerate(step.columns)]
        chosen = [pl.col(f"__uzo_{place}").alias(name) for place, (name, _) in enumerate(step.columns)]
        return {"output": frame_at(frames).with_columns(computed).select(chosen)}


@register
class Custom(Transform[CustomConfig, CustomStep]):
    operation: ClassVar[str] = "custom"
    label: ClassVar[str] = "Custom"
    description: ClassVar[str] = "A chain of Polars methods, checked and turned into transforms; no code is run"
    icon: ClassVar[str] = "code"
    Config: ClassVar[type[NodeConfig]] = CustomConfig

    def reads_all(self, config: NodeConfig) -> bool:
        return False

    def resolve(self, config: CustomConfig, inputs: Inputs, scope: Scope) -> CustomStep:
        schema = schema_at(inputs)
        try:
            methods = parse_chain(config.code, [*_METHODS, "group_by", "agg"])
            builder = _Builder(schema, scope)
            builder.all(methods)
        except Fault as fault:
            scope.problem(fault.code, fault.message, _FIELD, position=fault.position)
            return CustomStep({"output": Schema.of(schema, dynamic=True)}, ())
        return CustomStep({"output": builder.schema}, tuple(builder.parts))

    def lower_polars(self, step: CustomStep, frames: Frames, low: Lowering) -> Mapping[str, pl.LazyFrame]:
        frame = frame_at(frames)
        for lowers, part in step.parts:
            frame = lowers.lower_polars(part, {"input": [frame]}, low)["output"]
        return {"output": frame}


class _Builder:
    """Turns methods into steps, keeping the columns that there are after each. Raises Fault where one is no
    allowed method or its arguments have not the right shape; other problems go to the scope."""

    def __init__(self, schema: Schema, scope: Scope) -> None:
        self.schema = schema
        self.parts: list[tuple[Lowers, Step]] = []
        self._scope = scope

    def all(self, methods: tuple[Method, ...]) -> None:
        place = 0
        while place < len(methods):
            method = methods[place]
            if method.name == "group_by":
                following = methods[place + 1] if place + 1 < len(methods) else None
                if following is None or following.name != "agg":
                    raise Fault("syntax", "group_by(…) is followed by .agg(…)", method.start, method.end)
                self._aggregate(method, following)
                place += 2
                continue
            build = _METHODS.get(method.name)
            if build is None:
                raise Fault("forbidden", ".agg(…) stands behind .group_by(…)", method.start, method.name_end)
            build(self, method)
            place += 1

    # steps -----------------------------------------------------------------------------------------------

    def add(self, lowers: Lowers, step: Step) -> None:
        self.parts.append((lowers, step))
        self.schema = step.outputs["output"]

    def transform(self, kind: Transform[Any, Any], method: Method, **config: Any) -> None:
        """The step that a transform makes of a config of plain values."""
        given = {key: value for key, value in config.items() if value is not None}
        try:
            made = kind.Config.model_validate({"operation": kind.operation, **given})
        except ValidationError as error:
            raise Fault(
                "invalid_config", f".{method.name}: {error.errors()[0]['msg']}", method.start, method.end
            ) from None
        inner = Scope(self._scope.parameters, open_parameters=self._scope.open_parameters)
        step = kind.resolve(made, {"input": [self.schema]}, inner)
        for each in inner.problems:
            self._scope.problem(each.code, each.message, _FIELD, position=(method.start, method.end))
        self.add(kind, step)

    def check(self, node: syntax.Syntax) -> Checked:
        checked = check_tree(node, self.schema, self._scope.parameters, open_parameters=self._scope.open_parameters)
        self._scope.report(checked.problems, _FIELD)
        return checked

    # methods with expressions ----------------------------------------------------------------------------

    def filter(self, method: Method) -> None:
        conditions = [item for argument in self.positional(method) for item in items_of(argument)]
        if not conditions:
            raise Fault("syntax", ".filter takes a condition", method.start, method.end)
        for condition in conditions:
            checked = self.check(condition)
            if checked.type is not None and checked.type.name not in ("boolean", "null"):
                place = (condition.start, condition.end)
                self._scope.problem(
                    "type_mismatch", f"expected true or false, this is {checked.type}", _FIELD, position=place
                )
            self.add(Filter(), FilterStep({"output": self.schema}, checked.tree))

    def with_columns(self, method: Method) -> None:
        self.add(Derive(), derive_step(self.schema, self._named(method)))

    def select(self, method: Method) -> None:
        named = self._named(method)
        columns: list[Column] = []
        dynamic = False
        nodes: list[tuple[str, Node]] = []
        for name, checked in named.items():
            if checked.tree is None or checked.type is None:
                dynamic = True
            else:
                columns.append(Column(name, checked.type, checked.nullable))
            if checked.tree is not None:
                nodes.append((name, checked.tree))
        self.add(Project(), ProjectStep({"output": Schema.of(columns, dynamic=dynamic)}, tuple(nodes)))

    def _named(self, method: Method) -> dict[str, Checked]:
        """Expressions by the name of their result: given by keyword or alias, else that of their first column."""
        named: dict[str, Checked] = {}
        given = [(None, item) for argument in method.arguments for item in items_of(argument)]
        for keyword, written in [*given, *method.named]:
            name, expression = self._name(keyword, written, names_are_columns=method.name == "select")
            if name in named:
                raise Fault("invalid_config", f"two results are called {name!r}", written.start, written.end)
            named[name] = self.check(expression)
        if not named:
            raise Fault("syntax", f".{method.name} takes expressions", method.start, method.end)
        return named

    def _name(
        self, keyword: str | None, written: syntax.Syntax, *, names_are_columns: bool
    ) -> tuple[str, syntax.Syntax]:
        expression = written
        if isinstance(written, syntax.Alias):
            expression = written.operand
            keyword = keyword or written.name
        text = text_of(expression)
        if names_are_columns and isinstance(expression, syntax.Literal) and text is not None:
            expression = syntax.Name(expression.start, expression.end, text)
        if keyword is None:
            read = syntax.columns(expression)
            keyword = read[0] if read else "literal"
        return keyword, expression

    def _aggregate(self, grouping: Method, results: Method) -> None:
        keys = self.names(grouping)
        wanted: list[tuple[str, str, syntax.Syntax | None, float | None, syntax.Syntax]] = []
        given = [(None, item) for argument in results.arguments for item in items_of(argument)]
        for keyword, written in [*given, *results.named]:
            wanted.append(_aggregation(keyword, written))
        computed = {
            f"__uzo_agg_{place}": self.check(operand)
            for place, (_, _, operand, _, _) in enumerate(wanted)
            if operand is not None and not isinstance(operand, syntax.Name)
        }
        before = self.schema
        if computed:
            self.add(Derive(), derive_step(self.schema, computed))
        aggregated: list[Aggregated] = []
        taken = set(keys)
        found = self._scope_columns(keys, before, grouping)
        for place, (name, function, operand, quantile, written) in enumerate(wanted):
            position = (written.start, written.end)
            if name in taken:
                self._scope.problem("invalid_config", f"there is a column {name!r} already", _FIELD, position=position)
            taken.add(name)
            column = None
            if operand is not None:
                column = operand.name if isinstance(operand, syntax.Name) else f"__uzo_agg_{place}"
                if isinstance(operand, syntax.Name) and self.check(operand).tree is None:
                    continue
            source = None if column is None else self.schema.get(column)
            kind = None if source is None else source.type
            inner = Scope({})
            fits = aggregations.check_function(function, kind, inner, _FIELD)
            self._scope.problems.extend(
                type(each)(each.code, each.message, _FIELD, position=position) for each in inner.problems
            )
            if fits:
                aggregated.append(Aggregated(name, function, column, kind, quantile))
        self.add(Aggregate(), aggregate_step(keys, found, aggregated, self.schema))

    def _scope_columns(self, keys: list[str], schema: Schema, method: Method) -> list[Column | None]:
        inner = Scope({})
        found = inner.columns(keys, schema, _FIELD)
        for each in inner.problems:
            self._scope.problem(each.code, each.message, _FIELD, position=(method.start, method.end))
        return found

    # reading arguments -----------------------------------------------------------------------------------

    def positional(self, method: Method, allowed: tuple[str, ...] = ()) -> tuple[syntax.Syntax, ...]:
        for name, value in method.named:
            if name not in allowed:
                raise Fault("forbidden", f".{method.name} takes no argument {name[:60]!r}", value.start, value.end)
        return method.arguments

    def names(self, method: Method, allowed: tuple[str, ...] = ()) -> list[str]:
        """Names of columns: `"a"`, `["a", "b"]` or `col("a")`."""
        return [_text(item) for argument in self.positional(method, allowed) for item in items_of(argument)]


def _text(node: syntax.Syntax) -> str:
    name = text_of(node)
    if name is None:
        raise Fault("forbidden", "the name of a column is expected here", node.start, node.end)
    return name


def _plain(node: syntax.Syntax | None) -> Any:
    """A constant, or a list of constants, that is not an expression."""
    if node is None:
        return None
    if isinstance(node, syntax.Literal):
        return node.value if not hasattr(node.value, "as_tuple") else float(node.value)
    if isinstance(node, syntax.Call) and node.function == "list" and node.kind == "operator":
        return [_plain(item) for item in node.arguments]
    raise Fault("forbidden", "a constant is expected here", node.start, node.end)


def _argument(method: Method, place: int, name: str) -> syntax.Syntax | None:
    named = dict(method.named)
    return method.arguments[place] if place < len(method.arguments) else named.get(name)


def _aggregation(
    keyword: str | None, written: syntax.Syntax
) -> tuple[str, str, syntax.Syntax | None, float | None, syntax.Syntax]:
    """Name, function, operand, quantile of `col("x").sum().alias("total")`."""
    expression = written
    if isinstance(written, syntax.Alias):
        expression, keyword = written.operand, keyword or written.name
    if isinstance(expression, syntax.Call):
        function = expression.function
        if expression.kind == "function" and function in ("len", "count") and not expression.arguments:
            return keyword or "len", "count", None, None, written
        if expression.kind == "method" and function in aggregations.FUNCTIONS:
            operand, *rest = expression.arguments
            read = syntax.columns(operand)
            quantile = float(_plain(rest[0])) if rest and function == "quantile" else None
            if (rest and function != "quantile") or (
                expression.named and function not in ("quantile", "std", "var", "any", "all")
            ):
                raise Fault("forbidden", f".{function}() takes no argument here", written.start, written.end)
            return keyword or (read[0] if read else "literal"), function, operand, quantile, written
    known = ", ".join(aggregations.FUNCTIONS)
    raise Fault("forbidden", f'agg takes aggregations such as col("x").sum(): {known}', written.start, written.end)


def _rename(builder: _Builder, method: Method) -> None:
    mapping = _argument(method, 0, "mapping")
    if not isinstance(mapping, chain.Mapping):
        raise Fault("syntax", '.rename takes a mapping: {"old": "new"}', method.start, method.end)
    builder.transform(Rename(), method, mapping={old: _text(new) for old, new in mapping.items})


def _cast(builder: _Builder, method: Method) -> None:
    mapping = _argument(method, 0, "dtypes")
    if not isinstance(mapping, chain.Mapping):
        raise Fault("syntax", '.cast takes a mapping: {"age": pl.Int64}', method.start, method.end)
    types = {name: str(kind.target) if isinstance(kind, syntax.Cast) else _text(kind) for name, kind in mapping.items}
    builder.transform(Cast(), method, types=types, strict=_plain(_argument(method, 1, "strict")))


def _sort(builder: _Builder, method: Method) -> None:
    names = builder.names(method, ("descending", "nulls_last"))
    flags = {name: _plain(value) for name, value in method.named}
    keys = []
    for place, name in enumerate(names):
        key: dict[str, Any] = {"column": name}
        for flag, written in (("descending", "descending"), ("nulls_last", "nullsLast")):
            value = flags.get(flag)
            if isinstance(value, list):
                value = value[place] if place < len(value) else None
            if value is not None:
                key[written] = value
        keys.append(key)
    builder.transform(Sort(), method, by=keys)


def _head(builder: _Builder, method: Method) -> None:
    wanted = _plain(_argument(method, 0, "n"))
    builder.transform(Limit(), method, n=5 if wanted is None else wanted)


def _slice(builder: _Builder, method: Method) -> None:
    length = _plain(_argument(method, 1, "length"))
    builder.transform(
        Limit(), method, offset=_plain(_argument(method, 0, "offset")), n=2**62 if length is None else length
    )


def _subset(method: Method, place: int = 0) -> list[str] | None:
    given = _argument(method, place, "subset")
    return None if given is None else [_text(item) for item in items_of(given)]


def _unique(builder: _Builder, method: Method) -> None:
    builder.transform(
        Deduplicate(), method, columns=_subset(method), keep=_plain(_argument(method, 1, "keep")) or "any"
    )


def _unpivot(builder: _Builder, method: Method) -> None:
    on, index = _argument(method, 0, "on"), _argument(method, 9, "index")
    builder.transform(
        Unpivot(), method,
        on=None if on is None else [_text(item) for item in items_of(on)],
        index=None if index is None else [_text(item) for item in items_of(index)],
        variableName=_plain(_argument(method, 9, "variable_name")),
        valueName=_plain(_argument(method, 9, "value_name")),
    )  # fmt: skip


def _fill_null(builder: _Builder, method: Method) -> None:
    builder.transform(
        FillNull(),
        method,
        value=_plain(_argument(method, 0, "value")),
        strategy=_plain(_argument(method, 1, "strategy")),
    )


_METHODS: Final[Mapping[str, Callable[[_Builder, Method], None]]] = {
    "filter": _Builder.filter,
    "with_columns": _Builder.with_columns,
    "select": _Builder.select,
    "drop": lambda builder, method: builder.transform(Drop(), method, columns=builder.names(method)),
    "rename": _rename,
    "cast": _cast,
    "sort": _sort,
    "head": _head,
    "limit": _head,
    "slice": _slice,
    "unique": _unique,
    "drop_nulls": lambda builder, method: builder.transform(DropNull(), method, columns=_subset(method)),
    "fill_null": _fill_null,
    "explode": lambda builder, method: builder.transform(Explode(), method, columns=builder.names(method)),
    "unpivot": _unpivot,
}
