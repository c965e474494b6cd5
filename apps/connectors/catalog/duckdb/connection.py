"""DuckDB, confined to one file, and its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.scrub import Scrubber

_CONFINED: Final = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "python_scan_all_frames": "false",
    "threads": "2",
    "memory_limit": "512MB",
}
_BY_CLASS: Final = {
    "CatalogException": "unknown_table",
    "BinderException": "unknown_column",
    "ParserException": "invalid_query",
    "ConstraintException": "constraint_violated",
    "ConversionException": "value_out_of_range",
    "OutOfRangeException": "value_out_of_range",
    "PermissionException": "permission_denied",
    "InterruptException": "timeout",
    "TransactionException": "busy",
    "OutOfMemoryException": "server_error",
}


def open_file(path: Path, *, writing: bool) -> Any:
    """A connection whose engine can open nothing else. Raises `busy` while another process writes, or
    this one does."""
    import duckdb

    connection = duckdb.connect(str(path), read_only=not writing, config=dict(_CONFINED))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET lock_configuration = true")
    return connection


def make(path: Path) -> None:
    """A new, empty database at that path."""
    import duckdb

    path.unlink()
    duckdb.connect(str(path)).close()


def one_statement(connection: Any, sql: str, *, reading: bool) -> Any:
    """The only statement of `sql`; raises `invalid_query` for more, `write_not_allowed` for one that is no
    SELECT where only reading is allowed."""
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise failure("invalid_query", "only one statement can be run at a time")
    if reading and statements[0].type != duckdb.StatementType.SELECT:
        raise failure("write_not_allowed", "only a SELECT can be read")
    return statements[0]


def classify(error: Exception, scrub: Scrubber) -> ConnectorError:
    text = scrub(str(error).split("\n\nLINE")[0])
    name = type(error).__name__
    if name in ("IOException", "ConnectionException") and any(
        part in text for part in ("lock", "different configuration", "being used")
    ):
        return failure("busy", "another run is using the database file")
    if "not a valid DuckDB" in text or name == "SerializationException":
        return failure("invalid_file", "the file is not a DuckDB database")
    if "read-only" in text:
        return failure("write_not_allowed", text)
    if name == "BinderException" and "column" not in text.lower():
        return failure("invalid_query", text)
    return failure(_BY_CLASS.get(name, "invalid_query"), text)


@contextmanager
def classified(scrub: Scrubber) -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise classify(error, scrub) from None
