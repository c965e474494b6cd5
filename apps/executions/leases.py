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
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, Now
from psycopg import sql
from psycopg.types.json import Jsonb

from apps.executions.core.states import ExecutionStatus
from apps.executions.models import WorkflowExecution
from apps.executions.moves import move_all
from apps.kernel.errors import UzoError

Status = WorkflowExecution.Status
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
class Claimable:
    schema: str
    execution_id: UUID
    kind: str
    status: str


def _free() -> Q:
    return Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_until__lte=Now())


def _until(seconds: float) -> object:
    return Now() + Value(timedelta(seconds=seconds))


def claim(execution_id: UUID, owner: str) -> Lease | None:
    """Take a queued execution, or one whose lease has ended; None if it is held, over or not there."""
    with transaction.atomic():
        taken = move_all(
            WorkflowExecution.objects.filter(_free(), id=execution_id),
            ExecutionStatus.RUNNING,
            waiting_for=None,
            wake_at=None,
            wake_wanted=False,
            lease_owner=owner,
            lease_until=_until(settings.EXECUTION_LEASE_SECONDS),
            fence=F("fence") + 1,
            recoveries=Case(
                When(status=Status.RUNNING, then=F("recoveries") + 1), default=Value(0), output_field=IntegerField()
            ),
            started_at=Coalesce("started_at", Now()),
        )
        if not taken:
            return None
        row = WorkflowExecution.objects.only("fence", "recoveries").get(id=execution_id)
    return Lease(execution_id, owner, row.fence, row.recoveries)


def renew(lease: Lease) -> bool:
    """Hold on for another term; answers whether someone asked to cancel. Raises LeaseLost."""
    held = WorkflowExecution.objects.filter(id=lease.execution_id, fence=lease.fence, status=Status.RUNNING)
    if not held.update(lease_until=_until(settings.EXECUTION_LEASE_SECONDS)):
        raise LeaseLost
    return WorkflowExecution.objects.filter(id=lease.execution_id, cancel_requested_at__isnull=False).exists()


def hold(lease: Lease) -> WorkflowExecution:
    """The execution, locked until the transaction ends, if the lease still is ours. Raises LeaseLost."""
    row = (
        WorkflowExecution.objects.select_for_update(of=("self",))
        .filter(id=lease.execution_id, fence=lease.fence, status=Status.RUNNING)
        .defer("plan")
        .first()
    )
    if row is None:
        raise LeaseLost
    return row


def check(lease: Lease) -> bool:
    """Lock the row until the transaction ends, as `hold` does without reading it; answers whether someone
    asked to pause. Raises LeaseLost."""
    statement = sql.SQL(
        "select pause_requested_at is not null from {} where id = %s and fence = %s and status = 'running' for update"
    )
    return _under(lease, statement)


def advance(lease: Lease, *, progress: float, forecast: Mapping[str, Any] | None = None) -> bool:
    """Note that a stage is over, and what was forecast first, and check the lease by that. Answers and raises
    as `check`."""
    statement = sql.SQL(
        "update {} set recoveries = 0, progress = %s, forecast = coalesce(forecast, %s)"
        " where id = %s and fence = %s and status = 'running'"
        " returning pause_requested_at is not null"
    )
    return _under(lease, statement, progress, None if forecast is None else Jsonb(forecast))


def _under(lease: Lease, statement: sql.SQL, *values: Any) -> bool:
    table = sql.Identifier(WorkflowExecution._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table), (*values, lease.execution_id, lease.fence))
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost
    return bool(row[0])


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
    lease, or paused until a moment that is past (these are to be woken first). Tenants take turns, each with
    its oldest. Looks into all their schemas at once; call it from the public schema."""
    found: list[Claimable] = []
    for start in range(0, len(schemas), 100):
        parts = [
            sql.SQL(
                "(select {name}, id, kind, status, queued_at, row_number() over (order by queued_at) as turn"
                " from {table}"
                " where status in ('queued', 'running', 'paused') and "
                "(status = 'queued' and queued_at <= now() - make_interval(secs => {age}) "
                "or status = 'running' and lease_until <= now() "
                "or status = 'paused' and wake_at <= now()) order by queued_at limit {limit})"
            ).format(
                name=sql.Literal(schema),
                table=sql.Identifier(schema, WorkflowExecution._meta.db_table),
                age=sql.Literal(older_than),
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
