"""django-tenants' PostgreSQL, which asks the server whether it is there only when the connection says otherwise."""

from __future__ import annotations

import select
from typing import Any

from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantDatabaseWrapper


class DatabaseWrapper(TenantDatabaseWrapper):  # type: ignore[misc]  # is not typed
    """Django's health check of a kept connection is a `SELECT 1` before each request. A server that ends a
    connection, at its own end too, says so on it: nothing to read means that nothing was said, and costs no round
    trip. A server that vanished without a word would not answer the question either."""

    health_check_done: bool

    def close_if_health_check_failed(self) -> None:
        """Ask the server only where something unread waits on the connection."""
        if self.connection is not None and not self.health_check_done and not _unread(self.connection):
            self.health_check_done = True
        super().close_if_health_check_failed()


def _unread(connection: Any) -> bool:
    """Whether the server has said something, or hung up, since it last answered; True for a closed connection."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    return bool(poll.poll(0))
