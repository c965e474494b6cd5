"""The database connection as django-tenants makes it: with `tenant`, `schema_name`, `set_tenant`."""

from __future__ import annotations

from typing import Any

from django.db import connection as _connection
from django.db.backends.signals import connection_created

connection: Any = _connection


def end_idle_transactions(seconds: float) -> None:
    """Have the server end a transaction of this process in which nothing is said for so long, and free what it has
    locked: a process that was stopped, or whose machine is gone, would hold it for hours. For connections that are
    opened from now on."""

    def limit(connection: Any, **_: object) -> None:
        connection.connection.execute(f"SET idle_in_transaction_session_timeout = {round(seconds * 1000)}")

    connection_created.connect(limit, weak=False, dispatch_uid="idle transactions")
