"""PostgreSQL."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field, SecretStr

from apps.connectors.sdk import (
    BatchStream,
    Capabilities,
    Connector,
    ConnectorConfig,
    Estimate,
    ExecuteRequest,
    ExecuteResult,
    FirstRows,
    Origin,
    ReadRequest,
    Statement,
    Table,
    WriteMode,
    WriteRequest,
    WriteResult,
)
from apps.connectors.sdk.config import Host, Port

Name = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00]+$")]

logger = logging.getLogger(__name__)
_CANCEL_SECONDS = 2.0


class PostgreSQLConfig(ConnectorConfig):
    endpoint = ("host", "port")

    host: Host = Field(title="Host", description="Name or address of the server")
    port: Port = Field(default=5432, title="Port")
    database: Name = Field(title="Database")
    username: Name = Field(title="User name")
    password: SecretStr | None = Field(default=None, title="Password")
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-full"] = Field(
        default="prefer", title="TLS", description="verify-full also checks the server's certificate and name"
    )
    read_connections: int = Field(
        default=1,
        ge=1,
        le=8,
        title="Connections of a read",
        description="A large table is read over so many at once, all of one snapshot: faster where both this machine "
        "and the database's have cores to spare",
    )


class PostgreSQL(Connector[PostgreSQLConfig]):
    """Reads and writes tables of a PostgreSQL database (12 or later).

    Reads run one statement in a read-only transaction and stream it; a table of 16 MB or more may be shared by several
    connections that see the same snapshot, and its rows come in the order of one. A query takes parameters as
    `:name` or `{{ name }}` from `queryParameters`. `numeric` without a precision is read as decimal(38,9); types
    that have no counterpart are read as text, composites and json as json, intervals as durations with months of
    30 days. Writes run in one transaction: readers of the table see it before or after, never between.

    Each write leaves a mark in the table `uzo_stage_commits` beside the target, in the same transaction: tried
    again after a crash, it finds the mark and doubles nothing. Where the account may not make that table,
    writes are at least once, and the run's log says so.

    Many rows that go from one PostgreSQL to another through filters, columns and sums that SQL says just as well
    pass as they are, without being read by UZO. Of these the run keeps the first, to be looked at: a hundredth
    and at most 100,000 rows or 16 MB, of the same snapshot as those that were written. `keepOutput` on the write
    keeps all, and gives up that way. Rows of a query or a view are read by UZO on their way, since asking for
    their first once more might give others.
    """

    type = "postgresql"
    label = "PostgreSQL"
    description = "Tables and queries of a PostgreSQL database"
    category = "database"
    icon = "brand-postgresql"
    color = "#336791"
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_modes=frozenset(WriteMode),
        executes=True,
        queries=True,
        transactions=True,
        staging_swap=True,
        exactly_once=True,
        moves_rows=True,
        reads_on_demand=True,
        pushes_columns=True,
        pushes_limit=True,
        pushes_comparisons=True,
    )
    Config = PostgreSQLConfig

    def __init__(self, config: PostgreSQLConfig, *, context: Any) -> None:
        super().__init__(config, context=context)
        self._running: set[Any] = set()
        self._lock = threading.Lock()

    def probe(self) -> str:
        with self.connect() as connection:
            version = connection.info.server_version
            return f"PostgreSQL {version // 10_000}.{version % 10_000}"

    def discover(self, table: str | None = None) -> Sequence[Table]:
        from apps.connectors.catalog.postgresql import discovery
        from apps.connectors.catalog.postgresql.connection import read_only
        from apps.connectors.sdk.sql import TableName

        with self.connect() as connection, connection.cursor() as cursor:
            read_only(connection, seconds=self.context.limits.request_seconds)
            if table is not None:
                [found] = discovery.with_foreign_keys(cursor, [discovery.require(cursor, TableName.parse(table))])
                return [found.as_table(table)]
            everything = discovery.with_foreign_keys(cursor, discovery.relations(cursor))
            return [found.as_table(found.spelled) for found in everything]

    def query_schema(self, request: ReadRequest) -> Table:
        from apps.connectors.catalog.postgresql import reading

        return reading.describe(self, request)

    def read(self, request: ReadRequest) -> BatchStream:
        from apps.connectors.catalog.postgresql import reading

        return reading.read(self, request)

    def write(self, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> WriteResult:
        from apps.connectors.catalog.postgresql import writing

        return writing.write(self, batches, request)

    def origin(self, request: ReadRequest) -> Origin:
        from apps.connectors.catalog.postgresql import offering

        return offering.origin(self, request)

    def estimate(self, statements: Sequence[Statement]) -> list[Estimate]:
        from apps.connectors.catalog.postgresql import offering

        return offering.estimate(self, statements)

    def pull(self, statement: Statement) -> BatchStream:
        from apps.connectors.catalog.postgresql import moving

        return moving.pull(self, statement)

    def take(self, statement: Statement, request: WriteRequest, first: FirstRows) -> WriteResult:
        from apps.connectors.catalog.postgresql import moving

        return moving.take(self, statement, request, first)

    def execute(self, request: ExecuteRequest) -> ExecuteResult:
        from apps.connectors.catalog.postgresql import statements

        return statements.execute(self, request)

    def cancel(self) -> None:
        with self._lock:
            running = list(self._running)
        for driver in running:
            try:
                if hasattr(driver, "adbc_cancel"):
                    driver.adbc_cancel()
                else:  # not `cancel`, which would hold up every thread while the network hangs
                    driver.cancel_safe(timeout=_CANCEL_SECONDS)
            except Exception as error:
                # It may have ended meanwhile; the others must be cancelled all the same.
                logger.warning("a statement could not be cancelled: %s", type(error).__name__)

    @contextlib.contextmanager
    def running(self, driver: Any) -> Iterator[None]:
        """Makes a cursor or connection known to `cancel` while it is at work."""
        with self._lock:
            self._running.add(driver)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(driver)

    @contextlib.contextmanager
    def connect(self) -> Iterator[Any]:
        """A psycopg connection to the checked address, for the catalog and small statements."""
        import psycopg

        from apps.connectors.catalog.postgresql.connection import classified

        with classified(self.scrub), psycopg.connect(self._conninfo()) as connection, self.running(connection):
            yield connection

    @contextlib.contextmanager
    def alone(self) -> Iterator[Any]:
        """A psycopg connection that begins no transaction by itself, for rows."""
        with self.connect() as connection:
            connection.autocommit = True
            yield connection

    @contextlib.contextmanager
    def adbc(self, *, autocommit: bool = True) -> Iterator[Any]:
        """An ADBC connection to the checked address, for rows."""
        from apps.connectors.catalog.postgresql.drivers import DATABASES

        with DATABASES.connect(self._conninfo(), autocommit=autocommit) as connection:
            yield connection

    def _conninfo(self) -> str:
        from apps.connectors.catalog.postgresql.connection import conninfo

        endpoint = self.context.egress.check(self.config.host, self.config.port)
        return conninfo(self.config, endpoint, seconds=self.context.limits.connect_seconds)
