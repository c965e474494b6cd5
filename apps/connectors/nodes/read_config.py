"""The configuration of a read, and what it alone decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from apps.nodes.columns import UNKNOWN, Schema
from apps.nodes.config import ColumnNames, Expression, NodeConfig
from apps.nodes.problems import Problem

_BRACED = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")


class ReadConfig(NodeConfig):
    table: str | None = Field(
        default=None, title="Table", min_length=1, max_length=2000, description="A table, a file's name, or a path",
        json_schema_extra={"widget": "table"},
    )  # fmt: skip
    query: str | None = Field(
        default=None, title="Query", min_length=1, max_length=100_000, description="One SELECT, instead of a table",
        json_schema_extra={"widget": "query"},
    )  # fmt: skip
    query_parameters: dict[str, Any] | list[Any] | None = Field(
        default=None, title="Parameters of the query", description="Bound as values to :name, or $1, $2 of a list"
    )
    columns: ColumnNames | None = Field(default=None, title="Columns", description="All if none are named")
    filters: Expression | None = Field(default=None, title="Filter", json_schema_extra={"widget": "expression"})
    limit: int | None = Field(default=None, ge=0, title="Limit", description="At most so many rows, after the filter")
    cursor: Annotated[dict[str, Any] | None, Field(title="Cursor", description="{column, after}: only rows beyond")] = (
        None
    )
    format: dict[str, Any] | None = Field(default=None, title="Format", description="How a file is to be read")


def asked_of_catalog(config: ReadConfig) -> dict[str, Any]:
    """The part of a config that decides which columns the source gives."""
    asked: dict[str, Any] = {}
    if config.table is not None:
        asked["table"] = config.table
    if config.query is not None:
        named = dict.fromkeys(_BRACED.findall(config.query))
        given = config.query_parameters
        asked["query"] = config.query
        asked["queryParameters"] = given if isinstance(given, list) else {**named, **(given or {})}
    if config.format:
        asked["format"] = config.format
    return asked


def shape_problems(config: ReadConfig) -> Iterator[Problem]:
    if not config.connector_id:
        yield Problem("missing_connector", "choose a connector to read from", "connectorId")
    if (config.table is None) == (config.query is None):
        yield Problem("invalid_config", "give either a table or a query", "config.table")
    if config.cursor is not None and not isinstance(config.cursor.get("column"), str):
        yield Problem("invalid_config", "a cursor names a column", "config.cursor")


def chosen_columns(config: ReadConfig, source: Schema) -> tuple[Schema, list[Problem]]:
    if config.columns is None:
        return source, []
    problems = []
    if source.dynamic:
        return UNKNOWN, []
    for index, name in enumerate(config.columns):
        if source.get(name) is None:
            known = ", ".join(source.names[:20])
            message = f"there is no column {name!r}; there are: {known}"
            problems.append(Problem("unknown_column", message, f"config.columns.{index}"))
    return Schema(tuple(column for column in source if column.name in config.columns)), problems


def needs_filter(config: ReadConfig) -> bool:
    return config.filters is not None or config.cursor is not None


def conditions_of(config: ReadConfig) -> str:
    """The filter and the cursor as one expression; the cursor's value is a literal of the language."""
    parts = [f"({config.filters})"] if config.filters else []
    if config.cursor is not None and config.cursor.get("after") is not None:
        parts.append(_beyond(config))
    polars_style = bool(config.filters) and "col(" in str(config.filters)
    return (" & " if polars_style else " AND ").join(parts) or "TRUE"


def _beyond(config: ReadConfig) -> str:
    assert config.cursor is not None
    name, after = str(config.cursor["column"]), config.cursor["after"]
    literal = "'" + after.replace("'", "''") + "'" if isinstance(after, str) else str(after)
    if config.filters and "col(" in config.filters:
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        return f"(col('{escaped}') > {literal})"
    quoted = name.replace('"', '""')
    return f'("{quoted}" > {literal})'
