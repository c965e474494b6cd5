"""Connecting to PostgreSQL from typed fields alone, and reading its errors."""

from __future__ import annotations

import re
import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from apps.connectors.sdk.egress import Endpoint
from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.scrub import Scrubber

if TYPE_CHECKING:
    from apps.connectors.catalog.postgresql import PostgreSQLConfig

_BY_STATE: Final = (
    ("28", "authentication_failed"),
    ("3D000", "unknown_database"),
    ("3F000", "unknown_table"),
    ("42P01", "unknown_table"),
    ("42703", "unknown_column"),
    ("42701", "duplicate_column"),
    ("42702", "duplicate_column"),
    ("42501", "permission_denied"),
    ("25006", "write_not_allowed"),
    ("57014", "timeout"),
    ("55P03", "busy"),
    ("40", "busy"),
    ("23", "constraint_violated"),
    ("22", "value_out_of_range"),
    ("42", "invalid_query"),
    ("0A", "invalid_query"),
    ("08", "connection_lost"),
    ("57P", "connection_lost"),
    ("53", "server_error"),
)
_BY_TEXT: Final = (
    (r"password authentication failed|no password supplied|pg_hba\.conf", "authentication_failed"),
    (r"role \".*\" does not exist", "authentication_failed"),
    (r"database \".*\" does not exist", "unknown_database"),
    (r"SSL|certificate", "tls_failed"),
    (r"timeout expired|statement timeout|user request", "timeout"),
    (r"read-only transaction|read-write mode must be set", "write_not_allowed"),
    (r"numeric field overflow|out of range|invalid input syntax", "value_out_of_range"),
    (r"division by zero|invalid byte sequence", "value_out_of_range"),
    (r"violates|duplicate key", "constraint_violated"),
    (r"server closed|terminating connection|SSL connection has been closed|no connection", "connection_lost"),
)  # fmt: skip
_NOISE: Final = re.compile(
    r"\s*(Query was:.*|\.?\s*SQLSTATE:.*|CONTEXT:.*|^[A-Z_]+:\s*|\[libpq\]\s*|"
    r"(Failed|Execution)[^:]*?(query[^:]*|statement)?: (could not begin COPY: )?|"
    r"(Execution error )?\[?PGRES_\w+\]?:?|ERROR:\s+)",
    re.DOTALL,
)


_WAIT_SECONDS: Final = 0.5


def conninfo(config: PostgreSQLConfig, endpoint: Endpoint, *, seconds: float) -> str:
    """What libpq is told. Every field is a value of its own, quoted by psycopg; nothing of the server's own
    environment (password files, services, client certificates) is lent to a tenant."""
    from psycopg.conninfo import make_conninfo

    return make_conninfo(
        "",
        host=endpoint.host,
        hostaddr=endpoint.address,
        port=endpoint.port,
        dbname=config.database,
        user=config.username,
        password=config.password.get_secret_value() if config.password else "",
        sslmode=config.sslmode,
        sslrootcert="system" if config.sslmode == "verify-full" else "",
        sslcert="",
        sslkey="",
        passfile="/nonexistent/.pgpass",
        gssencmode="disable",
        connect_timeout=max(2, round(seconds)),
        keepalives=1,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=60_000,
        application_name="uzo",
        client_encoding="UTF8",
    )


def classify(error: BaseException, scrub: Scrubber) -> ConnectorError:
    """The driver's error as one of ours, without noise and secrets."""
    state = getattr(error, "sqlstate", None) or ""
    text = scrub(_NOISE.sub("", str(error)).strip() or type(error).__name__)
    for prefix, code in _BY_STATE:
        if state.startswith(prefix):
            return failure(code, text)
    for pattern, code in _BY_TEXT:
        if re.search(pattern, text):
            return failure(code, text)
    return failure("connection_failed" if not state else "server_error", text)


class RefusedStatementError(Exception):
    """The server would not run a statement; `sqlstate` says why."""

    def __init__(self, message: str, sqlstate: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


def refused(result: Any, scrub: Scrubber) -> ConnectorError:
    """The error that a result of libpq's tells."""
    from psycopg.pq import DiagnosticField

    state = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()
    return classify(RefusedStatementError(result.error_message.decode(errors="replace"), state), scrub)


@contextmanager
def classified(scrub: Scrubber) -> Iterator[None]:
    """Turns what psycopg, ADBC and Arrow raise into ConnectorError."""
    import adbc_driver_manager as adbc
    import psycopg
    import pyarrow as pa

    try:
        yield
    except ConnectorError:
        raise
    except (psycopg.Error, adbc.Error, pa.ArrowException, OSError) as error:
        raise classify(error, scrub) from None


def read_only(connection: Any, *, seconds: float | None) -> None:
    """Every transaction from here on refuses to write; one statement may take `seconds`."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        limit(cursor, seconds)
    if hasattr(connection, "pgconn"):
        connection.commit()  # psycopg has opened a transaction, and the setting counts from the next one


def export_snapshot(cursor: Any) -> str:
    """Fix what a transaction sees, at its beginning; the name under which another connection sees the same while
    this one is open."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    cursor.execute("SELECT pg_export_snapshot()")
    [snapshot] = cursor.fetchone()
    return str(snapshot)


def import_snapshot(cursor: Any, snapshot: str) -> None:
    """Begin a transaction that sees what another connection does."""
    cursor.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")


def limit(cursor: Any, seconds: float | None) -> None:
    cursor.execute(f"SET statement_timeout = {round((seconds or 0) * 1000)}")
    cursor.execute("SET lock_timeout = 30000")
    cursor.execute("SET TIME ZONE 'UTC'")


def next_result(raw: Any) -> Any:
    """The next result of what was sent on a raw connection; None where there is no more. libpq's own waiting would
    hold up every other thread of the process, the one that watches the clock among them."""
    while raw.flush():
        select.select([raw.socket], [raw.socket], [], _WAIT_SECONDS)
        raw.consume_input()
    while raw.is_busy():
        select.select([raw.socket], [], [], _WAIT_SECONDS)
        raw.consume_input()
    return raw.get_result()


def answer(raw: Any) -> Any:
    """The last result of what was sent on a raw connection; the first that says that rows are to be copied, which
    libpq would give for ever."""
    from psycopg.pq import ExecStatus

    last = None
    while (result := next_result(raw)) is not None:
        last = result
        if result.status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT):
            break
    return last
