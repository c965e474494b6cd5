"""Resolved transforms as SQL: one function for each kind of step. A step without one raises NotInSql."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from apps.kernel.errors import NodeError
from apps.nodes.columns import Column, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.types import LowerContext, NodeType
from apps.transforms.base import Scope, Step, Transform, parameter_types
from apps.transforms.expressions.tree import ColumnRef
from apps.transforms.nodes.aggregates import Aggregated, AggregateStep
from apps.transforms.nodes.columns import DeriveStep, RenameStep, SelectStep
from apps.transforms.nodes.rows import DropNullStep, FilterStep, LimitStep, SortKey, SortStep
from apps.transforms.sql.expressions import SqlLowering
from apps.transforms.sql.relation import Relation, SqlColumn
from apps.transforms.sql.text import NotInSql, quoted, sql_type


def lowered(node_type: NodeType, config: NodeConfig, relation: Relation, context: LowerContext) -> Relation:
    """The rows of a transform over a relation. Raises NotInSql, also for a config with problems: what these
    are is said where it runs in Polars."""
    if not isinstance(node_type, Transform):
        raise NotInSql(f"the node type {node_type.operation}")
    scope = Scope(parameter_types(context))
    try:
        step = node_type.resolve(config, {"input": (relation.schema,)}, scope)
    except NodeError as error:
        raise NotInSql(error.message) from error
    if scope.failed or any(schema.dynamic for schema in step.outputs.values()) or set(step.outputs) != {"output"}:
        raise NotInSql(f"{node_type.operation} with columns that only the data knows")
    result = lower(step, relation, context.parameters)
    if result.schema.names != step.output.names:
        raise NotInSql(f"{node_type.operation} with other columns than were inferred")
    return result


@singledispatch
def lower(step: Step, relation: Relation, parameters: Mapping[str, Any]) -> Relation:  # noqa: ARG001
    """The rows after one step."""
    raise NotInSql(type(step).__name__)


@lower.register
def _filter(step: FilterStep, relation: Relation, parameters: Mapping[str, Any]) -> Relation:
    if step.condition is None:
        raise NotInSql("a condition with problems")
    condition = SqlLowering(relation.unchecked(), parameters).typed(step.condition)
    return relation.select(relation.all(), where=condition)


@lower.register
def _select(step: SelectStep, relation: Relation, parameters: Mapping[str, Any]) -> Relation:  # noqa: ARG001
    return relation.select((relation.column(name), f"t.{quoted(name)}") for name in step.columns)


@lower.register
def _rename(step: RenameStep, relation: Relation, parameters: Mapping[str, Any]) -> Relation:  # noqa: ARG001
    return relation.select(
        (each.renamed(step.mapping.get(each.name, each.name)), f"t.{quoted(each.name)}") for each in relation.columns
    )


@lower.register
def _derive(step: DeriveStep, relation: Relation, parameters: Mapping[str, Any]) -> Relation:
    low = SqlLowering(relation, parameters)
    made: dict[str, tuple[SqlColumn, str]] = {name: item for item in relation.all() for name in [item[0].name]}
    for name, node in step.columns:
        column = step.output.get(name)
        if column is None:
            raise NotInSql(f"the column {name!r}, whose type only the data knows")
        if isinstance(node, ColumnRef):  # a copy keeps what only the database knows of it
            made[name] = (relation.column(node.name).renamed(name), f"t.{quoted(node.name)}")
        else:
            made[name] = (SqlColumn(column), low.typed(node))
    return relation.select(made.values())


@lower.register
def _limit(step: LimitStep, relation: Relation, parameters: Mapping[str, Any]) -> Relation:  # noqa: ARG001
    clauses = f" LIMIT {step.n:d}" + (f" OFFSET {step.offset:d}" if step.offset else "")
    if relation.ordered:  # in the same SELECT, so that it cuts what the order gives
        return Relation(relation.columns, relation.statement + clauses)
    return relation.select(relation.all(), clauses=clauses)


@lower.register
def _sort(step: SortStep, relation: Relation, parameters: Mapping[str, Any]) -> Relation:  # noqa: ARG001
    if relation.ordered:
        raise NotInSql("a sort of what is sorted, which keeps the order of equal rows")
    return relation.select(relation.all(), clauses=f" ORDER BY {_order(relation, step.keys)}", ordered=True)


def _order(relation: Relation, keys: Sequence[SortKey]) -> str:
    relation = relation.unchecked()
    for key in keys:
        sql_type(relation.column(key.column).type)
    return ", ".join(
        f"{relation.read(key.column)} {'DESC' if key.descending else 'ASC'} NULLS "
        f"{'LAST' if key.nulls_last else 'FIRST'}"
        for key in keys
    )


@lower.register
def _drop_null(step: DropNullStep, relation: Relation, parameters: Mapping[str, Any]) -> Relation:  # noqa: ARG001
    names = step.columns or list(relation.schema.names)
    full = " AND ".join(f"({relation.unchecked().read(name)}) IS NOT NULL" for name in names)
    items = [
        (replace(each, column=Column(each.name, each.type, _nullable(step.output, each.name))), value)
        for each, value in relation.all()
    ]
    return relation.select(items, where=full)


def _nullable(schema: Schema, name: str) -> bool:
    column = schema.get(name)
    return column is None or column.nullable


@lower.register
def _aggregate(step: AggregateStep, relation: Relation, parameters: Mapping[str, Any]) -> Relation:  # noqa: ARG001
    items: list[tuple[SqlColumn, str]] = []
    for name in step.keys:
        found = relation.column(name)
        items.append((found.retyped(), f"({relation.read(name)})::{sql_type(found.type)}"))
    grouped = f" GROUP BY {', '.join(str(place) for place in range(1, len(items) + 1))}" if items else ""
    for each in step.results:
        column = step.output.get(each.name)
        if column is None:
            raise NotInSql("an aggregation of a type that only the data knows")
        items.append((SqlColumn(column), f"({_aggregation(each, relation)})::{_exact_type(column)}"))
    if not step.results:
        grouped = grouped or " GROUP BY ()"
    return relation.select(items, clauses=grouped)


def _exact_type(column: Column) -> str:
    """What does not fit the type of a sum fails."""
    if column.type.name == "decimal":
        return f"numeric({column.type.precision},{column.type.scale or 0})"
    return sql_type(column.type)


_ORDERED = frozenset({"float64", "decimal", "date", "datetime"})


def _aggregation(each: Aggregated, relation: Relation) -> str:
    """Sums and means of floats are left to Polars: they depend on the order of adding up."""
    if each.column is None:
        return "count(*)"
    kind = relation.column(each.column).type
    sql_type(kind)
    value = relation.read(each.column)
    match each.function:
        case "count":
            return f"count({value})"
        case "sum" if kind.name in ("int16", "int32", "int64", "decimal"):
            return f"sum({value})"
        case "min" | "max" if (
            kind.is_integer or kind.is_text or kind.name in ("float64", "decimal", "date", "datetime")
        ):
            return f"{each.function}({value})"
        case "n_unique":
            return f"count(DISTINCT {value})"
        case "any":
            return f"coalesce(bool_or({value}), false)"
        case "all":
            return f"coalesce(bool_and({value}), true)"
    raise NotInSql(f"{each.function} of {kind}")
