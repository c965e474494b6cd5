"""PostgreSQL's clock: the one that all schedulers share, whatever their own show."""

from __future__ import annotations

from datetime import UTC, datetime

from apps.kernel.connections import connection


def database_now() -> datetime:
    """The present moment, in UTC, also inside a long transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)
