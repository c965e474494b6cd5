"""SQLite, confined: this one file, no other, no extensions, one statement."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote as url_quote

from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.scrub import Scrubber

_READING: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_NEVER: Final = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA})
_FUNCTIONS: Final = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "zipfile"})
_DESCRIBING: Final = frozenset({"table_xinfo", "table_list", "foreign_key_list"})
_BY_TEXT: Final = (
    ("no such table", "unknown_table"),
    ("no such column", "unknown_column"),
    ("readonly database", "write_not_allowed"),
    ("not authorized", "write_not_allowed"),
    ("prohibited", "write_not_allowed"),
    ("interrupted", "timeout"),
    ("locked", "busy"),
    ("not a database", "invalid_file"),
    ("malformed", "invalid_file"),
    ("constraint failed", "constraint_violated"),
    ("one statement at a time", "invalid_query"),
    ("syntax error", "invalid_query"),
    ("disk is full", "server_error"),
)


def open_file(path: Path, *, writing: bool, busy_seconds: float) -> sqlite3.Connection:
    """A connection that can neither attach another file nor load code, and writes only where it may."""
    mode = "rw" if writing else "ro"
    connection = sqlite3.connect(
        f"file:{url_quote(str(path))}?mode={mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    if not writing:
        connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(_writer if writing else _reader)
    return connection


def _reader(action: int, first: str | None, second: str | None, schema: str | None, trigger: str | None) -> int:
    del schema, trigger
    allowed = action in _READING
    if action == sqlite3.SQLITE_FUNCTION:
        allowed = (second or "").lower() not in _FUNCTIONS
    if action == sqlite3.SQLITE_PRAGMA:
        allowed = first in _DESCRIBING
    if action == sqlite3.SQLITE_UPDATE:
        # Asked while SQLite declares the table-valued pragma to itself; the file is open read-only.
        allowed = first == "sqlite_master"
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _writer(action: int, first: str | None, second: str | None, schema: str | None, trigger: str | None) -> int:
    del schema, trigger
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first in _DESCRIBING:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY if action in _NEVER else sqlite3.SQLITE_OK


def watch(connection: sqlite3.Connection, stopped: Callable[[], bool], seconds: float | None) -> None:
    """Interrupt statements when `stopped` says so, or after `seconds`."""
    deadline = None if seconds is None else time.monotonic() + seconds

    def look_up() -> bool:
        return stopped() or (deadline is not None and time.monotonic() > deadline)

    connection.set_progress_handler(look_up, 10_000)


def classify(error: Exception, scrub: Scrubber) -> ConnectorError:
    text = scrub(str(error)) or type(error).__name__
    for part, code in _BY_TEXT:
        if part in text:
            return failure(code, text)
    return failure("invalid_query", text)


@contextmanager
def classified(scrub: Scrubber) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise classify(error, scrub) from None
