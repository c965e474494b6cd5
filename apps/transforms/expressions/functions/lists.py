"""Functions of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apps.nodes.columns import BOOLEAN, FLOAT64, INT64, STRING, UINT64, DataType
from apps.transforms.expressions.functions.base import Function, Parameter, element, first

_LIST: Final = Parameter("list", "list")


def _sum(arguments: Sequence[DataType]) -> DataType:
    inner = element(arguments)
    if inner.name == "decimal":
        return DataType("decimal", precision=38, scale=inner.scale)
    if inner == UINT64:
        return UINT64
    return INT64 if inner.is_integer else inner


FUNCTIONS: Final = (
    Function(
        "list_length", "lists", (_LIST,), INT64, "How many elements.", (("list_length([4, 5])", 2),),
        aliases=("array_length", "cardinality"), methods=("list.len",),
    ),
    Function(
        "list_contains", "lists", (_LIST, Parameter("element", "any")), BOOLEAN, "Whether the list has the element.",
        (("list_contains([4, 5], 5)", True),), aliases=("array_contains",), methods=("list.contains",), nulls="maybe",
    ),
    Function(
        "element_at", "lists", (_LIST, Parameter("n", "integer")), element,
        "The n-th element, counted from 1, or from the end if negative; null where there is none.",
        (("element_at([4, 5], 2)", 5), ("element_at([4, 5], -1)", 5)), aliases=("list_extract",), nulls="maybe",
    ),
    Function(
        "list_get", "lists", (_LIST, Parameter("index", "integer")), element,
        "As `element_at`, counted from 0: the Polars method `.list.get`.",
        (("list_get([4, 5], 0)", 4),), methods=("list.get",), nulls="maybe",
    ),
    Function(
        "list_first", "lists", (_LIST,), element, "The first element.", (("list_first([4, 5])", 4),),
        methods=("list.first",), nulls="maybe",
    ),
    Function(
        "list_last", "lists", (_LIST,), element, "The last element.", (("list_last([4, 5])", 5),),
        methods=("list.last",), nulls="maybe",
    ),
    Function(
        "list_sum", "lists", (_LIST,), _sum, "The sum of the elements, nulls left out; null of none.",
        (("list_sum([4, 5])", 9),), methods=("list.sum",), nulls="maybe",
    ),
    Function(
        "list_mean", "lists", (_LIST,), FLOAT64, "The mean of the elements.", (("list_mean([4, 5])", 4.5),),
        aliases=("list_avg",), methods=("list.mean",), nulls="maybe",
    ),
    Function(
        "list_min", "lists", (_LIST,), element, "The least element.", (("list_min([4, 5])", 4),),
        methods=("list.min",), nulls="maybe",
    ),
    Function(
        "list_max", "lists", (_LIST,), element, "The greatest element.", (("list_max([4, 5])", 5),),
        methods=("list.max",), nulls="maybe",
    ),
    Function(
        "list_sort", "lists", (_LIST,), first, "The elements in order, nulls last.",
        (("list_sort([5, 4])", [4, 5]),), aliases=("array_sort",), methods=("list.sort",),
    ),
    Function(
        "list_unique", "lists", (_LIST,), first, "The elements, each once, in their first order.",
        (("list_unique([5, 4, 5])", [5, 4]),), aliases=("list_distinct", "array_distinct"), methods=("list.unique",),
    ),
    Function(
        "list_reverse", "lists", (_LIST,), first, "The elements backwards.", (("list_reverse([5, 4])", [4, 5]),),
        methods=("list.reverse",),
    ),
    Function(
        "list_join", "lists", (_LIST, Parameter("separator", "text", constant=True)), STRING,
        "The elements as text, with a separator between them, nulls left out.",
        (("list_join(['a', 'b'], '-')", "a-b"),),
        aliases=("array_to_string",), methods=("list.join",),
    ),
)  # fmt: skip
