"""DuckDB databases in the tenant's storage."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
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
from apps.connectors.sdk.database_file import DatabaseFileConfig, patiently, to_read, to_write
from apps.connectors.sdk.sql import bind, single

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class DuckdbConfig(DatabaseFileConfig):
    """Only the name of the file."""


class Duckdb(Connector[DuckdbConfig]):
    """Reads and writes tables of a DuckDB file in the tenant's storage; writing makes the file if need be.

    The engine reaches this file alone: other files, the network, ATTACH, extensions and Python's own
    variables are switched off, and the switches are locked. Reads open the file read-only and run one
    SELECT. Structs, maps and unions are read as json, intervals as durations with months of 30 days.
    Writes run in one transaction; while one is at work, others wait for some seconds.
    """

    type = "duckdb"
    label = "DuckDB"
    description = "Tables of a DuckDB file"
    category = "database"
    icon = "database"
    color = "#f5c400"
    capabilities: ClassVar[Capabilities] = Capabilities(
        opens_files=True,
        write_modes=frozenset(WriteMode),
        executes=True,
        queries=True,
        transactions=True,
        staging_swap=True,
        pushes_columns=True,
        pushes_limit=True,
        stores_files=True,
    )
    Config = DuckdbConfig

    def __init__(self, config: DuckdbConfig, *, context: Any) -> None:
        super().__init__(config, context=context)
        self._running: set[DuckDBPyConnection] = set()

    def probe(self) -> str:
        with self.connect() as connection:
            count = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
            return f"{count[0] if count else 0} tables"

    def discover(self, table: str | None = None) -> Sequence[Table]:
        from apps.connectors.catalog.duckdb import reading

        with self.connect() as connection:
            return reading.tables(connection) if table is None else [reading.table(connection, table)]

    def query_schema(self, request: ReadRequest) -> Table:
        from apps.connectors.catalog.duckdb import reading

        with self.connect() as connection:
            return Table("query", reading.select(connection, request).schema)

    def read(self, request: ReadRequest) -> BatchStream:
        from apps.connectors.catalog.duckdb import reading

        with contextlib.ExitStack() as opening:
            connection = opening.enter_context(self.connect())
            select = reading.select(connection, request)
            resources = opening.pop_all()
        return BatchStream(select.schema, self._classified(connection, select, request), close=resources.close)

    def write(self, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> WriteResult:
        from apps.connectors.catalog.duckdb import writing

        with self.connect(writing=True) as connection:
            return writing.write(self, connection, batches, request)

    def execute(self, request: ExecuteRequest) -> ExecuteResult:
        from apps.connectors.catalog.duckdb.connection import one_statement

        bound = bind(single(request.query), request.parameters, marks=True)
        with self.connect(writing=True) as connection:
            statement = one_statement(connection, bound.sql, reading=False)
            row = connection.execute(statement, list(bound.values)).fetchone()
            return ExecuteResult(row[0] if row and len(row) == 1 and isinstance(row[0], int) else None)

    def cancel(self) -> None:
        for connection in list(self._running):
            connection.interrupt()

    @contextlib.contextmanager
    def connect(self, *, writing: bool = False) -> Iterator[DuckDBPyConnection]:
        from apps.connectors.catalog.duckdb.connection import classified, make, open_file

        name = self.config.file
        path = to_write(self.context, name, make) if writing else to_read(self.context, name)

        def attempt() -> DuckDBPyConnection:
            with classified(self.scrub):
                opened: DuckDBPyConnection = open_file(path, writing=writing)
                return opened

        with classified(self.scrub):
            connection = patiently(attempt, seconds=self.context.limits.busy_seconds)
            self._running.add(connection)
            try:
                yield connection
            finally:
                self._running.discard(connection)
                connection.close()

    def _classified(self, connection: Any, select: Any, request: ReadRequest) -> Iterator[pa.RecordBatch]:
        from apps.connectors.catalog.duckdb import reading
        from apps.connectors.catalog.duckdb.connection import classified

        with classified(self.scrub):
            yield from reading.batches(connection, select, request.batch_rows)
