"""SQLite databases in the tenant's storage."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from apps.connectors.sdk import (
    BatchStream,
    Capabilities,
    Connector,
    ExecuteRequest,
    ExecuteResult,
    ReadRequest,
    Table,
    WriteMode,
    WriteRequest,
    WriteResult,
)
from apps.connectors.sdk.database_file import DatabaseFileConfig, to_read, to_write
from apps.connectors.sdk.sql import bind, single

if TYPE_CHECKING:
    import sqlite3


class SqliteConfig(DatabaseFileConfig):
    """Only the name of the file."""


class Sqlite(Connector[SqliteConfig]):
    """Reads and writes tables of an SQLite file in the tenant's storage; writing makes the file if need be.

    Columns have the types that their declarations say; without one, and in queries, the first rows tell.
    The connection reaches this file alone: ATTACH, extensions and PRAGMA are refused. Writes run in one
    transaction. Dates are kept as ISO text, decimals of more than 15 digits as text.
    """

    type = "sqlite"
    label = "SQLite"
    description = "Tables of an SQLite file"
    category = "database"
    icon = "database"
    color = "#0f80cc"
    capabilities: ClassVar[Capabilities] = Capabilities(
        opens_files=True,
        write_modes=frozenset(WriteMode),
        executes=True,
        queries=True,
        transactions=True,
        staging_swap=True,
        exact_types=False,
        pushes_columns=True,
        pushes_limit=True,
        stores_files=True,
    )
    Config = SqliteConfig

    def __init__(self, config: SqliteConfig, *, context: Any) -> None:
        super().__init__(config, context=context)
        self._stop = threading.Event()

    def probe(self) -> str:
        with self.connect() as connection:
            count = connection.execute("SELECT count(*) FROM sqlite_master WHERE type IN ('table', 'view')").fetchone()[
                0
            ]
            return f"{count} tables"

    def discover(self, table: str | None = None) -> Sequence[Table]:
        from apps.connectors.catalog.sqlite import reading

        with self.connect(seconds=self.context.limits.request_seconds) as connection:
            return reading.tables(connection) if table is None else [reading.table(connection, table)]

    def query_schema(self, request: ReadRequest) -> Table:
        from apps.connectors.catalog.sqlite import reading

        with self.connect(seconds=self.context.limits.request_seconds) as connection:
            return Table("query", reading.start(connection, request)[0])

    def read(self, request: ReadRequest) -> BatchStream:
        from apps.connectors.catalog.sqlite import reading

        resources = contextlib.ExitStack()
        with contextlib.ExitStack() as opening:
            connection = opening.enter_context(self.connect(seconds=request.timeout))
            schema, batches = reading.start(connection, request)
            resources = opening.pop_all()
        return BatchStream(schema, self._classified(batches), close=resources.close)

    def write(self, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> WriteResult:
        from apps.connectors.catalog.sqlite import writing

        with self.connect(writing=True, seconds=request.timeout) as connection:
            return writing.write(self, connection, batches, request)

    def execute(self, request: ExecuteRequest) -> ExecuteResult:
        bound = bind(single(request.query), request.parameters, marks=True)
        values = {str(number): value for number, value in enumerate(bound.values, 1)}
        with self.connect(writing=True, seconds=request.timeout) as connection:
            cursor = connection.execute(bound.sql, values)
            return ExecuteResult(cursor.rowcount if cursor.rowcount >= 0 else None)

    def cancel(self) -> None:
        self._stop.set()

    @contextlib.contextmanager
    def connect(self, *, writing: bool = False, seconds: float | None = None) -> Iterator[sqlite3.Connection]:
        from apps.connectors.catalog.sqlite.connection import classified, open_file, watch

        name = self.config.file
        path = to_write(self.context, name, Path.touch) if writing else to_read(self.context, name)
        self._stop.clear()
        with classified(self.scrub):
            connection = open_file(path, writing=writing, busy_seconds=self.context.limits.busy_seconds)
            try:
                watch(connection, self._stop.is_set, seconds)
                yield connection
            finally:
                connection.close()

    def _classified(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from apps.connectors.catalog.sqlite.connection import classified

        with classified(self.scrub):
            yield from batches
