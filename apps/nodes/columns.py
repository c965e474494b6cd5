"""Columns and their types: what travels along an edge, known before anything runs.

The names are those a `cast` accepts and the schema endpoints answer: `int8`…`int64`, `uint8`…`uint64`,
`float32`, `float64`, `decimal(p,s)`, `string`, `boolean`, `date`, `time`, `datetime`,
`datetime(zone)`, `duration`, `binary`, `list(T)`, `json`, and `null` for a column of nothing but nulls.
`json` is text to Polars; the difference lives here.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

_SIMPLE: dict[str, pl.DataType] = {
    "int8": pl.Int8(),
    "int16": pl.Int16(),
    "int32": pl.Int32(),
    "int64": pl.Int64(),
    "uint8": pl.UInt8(),
    "uint16": pl.UInt16(),
    "uint32": pl.UInt32(),
    "uint64": pl.UInt64(),
    "float32": pl.Float32(),
    "float64": pl.Float64(),
    "string": pl.String(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "time": pl.Time(),
    "duration": pl.Duration("us"),
    "binary": pl.Binary(),
    "json": pl.String(),
    "null": pl.Null(),
}
_BY_POLARS = {type(dtype): name for name, dtype in _SIMPLE.items() if name != "json"}
_PARAMETRIC = re.compile(r"^(decimal|datetime|list)\((.*)\)$", re.DOTALL)
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class DataType:
    """One column type. Build it with `DataType.parse` or the helpers below; compare by value."""

    name: str
    precision: int | None = None
    scale: int | None = None
    zone: str | None = None
    inner: DataType | None = None

    @classmethod
    def parse(cls, text: str) -> DataType:
        """Read a type as people write it; raises ValueError that says what was wrong."""
        return _parse(text, depth=0)

    @classmethod
    def from_polars(cls, dtype: pl.DataType | type[pl.DataType]) -> DataType:
        """The type of a Polars column; structs and arrays of structs become `json`.

        Raises ValueError for what cannot travel along an edge (Python objects).
        """
        if isinstance(dtype, type):
            dtype = dtype()
        if isinstance(dtype, pl.Decimal):
            return cls("decimal", precision=dtype.precision or 38, scale=dtype.scale)
        if isinstance(dtype, pl.Datetime):
            return cls("datetime", zone=dtype.time_zone)
        if isinstance(dtype, pl.List | pl.Array):
            inner = cls.from_polars(dtype.inner)  # type: ignore[arg-type]  # never a bare class in a real frame
            return JSON if inner == JSON else cls("list", inner=inner)
        if isinstance(dtype, pl.Struct):
            return JSON
        if isinstance(dtype, pl.Categorical | pl.Enum):
            return STRING
        if isinstance(dtype, pl.Int128):
            return cls("decimal", precision=38, scale=0)
        if isinstance(dtype, pl.Duration):
            return DURATION
        name = _BY_POLARS.get(type(dtype))
        if name is None:
            raise ValueError(f"columns of type {dtype} cannot travel along an edge")
        return cls(name)

    def to_polars(self) -> pl.DataType:
        """The Polars type that holds such a column; time stamps and durations are in microseconds."""
        match self.name:
            case "decimal":
                return pl.Decimal(self.precision, self.scale or 0)
            case "datetime":
                return pl.Datetime("us", self.zone)
            case "list":
                assert self.inner is not None
                return pl.List(self.inner.to_polars())
            case name:
                return _SIMPLE[name]

    @property
    def is_integer(self) -> bool:
        return self.name.startswith(("int", "uint"))

    @property
    def is_float(self) -> bool:
        return self.name.startswith("float")

    @property
    def is_numeric(self) -> bool:
        return self.is_integer or self.is_float or self.name == "decimal"

    @property
    def is_text(self) -> bool:
        return self.name in ("string", "json")

    @property
    def is_temporal(self) -> bool:
        return self.name in ("date", "time", "datetime", "duration")

    def __str__(self) -> str:
        match self.name:
            case "decimal":
                return f"decimal({self.precision},{self.scale})"
            case "datetime" if self.zone:
                return f"datetime({self.zone})"
            case "list":
                return f"list({self.inner})"
            case name:
                return name


@cache
def time_zones() -> frozenset[str]:
    """Names of all time zones; looking for them reads a folder tree, so it is done once."""
    return frozenset(zoneinfo.available_timezones())


def _parse(text: str, *, depth: int) -> DataType:
    text = text.strip()
    if depth > _MAX_DEPTH:
        raise ValueError(f"lists are nested more than {_MAX_DEPTH} deep")
    if text in _SIMPLE:
        return DataType(text)
    if text == "datetime":
        return DataType("datetime")
    match = _PARAMETRIC.match(text)
    if match is None:
        raise ValueError(f"unknown type {text[:60]!r}")
    name, argument = match.group(1), match.group(2).strip()
    if name == "list":
        return DataType("list", inner=_parse(argument, depth=depth + 1))
    if name == "datetime":
        if argument not in time_zones():
            raise ValueError(f"unknown time zone {argument[:60]!r}")
        return DataType("datetime", zone=argument)
    parts = [part.strip() for part in argument.split(",")]
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts):
        raise ValueError("a decimal is written decimal(precision,scale)")
    precision, scale = int(parts[0]), int(parts[1])
    if not 1 <= precision <= 38 or scale > precision:
        raise ValueError("a decimal has 1 to 38 digits, and no more behind the point than in all")
    return DataType("decimal", precision=precision, scale=scale)


BOOLEAN = DataType("boolean")
STRING = DataType("string")
JSON = DataType("json")
NULL = DataType("null")
INT64 = DataType("int64")
UINT64 = DataType("uint64")
FLOAT64 = DataType("float64")
DATE = DataType("date")
TIME = DataType("time")
DATETIME = DataType("datetime")
DURATION = DataType("duration")
BINARY = DataType("binary")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an edge; `nullable` is true unless it is known that no null can occur."""

    name: str
    type: DataType
    nullable: bool = True

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "type": str(self.type), "nullable": self.nullable}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Column:
        return cls(value["name"], DataType.parse(value["type"]), value.get("nullable", True))


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of one port, in order. `dynamic`: only the data will tell (more) columns."""

    columns: tuple[Column, ...] = ()
    dynamic: bool = False

    def __iter__(self) -> Any:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def get(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def to_polars(self) -> pl.Schema:
        return pl.Schema({column.name: column.type.to_polars() for column in self.columns})

    def empty(self) -> pl.LazyFrame:
        """A lazy frame of these columns without rows, for type inference."""
        return pl.LazyFrame(schema=self.to_polars())

    @classmethod
    def of(cls, columns: Iterable[Column], *, dynamic: bool = False) -> Schema:
        return cls(tuple(columns), dynamic)

    @classmethod
    def from_polars(cls, schema: Mapping[str, pl.DataType]) -> Schema:
        return cls(tuple(Column(name, DataType.from_polars(dtype)) for name, dtype in schema.items()))


UNKNOWN = Schema(dynamic=True)
