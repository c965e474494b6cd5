"""The table of functions: the one place that says what an expression may call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from apps.transforms.expressions.functions import conditions, dates, json, lists, numbers, text
from apps.transforms.expressions.functions.base import Family, Function, Kind, Parameter

__all__ = ["FUNCTIONS", "METHODS", "NAMES", "REFUSED", "Family", "Function", "Kind", "Parameter"]

FUNCTIONS: Final[Mapping[str, Function]] = {
    function.name: function
    for module in (numbers, text, dates, conditions, lists, json)
    for function in module.FUNCTIONS
}
"""Every function by its SQL name."""

METHODS: Final[Mapping[str, Function]] = {
    method: function for function in FUNCTIONS.values() for method in function.methods
}
"""By Polars method, with its name space: `str.to_uppercase`."""


_AGGREGATES: Final = (
    "sum", "mean", "avg", "min", "max", "count", "median", "std", "stddev", "var", "variance", "quantile",
    "n_unique", "first", "last", "any", "all", "mode", "product", "implode", "any_value", "array_agg", "agg",
    "string_agg", "null_count", "arg_max", "arg_min", "head", "tail", "sample", "shuffle",
)  # fmt: skip
_WINDOWS: Final = (
    "over", "row_number", "rank", "dense_rank", "lag", "lead", "shift", "cum_sum", "cumsum", "cum_max", "cum_min",
    "cum_count", "cum_prod", "diff", "pct_change", "rolling_mean", "rolling_sum", "rolling_min", "rolling_max",
    "forward_fill", "backward_fill", "interpolate", "first_value", "last_value", "sort", "sort_by", "ewm_mean",
)  # fmt: skip
_CODE: Final = (
    "map_elements", "map_batches", "map_groups", "map_rows", "apply", "map", "pipe", "inspect", "eval", "exec",
    "compile", "open", "getattr", "setattr", "globals", "locals", "vars", "dir", "import", "sql", "sql_expr",
    "register_plugin", "register_plugin_function", "deserialize", "serialize", "from_json", "reduce", "fold", "meta",
    "read_csv", "read_parquet", "read_json", "read_text", "read_blob", "scan_csv", "scan_parquet", "glob", "query",
    "getenv", "current_setting", "set_config", "pg_read_file", "pg_sleep", "load_extension", "lo_import", "sleep",
    "parquet_scan", "csv_scan", "read_csv_auto", "sqlite_scan", "postgres_scan", "writefile", "readfile",
)  # fmt: skip

REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys(_AGGREGATES, "it sums up many rows, and an expression sees one: use an aggregate or window node"),
    **dict.fromkeys(_WINDOWS, "it looks at other rows, and an expression sees one: use a window node"),
    **dict.fromkeys(_CODE, "an expression runs no code, opens nothing and asks nobody"),
}
"""Names that people try, with the reason why they are forbidden. A name that is a function is none of these."""


def _plain_names() -> dict[str, Function]:
    names = dict(FUNCTIONS)
    for function in FUNCTIONS.values():
        for alias in function.aliases:
            if names.setdefault(alias, function) is not function:
                raise ValueError(f"two functions are called {alias!r}")
    for method, function in METHODS.items():
        space, _, leaf = method.rpartition(".")
        if space != "list" and leaf not in REFUSED:
            names.setdefault(leaf, function)
    return names


NAMES: Final[Mapping[str, Function]] = _plain_names()
"""By every name that can stand before a parenthesis, in either spelling."""
