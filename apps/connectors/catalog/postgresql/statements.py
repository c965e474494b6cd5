"""Statements that may change data: one, by the extended protocol, in a transaction of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.connectors.catalog.postgresql.connection import limit
from apps.connectors.sdk.requests import ExecuteRequest, ExecuteResult
from apps.connectors.sdk.sql import bind, single

if TYPE_CHECKING:
    from apps.connectors.catalog.postgresql import PostgreSQL


def execute(connector: PostgreSQL, request: ExecuteRequest) -> ExecuteResult:
    """Raises `invalid_query` for two statements, and whatever the statement fails with; then nothing
    has changed."""
    import psycopg

    bound = bind(single(request.query), request.parameters)
    with connector.connect() as connection:
        cursor = psycopg.RawCursor(connection)
        limit(cursor, request.timeout)
        # prepare=True keeps to the extended protocol even without parameters: it refuses a second statement.
        cursor.execute(bound.sql.encode(), list(bound.values), prepare=True)
        affected = cursor.rowcount
    return ExecuteResult(affected if affected >= 0 else None)
