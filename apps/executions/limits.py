"""How many executions may run at once, as PostgreSQL knows it; `core.limits` decides.

What counts is what runs and what waits, in the rows themselves: no counter can drift from them.
Previews have processes of their own and no limit. Call everything in the tenant's schema.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from apps.executions.core.limits import Candidate, Limit, Limits, Line, give_places
from apps.executions.core.states import ExecutionStatus
from apps.executions.models import WorkflowExecution
from apps.kernel.connections import connection as tenants_connection
from apps.tenants import features

FEATURE = "concurrent_executions"
_KNOWN_SECONDS = 2.0
_IN_EACH_LINE = 50
"""Of those that wait for the same, so many are looked at when places are given."""
_LOCK = 0x757A6F
_WORDS = sql.SQL(", ").join(sql.Literal(each.value) for each in Limit)
_of_tenants: dict[str, tuple[float, int | None]] = {}

_LINES = (
    sql.SQL("""
with mine as (
    select id, kind, status, queued_at, workflow_id, connectors from executions_workflowexecution
    where id = %s and (status = 'queued' or status = 'running' and lease_until <= statement_timestamp())
), running as (
    select workflow_id, connectors from executions_workflowexecution where status = 'running' and kind = 'run'
), ahead as (
    select other.waiting_for, other.workflow_id, other.connectors
    from executions_workflowexecution other, mine
    where other.status = 'queued' and other.kind = 'run' and other.waiting_for in ({words})
        and (other.queued_at, other.id) < (mine.queued_at, mine.id)
)
select mine.status = 'running' or mine.kind <> 'run',
    (select count(*) from running), (select count(*) from ahead where waiting_for = 'tenant_limit'),
    workflow.max_concurrent_executions,
    (select count(*) from running where workflow_id = mine.workflow_id),
    (select count(*) from ahead where waiting_for = 'workflow_limit' and workflow_id = mine.workflow_id),
    array(
        select array[connector.max_concurrent_executions,
            (select count(*) from running where connector.id = any(connectors)),
            (select count(*) from ahead where waiting_for = 'connector_limit' and connector.id = any(connectors))]
        from connectors_connector connector
        where connector.id = any(mine.connectors) and connector.max_concurrent_executions is not null
    )
from mine join workflows_workflow workflow on workflow.id = mine.workflow_id
""")
    .format(words=_WORDS)
    .as_string(None)
)
_WAITING = (
    sql.SQL("""
select id, workflow_id, connectors, waiting_for from (
    select *, row_number() over (partition by workflow_id, connectors order by queued_at, id) as place
    from executions_workflowexecution where status = 'queued' and kind = 'run' and waiting_for in ({words})
) found where place <= %s order by queued_at, id
""")
    .format(words=_WORDS)
    .as_string(None)
)
_RUNNING = (
    "select id, workflow_id, connectors from executions_workflowexecution where status = 'running' and kind = 'run'"
)


def of_tenant() -> int | None:
    """How many may run at once by the plan, as it was two seconds ago at most; None: any number."""
    schema = tenants_connection.schema_name
    known = _of_tenants.get(schema)
    if known is None or time.monotonic() - known[0] > _KNOWN_SECONDS:
        known = _of_tenants[schema] = (time.monotonic(), features.limit(FEATURE))
    return known[1]


def running_now() -> int:
    """Runs that hold a place."""
    return WorkflowExecution.objects.filter(status=ExecutionStatus.RUNNING, kind=WorkflowExecution.Kind.RUN).count()


def forget() -> None:
    """Read what the plans say anew (tests)."""
    _of_tenants.clear()


def one_by_one() -> None:
    """Wait for the others who claim in this tenant, until the transaction ends: what runs is counted in turn."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, hashtext(current_schema()))", [_LOCK])


def lines_of(execution_id: UUID, most: int | None) -> list[Line] | None:
    """The lines before an execution's limits, none where it needs no place; None where it cannot be claimed.
    `most` may run at once in the tenant."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [execution_id])
        row = cursor.fetchone()
    if row is None:
        return None
    needs_none, running, ahead, of_workflow, running_of_it, ahead_of_it, connectors = row
    if needs_none:
        return []
    return [
        Line(Limit.TENANT, most, running, ahead),
        Line(Limit.WORKFLOW, of_workflow, running_of_it, ahead_of_it),
        *(Line(Limit.CONNECTOR, *each) for each in connectors),
    ]


def say(execution_id: UUID, reason: Limit) -> None:
    """Write down what a queued execution waits for."""
    queued = WorkflowExecution.objects.filter(id=execution_id, status=ExecutionStatus.QUEUED)
    queued.exclude(waiting_for=reason.value).update(waiting_for=reason.value)


def give() -> list[UUID]:
    """Who of those that wait for a place may begin now, the longest waiting first: tell the workers of them. Those
    that wait for something else by now say so. One statement where nobody waits."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [_IN_EACH_LINE])
        rows = cursor.fetchall()
        if not rows:
            return []
        waiting = [Candidate(id, workflow, frozenset(connectors)) for id, workflow, connectors, _ in rows]
        cursor.execute(_RUNNING)
        running = [Candidate(id, workflow, frozenset(connectors)) for id, workflow, connectors in cursor.fetchall()]
        workflows = _most(cursor, "workflows_workflow", {each.workflow for each in waiting})
        connectors = _most(cursor, "connectors_connector", {id for each in waiting for id in each.connectors})
    places = give_places(waiting, running, Limits(of_tenant(), workflows, connectors))
    for id, _, _, said in rows:
        reason = places.waiting.get(id)
        if reason is not None and reason != said:
            say(id, reason)
    return [UUID(str(id)) for id in places.given]


def tenants_that_wait(schemas: list[str]) -> list[str]:
    """Those of the tenants in which somebody waits for a place. Call it in any schema."""
    found: list[str] = []
    for start in range(0, len(schemas), 100):
        parts = [
            sql.SQL(
                "select {name} where exists (select from {table} where status = 'queued' and waiting_for in ({words}))"
            ).format(
                name=sql.Literal(schema),
                table=sql.Identifier(schema, WorkflowExecution._meta.db_table),
                words=_WORDS,
            )
            for schema in schemas[start : start + 100]
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(" union all ").join(parts))
            found += [schema for (schema,) in cursor.fetchall()]
    return found


def _most(cursor: Any, table: str, ids: Iterable[Hashable]) -> dict[Hashable, int]:
    statement = sql.SQL(
        "select id, max_concurrent_executions from {} where id = any(%s) and max_concurrent_executions is not null"
    )
    cursor.execute(statement.format(sql.Identifier(table)), [list(ids)])
    return dict(cursor.fetchall())
