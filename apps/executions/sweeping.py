"""Job runs that nothing has moved on for a while are looked at again: a lost event strands nothing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, connection
from django_tenants.utils import schema_context
from psycopg import sql

from apps.executions.models import JobRun
from apps.executions.services.job_runs import advance_job_run
from apps.executions.tenancy import active_schemas
from apps.kernel.errors import UzoError

logger = logging.getLogger(__name__)
QUIET = timedelta(seconds=15)
_AT_ONCE = 200
_SCHEMAS_A_QUERY = 100


def move_on(*, quiet: timedelta = QUIET) -> int:
    """Move on what was quiet for that long, in every active tenant, the longest first; answers how many.
    At most 200 in one call: the next one takes the next."""
    moved = 0
    for schema, run_id in _quiet_runs(quiet):
        with schema_context(schema):
            try:
                advance_job_run(run_id=run_id)
                moved += 1
            except (UzoError, DatabaseError) as error:
                logger.warning("%s: job run %s cannot be moved on now: %s", schema, run_id, error)
    return moved


def _quiet_runs(quiet: timedelta) -> list[tuple[str, UUID]]:
    found: list[tuple[datetime, str, UUID]] = []
    schemas = active_schemas()
    for start in range(0, len(schemas), _SCHEMAS_A_QUERY):
        parts = [
            sql.SQL(
                "(select looked_at, {name}, id from {table} where status in ('queued', 'running') "
                "and looked_at <= statement_timestamp() - {quiet} order by looked_at limit {limit})"
            ).format(
                name=sql.Literal(schema),
                table=sql.Identifier(schema, JobRun._meta.db_table),
                quiet=sql.Literal(quiet),
                limit=sql.Literal(_AT_ONCE),
            )
            for schema in schemas[start : start + _SCHEMAS_A_QUERY]
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(" union all ").join(parts))
            found += cursor.fetchall()
    return [(schema, run_id) for _, schema, run_id in sorted(found)[:_AT_ONCE]]
