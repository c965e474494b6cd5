"""ADBC databases that are kept for a while.

Opening one asks the server for all its types, which costs 40 ms each time; a connection of one that is
open costs 5. A database here is no connection: it holds what to connect to and the server's built-in
types, which are all that reads and writes exchange (others are cast, see `column_types`).
"""

from __future__ import annotations

import atexit
import threading
import time
from dataclasses import dataclass
from typing import Any

KEPT_SECONDS = 300.0
_MAX = 16


@dataclass(slots=True)
class _Kept:
    database: Any
    until: float
    users: int = 0


class _Loan:
    """Stands for a database that is not the connection's to close."""

    def __init__(self, owner: Databases, conninfo: str, kept: _Kept) -> None:
        self._owner, self._conninfo, self._kept = owner, conninfo, kept

    def close(self) -> None:
        self._owner.give_back(self._conninfo, self._kept)


class Databases:
    """Found by all of the connection's parameters: only who knows the password shares one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def connect(self, conninfo: str, *, autocommit: bool) -> Any:
        """A DB-API connection; raises what the driver raises."""
        import adbc_driver_manager
        from adbc_driver_manager import dbapi

        kept = self._borrow(conninfo)
        loan = _Loan(self, conninfo, kept)
        try:
            connection = adbc_driver_manager.AdbcConnection(kept.database)
        except BaseException:
            loan.close()
            raise
        return dbapi.Connection(loan, connection, autocommit=autocommit)  # type: ignore[arg-type]

    def _borrow(self, conninfo: str) -> _Kept:
        import adbc_driver_postgresql

        with self._lock:
            known = self._kept.get(conninfo)
            if known is not None and known.until > time.monotonic():
                known.users += 1
                return known
        fresh = _Kept(adbc_driver_postgresql.connect(conninfo), time.monotonic() + KEPT_SECONDS, users=1)
        with self._lock:
            old = self._kept.pop(conninfo, None)
            if old is not None and not old.users:  # one in use closes with its last user
                old.database.close()
            self._kept[conninfo] = fresh
            self._tidy()
        return fresh

    def give_back(self, conninfo: str, kept: _Kept) -> None:
        with self._lock:
            kept.users -= 1
            if not kept.users and self._kept.get(conninfo) is not kept:
                kept.database.close()

    def _tidy(self) -> None:
        """Close what is old, and the oldest where there are too many; those in use close with their last user."""
        now = time.monotonic()
        surplus = len(self._kept) - _MAX
        for conninfo, kept in list(self._kept.items()):
            if kept.until <= now or surplus > 0:
                surplus -= 1
                del self._kept[conninfo]
                if not kept.users:
                    kept.database.close()

    def close(self) -> None:
        """Forget all of them."""
        with self._lock:
            for kept in self._kept.values():
                if not kept.users:
                    kept.database.close()
            self._kept.clear()


DATABASES = Databases()
atexit.register(DATABASES.close)
