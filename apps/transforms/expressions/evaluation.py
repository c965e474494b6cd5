"""Expressions over single values, as control nodes have them: `{{ rows }} > 100`, or just `rows > 100`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from apps.kernel.errors import NodeError
from apps.nodes.columns import Column, Schema
from apps.transforms.expressions.checking import check
from apps.transforms.expressions.lower_polars import Lowering, Probe, to_polars
from apps.transforms.expressions.values import literal, types_of


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """The value of an expression; names are `values`, as parameters and as columns.

    Answers a Python value (None, bool, int, float, Decimal, str, date, …). Raises NodeError: with the code
    of the first problem where the expression is wrong, `overflow` or `cast_failed` where the values are.
    """
    types = types_of(values)
    schema = Schema.of(Column(name, kind, values[name] is None) for name, kind in types.items())
    checked = check(text, schema, types)
    if checked.tree is None:
        problem = checked.problems[0]
        raise NodeError(problem.message, code=problem.code, remedy="Correct the expression.")
    row = pl.select([literal(values[name], kind).alias(name) for name, kind in types.items()] or [pl.lit(0)])
    try:
        return row.select(to_polars(checked.tree, values).alias("value")).item()
    except pl.exceptions.PolarsError as error:
        probes: list[Probe] = []
        row.select(Lowering(values, probes=probes).expression(checked.tree))
        failed = next((each for each in probes if row.select(each.failing.any()).item()), None)
        if failed is None:
            raise NodeError(f"{text[:200]} cannot be computed", code="evaluation_failed") from error
        wrong = row.select(failed.value.cast(pl.String, strict=False)).item()
        what = "is beyond what the type holds" if failed.code == "overflow" else f"does not fit {failed.node.type}"
        raise NodeError(
            f"{wrong} {what}", code=failed.code, remedy="Use TRY_CAST or a wider type, or correct the value."
        ) from error
