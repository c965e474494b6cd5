"""Who runs an execution: a lease with a fencing token, in PostgreSQL and by PostgreSQL's clock.

A worker claims an execution, renews while it lives, and loses it by silence. Every claim raises the
fencing token; whatever a worker commits is checked against its token in the same transaction, so that
one that was stopped and continued after its lease cannot write any more (THREATS F2).
Call everything but `claimable` inside the tenant's schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Now
from psycopg import sql
from psycopg.types.json import Jsonb

from apps.executions import limits
from apps.executions.core.limits import Limit, full_line
from apps.executions.core.states import ExecutionStatus
from apps.executions.models import WorkflowExecution
from apps.executions.moves import claim_statement, end_row, move_all
from apps.kernel.errors import UzoError

Status = WorkflowExecution.Status
_LIMITS = sql.SQL(", ").join(sql.Literal(each.value) for each in Limit)
MAX_RECOVERIES = 5
"""Workers that one stage may lose in a row before its execution fails."""


class LeaseLost(UzoError):
    """Another worker has, or may have, this execution: stop, and write nothing."""

    code = "lease_lost"
    title = "Another worker took the execution over"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run one execution. `recoveries`: workers lost since a stage was last finished."""

    execution_id: UUID
    owner: str
    fence: int
    recoveries: int


@dataclass(frozen=True, slots=True)
class Taken:
    """An execution that was claimed. `new`: nothing of it has begun yet. `timeout`: seconds that its workflow gives
    to workers."""

    lease: Lease
    execution: WorkflowExecution
    new: bool
    timeout: int | None

    @property
    def seconds_left(self) -> float | None:
        """How long this worker may work on it; None: as long as any execution."""
        return None if self.timeout is None else max(0.0, self.timeout - self.execution.worked_ms / 1000)


_CLAIMABLE = sql.SQL(
    "mine.id = %(id)s and (mine.status = 'queued' or mine.lease_until <= statement_timestamp()) and exists ("
    "select from public.tenants_subscription where schema_name = current_schema() and status = 'active')"
)
_UNLIMITED = sql.SQL(
    "(mine.status = 'running' or mine.kind <> 'run' or not exists (select from workflows_workflow workflow"
    " where workflow.id = mine.workflow_id and workflow.max_concurrent_executions is not null)"
    " and not exists (select from connectors_connector connector"
    " where connector.id = any(mine.connectors) and connector.max_concurrent_executions is not null))"
)
_CLAIMED = {
    "waiting_for": sql.SQL("null"),
    "wake_at": sql.SQL("null"),
    "wake_wanted": sql.SQL("false"),
    "lease_owner": sql.SQL("%(owner)s"),
    # By the clock, not by when the transaction began: it may have waited for others.
    "lease_until": sql.SQL("clock_timestamp() + make_interval(secs => %(term)s)"),
    "claimed_at": sql.SQL("clock_timestamp()"),
    "started_at": sql.SQL("coalesce(mine.started_at, clock_timestamp())"),
    "fence": sql.SQL("mine.fence + 1"),
    "recoveries": sql.SQL("case mine.status when 'running' then mine.recoveries + 1 else 0 end"),
    "worked_ms": sql.SQL(
        "mine.worked_ms + case mine.status when 'running' then"
        " greatest(0, extract(epoch from mine.lease_until - mine.claimed_at) * 1000)::bigint else 0 end"
    ),
}
_WANTED = {
    "timeout": sql.SQL("(select timeout from workflows_workflow workflow where workflow.id = mine.workflow_id)"),
    "has_results": sql.SQL("exists (select from executions_stageresult where execution_id = mine.id)"),
    "has_nodes": sql.SQL("exists (select from executions_nodeexecution where execution_id = mine.id)"),
    "has_parked": sql.SQL("exists (select from executions_parkedstage where execution_id = mine.id)"),
}


_ADVANCE = (
    sql.SQL(
        "update {} set recoveries = 0, progress = %s, forecast = coalesce(forecast, %s)"
        " where id = %s and fence = %s and status = 'running' returning pause_requested_at is not null"
    )
    .format(sql.Identifier(WorkflowExecution._meta.db_table))
    .as_string(None)
)


@dataclass(frozen=True, slots=True)
class Claimable:
    schema: str
    execution_id: UUID
    kind: str
    status: str


def _until(seconds: float) -> object:
    return Now() + Value(timedelta(seconds=seconds))


def claim(execution_id: UUID, owner: str) -> Lease | None:
    """Take a queued execution, or one whose lease has ended; None if it is held, over or not there, or has to
    wait for a place."""
    taken = take(execution_id, owner)
    return None if taken is None else taken.lease


def take(execution_id: UUID, owner: str) -> Taken | None:
    """The same with what the worker wants to know of it. One statement where nothing limits how many run at once;
    else those who claim in this tenant come one after the other, and one without a place says what it waits for.

    One that runs already keeps its place when another worker takes it over; previews need none.
    """
    most = limits.of_tenant()
    if most is None and (taken := _claim(execution_id, owner, limited=False)) is not None:
        return taken
    with transaction.atomic():
        limits.one_by_one()
        lines = limits.lines_of(execution_id, most)
        if lines is None:
            return None
        if (reason := full_line(lines)) is not None:
            limits.say(execution_id, reason)
            return None
        return _claim(execution_id, owner, limited=True)


def _claim(execution_id: UUID, owner: str, *, limited: bool) -> Taken | None:
    values = {"id": execution_id, "owner": owner, "term": settings.EXECUTION_LEASE_SECONDS}
    row = next(iter(WorkflowExecution.objects.raw(_claim_statement(limited), values)), None)
    if row is None:
        return None
    found: Any = row
    return Taken(
        Lease(execution_id, owner, row.fence, row.recoveries),
        row,
        new=not (found.has_results or found.has_nodes or found.has_parked),
        timeout=found.timeout,
    )


@cache
def _claim_statement(limited: bool) -> str:
    where = _CLAIMABLE if limited else sql.SQL("{} and {}").format(_CLAIMABLE, _UNLIMITED)
    return claim_statement(where, columns=_CLAIMED, answers=_WANTED)


def renew(lease: Lease) -> bool:
    """Hold on for another term; answers whether someone asked to cancel. Raises LeaseLost."""
    held = WorkflowExecution.objects.filter(id=lease.execution_id, fence=lease.fence, status=Status.RUNNING)
    if not held.update(lease_until=_until(settings.EXECUTION_LEASE_SECONDS)):
        raise LeaseLost
    return WorkflowExecution.objects.filter(id=lease.execution_id, cancel_requested_at__isnull=False).exists()


def hold(lease: Lease) -> WorkflowExecution:
    """The execution without its plan, locked until the transaction ends, if the lease still is ours. Raises
    LeaseLost."""
    held = WorkflowExecution.objects.raw(_hold_statement(), [lease.execution_id, lease.fence])
    row: WorkflowExecution | None = next(iter(held), None)
    if row is None:
        raise LeaseLost
    return row


@cache
def _hold_statement() -> str:
    names = [str(field.column) for field in WorkflowExecution._meta.concrete_fields if field.name != "plan"]
    statement = sql.SQL("select {} from {} where id = %s and fence = %s and status = 'running' for update").format(
        sql.SQL(", ").join([sql.Identifier(name) for name in names]), sql.Identifier(WorkflowExecution._meta.db_table)
    )
    return statement.as_string(None)


def advance(lease: Lease, *, progress: float, forecast: Mapping[str, Any] | None = None) -> bool:
    """Note that a stage is over, and what was forecast first, and check the lease by that: its row is locked until
    the transaction ends. Answers whether someone asked to pause. Raises LeaseLost."""
    first: Any = None if forecast is None else Jsonb(forecast)
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [progress, first, lease.execution_id, lease.fence])
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost
    return bool(row[0])


def conclude(execution: WorkflowExecution, *, was: str) -> None:
    """Save an execution that was moved to its end from status `was`, where nobody claimed it since it was read.
    Raises LeaseLost."""
    if not end_row(execution, was=was):
        raise LeaseLost


def end(execution_id: UUID, owner: str) -> bool:
    """End the lease of a worker that is known to be dead, so that nobody waits for its term."""
    held = WorkflowExecution.objects.filter(id=execution_id, lease_owner=owner, status=Status.RUNNING)
    return bool(held.update(lease_until=Now()))


def close(lease: Lease, error: Mapping[str, str]) -> None:
    """Fail the execution by its row alone, without nodes or events: the last resort. Raises LeaseLost."""
    held = WorkflowExecution.objects.filter(id=lease.execution_id, fence=lease.fence, status=Status.RUNNING)
    how = {"error": dict(error), "finished_at": Now(), "lease_owner": None, "lease_until": None}
    if not move_all(held, ExecutionStatus.FAILED, **how):
        raise LeaseLost


def claimable(schemas: list[str], *, limit: int = 100, older_than: float = 0.5) -> list[Claimable]:
    """Executions that nobody runs though they could: queued for longer than a hint takes, with an ended
    lease, or paused until a moment that is past (these are to be woken first); not those that wait for a place.
    Tenants take turns, each with its oldest. Looks into all their schemas at once; call it from the public schema."""
    found: list[Claimable] = []
    for start in range(0, len(schemas), 100):
        parts = [
            sql.SQL(
                "(select {name}, id, kind, status, queued_at, row_number() over (order by queued_at) as turn"
                " from {table}"
                " where status in ('queued', 'running', 'paused') and "
                "(status = 'queued' and queued_at <= statement_timestamp() - make_interval(secs => {age})"
                " and (waiting_for is null or waiting_for not in ({limits})) "
                "or status = 'running' and lease_until <= statement_timestamp() "
                "or status = 'paused' and wake_at <= statement_timestamp()) order by queued_at limit {limit})"
            ).format(
                name=sql.Literal(schema),
                table=sql.Identifier(schema, WorkflowExecution._meta.db_table),
                age=sql.Literal(older_than),
                limits=_LIMITS,
                limit=sql.Literal(limit),
            )
            for schema in schemas[start : start + 100]
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("select * from ({}) as found order by 6, 5 limit {}").format(
                    sql.SQL(" union all ").join(parts), limit
                )
            )
            found += [Claimable(schema, id, kind, status) for schema, id, kind, status, *_ in cursor.fetchall()]
    return found[:limit]
