"""PostgreSQL's types and ours: how each column is read so that it arrives exact, and how one is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.sql import quote
from apps.nodes.columns import BINARY, BOOLEAN, DATE, DATETIME, DURATION, FLOAT64, INT64, JSON, STRING, TIME, DataType

INT16, INT32, FLOAT32 = DataType("int16"), DataType("int32"), DataType("float32")
UNBOUNDED_NUMERIC = DataType("decimal", precision=38, scale=9)
"""numeric without a precision: 29 digits before the point and 9 behind, as other warehouses have it."""
DIRECT: Final = {
    "bool": BOOLEAN,
    "int2": INT16,
    "int4": INT32,
    "int8": INT64,
    "float4": FLOAT32,
    "float8": FLOAT64,
    "text": STRING,
    "varchar": STRING,
    "bpchar": STRING,
    "bytea": BINARY,
    "date": DATE,
    "time": TIME,
    "timestamp": DATETIME,
    "timestamptz": DataType("datetime", zone="UTC"),
}
_ARRAYS: Final = frozenset(DIRECT) - {"bpchar", "bytea", "time"}


@dataclass(frozen=True, slots=True)
class SourceType:
    """A column's type as the catalog of PostgreSQL tells it; `kind` is pg_type.typtype, `element` the name
    of an array's element type, `modifier` the typmod."""

    name: str
    kind: str = "b"
    modifier: int = -1
    element: str | None = None
    element_kind: str | None = None

    @property
    def data_type(self) -> DataType:
        if self.element is not None:
            return self._array
        if self.name == "numeric":
            return _numeric(self.modifier)
        if self.name in DIRECT:
            return DIRECT[self.name]
        if self.name in ("json", "jsonb") or self.kind == "c":
            return JSON
        if self.name == "interval":
            return DURATION
        if self.name == "oid":
            return INT64
        return STRING

    @property
    def _array(self) -> DataType:
        assert self.element is not None
        if self.element in _ARRAYS:
            return DataType("list", inner=DIRECT[self.element])
        if self.element in ("json", "jsonb") or self.element_kind == "c":
            return JSON
        return DataType("list", inner=STRING)

    @property
    def sent(self) -> str:
        """The type of what `projection` gives, or of the column itself where that is a `numeric(12,2)` or its like;
        `text` for all that is sent as its characters; for an array its own."""
        if self.element is not None:
            return "text" if self.data_type == JSON else self.name
        if self.name in DIRECT:
            return "text" if DIRECT[self.name] == STRING else self.name
        kind = self.data_type
        if self.name == "numeric" and kind != UNBOUNDED_NUMERIC:
            return f"numeric({kind.precision},{kind.scale})"
        return "int8" if self.name in ("interval", "oid") and self.kind == "b" else "text"

    def projection(self, name: str) -> str:
        """SQL that reads the column as something that Arrow holds without loss."""
        column = quote(name)
        kind = self.data_type
        if self.element is not None:
            text = f"{column}::text[]" if kind.name == "list" and self.element not in _ARRAYS else column
            return f"to_jsonb({column})::text AS {column}" if kind == JSON else f"{text} AS {column}"
        if self.name in DIRECT:
            return column
        if self.kind == "c":
            return f"to_jsonb({column})::text AS {column}"
        if self.name == "interval":
            return f"(extract(epoch FROM {column}) * 1000000)::bigint AS {column}"
        if self.name == "oid":
            return f"{column}::bigint AS {column}"
        return f"{column}::text AS {column}"


def _numeric(modifier: int) -> DataType:
    if modifier < 4:
        return UNBOUNDED_NUMERIC
    precision, scale = (modifier - 4) >> 16 & 0xFFFF, (modifier - 4) & 0x7FF
    if scale > precision or precision > 38 or scale & 0x400:
        return UNBOUNDED_NUMERIC
    return DataType("decimal", precision=precision, scale=scale)


def finish(frame: pl.DataFrame, types: dict[str, DataType]) -> pl.DataFrame:
    """Arrived batches with their final types. Raises `value_out_of_range` for NaN and infinity where the
    type has none, and for digits that do not fit."""
    wanted = {name: kind.to_polars() for name, kind in types.items()}
    others = [name for name, dtype in wanted.items() if frame.schema[name] != dtype]
    done = frame.with_columns(pl.col(name).cast(wanted[name], strict=False) for name in others)
    suspects = [name for name, kind in types.items() if kind.name == "decimal"]
    for name in suspects:
        if done[name].null_count() != frame[name].null_count():
            lost = frame.filter(done[name].is_null() & frame[name].is_not_null())[name][0]
            raise failure("value_out_of_range", f"column {name!r} holds {lost}, which is no {types[name]}")
    for name, kind in types.items():
        if kind.name in ("date", "datetime"):
            _refuse_infinite(done[name], name)
    return done


_DAYS: Final = (-719_162, 2_932_896)  # 0001-01-01 and 9999-12-31, counted from 1970-01-01


def _refuse_infinite(column: pl.Series, name: str) -> None:
    """PostgreSQL knows infinite and very far dates; nothing downstream could show them."""
    unit = 1 if column.dtype == pl.Date else 86_400_000_000
    numbers = column.to_physical()
    low, high = numbers.min(), numbers.max()
    if low is not None and (low < _DAYS[0] * unit or high >= (_DAYS[1] + 1) * unit):  # type: ignore[operator]
        raise failure(
            "value_out_of_range",
            f"column {name!r} holds infinity or a date outside the years 1 to 9999",
            remedy="Read it by a query that replaces such dates, for example with NULLIF.",
        )


_CREATED: Final = {
    "int8": "smallint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "uint8": "smallint",
    "uint16": "integer",
    "uint32": "bigint",
    "uint64": "numeric(20,0)",
    "float32": "real",
    "float64": "double precision",
    "string": "text",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "duration": "interval",
    "binary": "bytea",
    "json": "jsonb",
    "null": "text",
}


def created(kind: DataType) -> str:
    """The type of a column that we make."""
    if kind.name == "decimal":
        return f"numeric({kind.precision},{kind.scale})"
    if kind.name == "datetime":
        return "timestamptz" if kind.zone else "timestamp"
    if kind.name == "list":
        assert kind.inner is not None
        return "jsonb" if kind.inner.name == "list" else f"{created(kind.inner)}[]"
    return _CREATED[kind.name]


def staged(kind: DataType) -> DataType:
    """The type in which rows of that type are sent: what the driver can write."""
    if kind.name in ("json", "null"):
        return STRING
    if kind.name == "uint64":
        return DataType("decimal", precision=20, scale=0)
    widened = {"int8": INT16, "uint8": INT16, "uint16": INT32, "uint32": INT64}
    return widened.get(kind.name, kind)


def arrives_as(source: DataType, target: SourceType) -> DataType | None:
    """The type to send so that COPY can write straight into such a column; None where only SQL can cast."""
    goal = DIRECT.get(target.name) if target.element is None else None
    if goal is not None and goal.is_integer and source.is_integer:
        return goal
    if goal is not None and goal.is_float and (source.is_integer or source.is_float):
        return goal
    if goal is not None and source.name == goal.name and goal.name not in ("string",):
        return goal if bool(source.zone) == bool(goal.zone) else None
    if target.element is None and target.name in ("text", "varchar") and source.is_text:
        return STRING
    if target.element is None and target.name == "numeric" and source.name == "decimal":
        return source
    if target.element is None and target.name == "interval" and source.name == "duration":
        return source
    return None


_SOURCES: Final = {str(kind): name for name, kind in DIRECT.items() if name not in ("varchar", "bpchar")} | {
    "int8": "int2",
    "uint8": "int2",
    "uint16": "int4",
    "uint32": "int8",
    "uint64": "numeric",
    "decimal": "numeric",
    "duration": "interval",
    "json": "jsonb",
    "null": "text",
}


def source_of(kind: DataType) -> SourceType:
    """The source type of a column made by `created`."""
    if kind.name == "list":
        return SourceType("_jsonb" if created(kind) == "jsonb" else "_array", element="other")
    if kind.name == "datetime":
        return SourceType("timestamptz" if kind.zone else "timestamp")
    return SourceType(_SOURCES[kind.name])
