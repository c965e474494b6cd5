"""What every connector type is: a folder of the catalog with one class of this kind.

Class attributes declare it (form, icon and documentation derive from them); methods talk to the outside.
Drivers are imported inside methods, so that listing types loads none.
"""

from __future__ import annotations

import abc
import builtins
import time
from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

import polars as pl
import pyarrow as pa

from apps.connectors.sdk import guard
from apps.connectors.sdk.batches import BatchStream
from apps.connectors.sdk.capabilities import Capabilities
from apps.connectors.sdk.config import ConnectorConfig
from apps.connectors.sdk.context import ConnectorContext
from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.moving import Estimate, FirstRows, Origin, Statement
from apps.connectors.sdk.requests import (
    CheckResult,
    ExecuteRequest,
    ExecuteResult,
    ReadRequest,
    Table,
    WriteRequest,
    WriteResult,
)
from apps.connectors.sdk.scrub import Scrubber

C = TypeVar("C", bound=ConnectorConfig)


class Connector(abc.ABC, Generic[C]):
    """One opened connector; use it from one thread at a time (`cancel` may come from any), then `close` it.

    Methods raise ConnectorError with a code of `sdk.errors`, its message free of secrets.
    """

    type: ClassVar[str]
    label: ClassVar[str]
    description: ClassVar[str]
    category: ClassVar[str]
    icon: ClassVar[str]
    color: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    Config: ClassVar[builtins.type[ConnectorConfig]]

    def __init__(self, config: C, *, context: ConnectorContext) -> None:
        self.config = config
        self.context = context
        self.scrub = Scrubber(config.secrets().values())

    def __repr__(self) -> str:
        return f"<{self.type} connector>"

    def check(self, *, seconds: float = 10) -> CheckResult:
        """Try it, within `seconds`; never raises for what the other side does."""
        start = time.perf_counter()
        try:
            message = guard.call(self.probe, seconds=seconds, what=self.label, cancel=self.cancel)
            fine, code, remedy = True, "ok", ""
        except ConnectorError as error:
            fine, code, message, remedy = False, error.code, self.scrub(error.message), error.remedy
        return CheckResult(fine, code, message, round((time.perf_counter() - start) * 1000, 1), remedy)

    @abc.abstractmethod
    def probe(self) -> str:
        """Connect and answer in a few words what was found ("PostgreSQL 16.2")."""

    @abc.abstractmethod
    def discover(self, table: str | None = None) -> Sequence[Table]:
        """Columns of one table, or of all. Raises `unknown_table` for one that is not there."""

    def query_schema(self, request: ReadRequest) -> Table:  # noqa: ARG002
        """Columns that a query would give, without reading its rows."""
        raise self.unsupported("reading by a query")

    @abc.abstractmethod
    def read(self, request: ReadRequest) -> BatchStream:
        """Rows as Arrow batches; close the stream."""

    def scan(self, request: ReadRequest) -> pl.LazyFrame | None:  # noqa: ARG002
        """The same as a lazy frame that pushes work into the source; None where there is none that is
        safe, and `read` must do."""
        return None

    def write(self, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> WriteResult:  # noqa: ARG002
        """Take in all batches, or, where the type has transactions, none."""
        raise self.unsupported("writing")

    def origin(self, request: ReadRequest) -> Origin:  # noqa: ARG002
        """How the database's own SQL names the rows of a read; `capabilities.moves_rows` says whether it can."""
        raise self.unsupported("moving rows")

    def estimate(self, statements: Sequence[Statement]) -> list[Estimate]:  # noqa: ARG002
        """How many rows the source expects to look at and to give, for each."""
        raise self.unsupported("moving rows")

    def pull(self, statement: Statement) -> BatchStream:  # noqa: ARG002
        """The rows of a statement as Arrow batches, with the types of its columns; close the stream."""
        raise self.unsupported("moving rows")

    def take(self, statement: Statement, request: WriteRequest, first: FirstRows) -> WriteResult:  # noqa: ARG002
        """Write the rows of a statement without reading them, but for the `first`. Raises SourceFailedError for
        what the side that gives them raises, UnrepeatableError where the first cannot be told for sure."""
        raise self.unsupported("moving rows")

    def execute(self, request: ExecuteRequest) -> ExecuteResult:  # noqa: ARG002
        """Run one statement that may change data."""
        raise self.unsupported("executing statements")

    def cancel(self) -> None:
        """Stop what runs on another thread, as soon as the driver can. Harmless when nothing runs."""

    def close(self) -> None:
        """Free connections. Harmless when called again."""

    @classmethod
    def unsupported(cls, what: str) -> ConnectorError:
        return failure("unsupported", f"{cls.label} does not support {what}")
