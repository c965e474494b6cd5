"""What a connector is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.connectors.sdk.capabilities import WriteMode
from apps.nodes.columns import Column, Schema

BATCH_ROWS = 65_536
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "is_null", "is_not_null"]
QueryParameters = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column compared with a constant: a filter simple enough to hand to a source."""

    column: str
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """One read. Exactly one of `table` and `query`. `columns` and `limit` are honoured exactly;
    `prefilter` (all of them must hold) is a hint: a source may leave out rows that fail it, and whoever
    asks filters again. `format` and `sheet`-like options belong to file formats; `timeout` is in seconds."""

    table: str | None = None
    query: str | None = None
    parameters: QueryParameters = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    prefilter: tuple[Comparison, ...] = ()
    limit: int | None = None
    format: Mapping[str, Any] = field(default_factory=dict)
    batch_rows: int = BATCH_ROWS
    timeout: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """One write of rows with the columns of `schema`. `keys` name rows in update, upsert and delete.
    `idempotency_key` is the same whenever the same write is tried again."""

    table: str
    schema: Schema
    mode: WriteMode = WriteMode.APPEND
    keys: tuple[str, ...] = ()
    format: Mapping[str, Any] = field(default_factory=dict)
    batch_rows: int = BATCH_ROWS
    timeout: float | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class WriteResult:
    """`rows` were taken in; `affected` changed in the target (None where it does not say);
    `created`: the table was not there before; `repeated`: an earlier attempt of the same write had been
    committed, and nothing was written again; `exactly_once`: another attempt would find this one."""

    rows: int
    affected: int | None = None
    created: bool = False
    repeated: bool = False
    exactly_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteRequest:
    """One statement that may change data; `timeout` is in seconds."""

    query: str
    parameters: QueryParameters = field(default_factory=dict)
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class ExecuteResult:
    """`affected`: changed rows, None where the source does not say."""

    affected: int | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of a table name a row of the table `references` by its `referenced_columns`, one for one; without
    those it is its primary key. `references` is spelled as discovery spells tables."""

    columns: tuple[str, ...]
    references: str
    referenced_columns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": list(self.columns),
            "references": self.references,
            "referenced_columns": list(self.referenced_columns),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ForeignKey:
        return cls(tuple(value["columns"]), value["references"], tuple(value["referenced_columns"]))


@dataclass(frozen=True, slots=True)
class Table:
    """A table, file, sheet or path that was discovered. `keys` is its primary key;
    `rows` an estimate of the source, if it has one."""

    name: str
    schema: Schema
    keys: tuple[str, ...] = ()
    rows: int | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "columns": [column.as_json() for column in self.schema],
            "dynamic": self.schema.dynamic,
            "keys": list(self.keys),
            "rows": self.rows,
            "foreign_keys": [key.as_json() for key in self.foreign_keys],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Table:
        columns = tuple(Column.from_json(column) for column in value["columns"])
        # What was kept before foreign keys were discovered has none.
        foreign_keys = tuple(map(ForeignKey.from_json, value.get("foreign_keys", ())))
        schema = Schema(columns, value.get("dynamic", False))
        return cls(value["name"], schema, tuple(value["keys"]), value["rows"], foreign_keys)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether a connector works. `code` is `ok` or that of the error."""

    ok: bool
    code: str
    message: str
    latency_ms: float
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "latency_ms": self.latency_ms,
        }
