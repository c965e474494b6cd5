"""DuckDB's types and ours."""

from __future__ import annotations

import re
from typing import Final

from apps.connectors.sdk.sql import quote
from apps.nodes.columns import BINARY, BOOLEAN, DATE, DATETIME, DURATION, JSON, STRING, TIME, DataType

_SIMPLE: Final = {
    "BOOLEAN": BOOLEAN,
    "TINYINT": DataType("int8"),
    "SMALLINT": DataType("int16"),
    "INTEGER": DataType("int32"),
    "BIGINT": DataType("int64"),
    "UTINYINT": DataType("uint8"),
    "USMALLINT": DataType("uint16"),
    "UINTEGER": DataType("uint32"),
    "UBIGINT": DataType("uint64"),
    "FLOAT": DataType("float32"),
    "DOUBLE": DataType("float64"),
    "VARCHAR": STRING,
    "BLOB": BINARY,
    "DATE": DATE,
    "TIME": TIME,
    "TIMESTAMP": DATETIME,
    "TIMESTAMP WITH TIME ZONE": DataType("datetime", zone="UTC"),
}
_CREATED: Final = {kind.name: name for name, kind in _SIMPLE.items()} | {
    "json": "JSON",
    "duration": "INTERVAL",
    "null": "VARCHAR",
}
_DECIMAL: Final = re.compile(r"^DECIMAL\((\d+),(\d+)\)$")


def data_type(text: str) -> DataType:
    """The type of a column, as DESCRIBE names it."""
    if text in _SIMPLE:
        return _SIMPLE[text]
    decimal = _DECIMAL.match(text)
    if decimal:
        return DataType("decimal", precision=int(decimal[1]), scale=int(decimal[2]))
    if text in ("HUGEINT", "UHUGEINT"):
        return DataType("decimal", precision=38, scale=0)
    if text == "INTERVAL":
        return DURATION
    if text in ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"):
        return DATETIME
    if text.endswith("[]"):
        inner = data_type(text[:-2])
        plain = inner.name == "list" or text[:-2] in _SIMPLE or _DECIMAL.match(text[:-2])
        return DataType("list", inner=inner) if plain else JSON
    if text == "JSON" or text.startswith(("STRUCT(", "MAP(", "UNION(")) or re.search(r"\[\d+\]$", text):
        return JSON
    return STRING


def projection(name: str, text: str) -> str:
    """SQL that reads the column as something that Arrow holds without loss."""
    column, kind = quote(name), data_type(text)
    if kind == JSON:
        return f"{column}::JSON::VARCHAR AS {column}" if text != "JSON" else f"{column}::VARCHAR AS {column}"
    if kind == DURATION:
        return f"(epoch_us({column})) AS {column}"
    if text in ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"):
        return f"{column}::TIMESTAMP AS {column}"
    if text == "UHUGEINT":
        return f"{column}::DECIMAL(38,0) AS {column}"
    if kind == STRING and text != "VARCHAR":
        return f"{column}::VARCHAR AS {column}"
    return column


def created(kind: DataType) -> str:
    """The type of a column that we make."""
    if kind.name == "decimal":
        return f"DECIMAL({kind.precision},{kind.scale})"
    if kind.name == "datetime":
        return "TIMESTAMP WITH TIME ZONE" if kind.zone else "TIMESTAMP"
    if kind.name == "list":
        assert kind.inner is not None
        return f"{created(kind.inner)}[]"
    return _CREATED[kind.name]
