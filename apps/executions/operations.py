"""Reads for those who keep a tenant running: queues, workers, leases, the run store.

Everything is the present tenant's: of what others queue, run or store one learns nothing but that a warm
process is busy. Names of workflows are told to those who may read them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, FloatField, Min, Q, QuerySet
from django.db.models.functions import Extract, Now, TruncMinute
from redis.exceptions import RedisError

from apps.accounts import access
from apps.accounts.models import User
from apps.executions import heartbeat, queue, quota, references
from apps.executions.bodies import moment
from apps.executions.core.states import ExecutionStatus
from apps.executions.heartbeat import Child, Host
from apps.executions.models import WorkflowExecution
from apps.executions.queue import Lane
from apps.kernel import clock
from apps.kernel.connections import connection

LAST_MINUTES = 60
_STORE_KEPT_SECONDS = 20
_MOST_LEASES = 200
_MOST_WORKFLOWS = 20
_KIND_OF = {Lane.RUN: WorkflowExecution.Kind.RUN, Lane.PREVIEW: WorkflowExecution.Kind.PREVIEW}


class _Percentile(Aggregate):
    """`percentile_cont` of PostgreSQL."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of the workflows that the viewer may read."""

    known: dict[UUID, str]

    @classmethod
    def of(cls, viewer: User, ids: Iterable[UUID]) -> _Names:
        found = access.visible(viewer, "workflow").filter(pk__in=set(ids)).values_list("pk", "name")
        return cls(dict(found))

    def tell(self, id: UUID) -> dict[str, Any]:
        return {"workflow_id": str(id), "workflow_name": self.known.get(id)}


def overview(viewer: User) -> dict[str, Any]:
    """All of it, as `GET operations` answers."""
    return {
        "at": moment(clock.now()),
        "queues": queues(viewer),
        "workers": workers(),
        "leases": leases(viewer),
        "run_store": run_store(),
        "throughput": throughput(),
    }


def queues(viewer: User) -> list[dict[str, Any]]:
    """What waits in each lane: hints on their way, queued executions by workflow, and since when."""
    unfinished = WorkflowExecution.objects.filter(
        status__in=[ExecutionStatus.QUEUED, ExecutionStatus.RUNNING, ExecutionStatus.PAUSED]
    )
    answer = []
    for lane in Lane:
        own = unfinished.filter(kind=_KIND_OF[lane])
        queued = own.filter(status=ExecutionStatus.QUEUED)
        counts = Counter(dict(own.order_by().values_list("status").annotate(Count("pk"))))
        oldest = queued.order_by().aggregate(at=Min("queued_at"))["at"]
        answer.append(
            {
                "lane": lane.value,
                "hints": _hints(lane),
                "queued": counts[ExecutionStatus.QUEUED],
                "running": counts[ExecutionStatus.RUNNING],
                "paused": counts[ExecutionStatus.PAUSED],
                "oldest_queued_at": moment(oldest),
                "oldest_age_ms": None if oldest is None else _ms(clock.now() - oldest),
                "workflows": _queued_by_workflow(viewer, queued),
                "waiting_for": _waiting_for(own),
            }
        )
    return answer


def _hints(lane: Lane) -> int | None:
    """Hints of this tenant in the stream; None while Redis is away."""
    try:
        return queue.waiting_of(lane, connection.schema_name)
    except RedisError:
        return None


def _queued_by_workflow(viewer: User, queued: QuerySet[WorkflowExecution]) -> list[dict[str, Any]]:
    rows = list(
        queued.order_by()
        .values("workflow_id")
        .annotate(queued=Count("pk"), oldest=Min("queued_at"))
        .order_by("-queued", "oldest")[:_MOST_WORKFLOWS]
    )
    names = _Names.of(viewer, (row["workflow_id"] for row in rows))
    return [
        {**names.tell(row["workflow_id"]), "queued": row["queued"], "oldest_queued_at": moment(row["oldest"])}
        for row in rows
    ]


def _waiting_for(own: QuerySet[WorkflowExecution]) -> list[dict[str, Any]]:
    rows = own.exclude(waiting_for=None).order_by().values_list("waiting_for").annotate(Count("pk"))
    return [{"reason": reason, "executions": count} for reason, count in sorted(rows)]


def workers() -> list[dict[str, Any]] | None:
    """The hosts of the warm pool and their processes; None while Redis, through which they tell, is away."""
    try:
        return [_host(each) for each in heartbeat.hosts()]
    except RedisError:
        return None


def _host(host: Host) -> dict[str, Any]:
    return {
        "host": host.name,
        "pid": host.pid,
        "started_at": moment(host.started_at),
        "seen_at": moment(host.seen_at),
        "silent": host.silent,
        "children": [_child(each) for each in host.children],
    }


def _child(child: Child) -> dict[str, Any]:
    own = child.schema == connection.schema_name
    return {
        "name": child.name.rpartition("/")[2],
        "lane": child.lane,
        "pid": child.pid,
        "ready": child.ready,
        "busy": child.execution_id is not None,
        "memory_bytes": child.memory_bytes,
        "execution_id": str(child.execution_id) if own and child.execution_id else None,
    }


def leases(viewer: User) -> list[dict[str, Any]]:
    """Who holds which execution until when; the longest held first, at most 200."""
    held = (
        WorkflowExecution.objects.filter(status=ExecutionStatus.RUNNING)
        .annotate(left=ExpressionWrapper(F("lease_until") - Now(), output_field=DurationField()))
        .order_by("started_at")
        .defer("plan", "preview", "parameters")[:_MOST_LEASES]
    )
    rows = list(held)
    names = _Names.of(viewer, (row.workflow_id for row in rows))
    return [
        {
            "execution_id": str(row.pk),
            **names.tell(row.workflow_id),
            "kind": row.kind,
            "owner": row.lease_owner,
            "until": moment(row.lease_until),
            "left_ms": None if row.left is None else _ms(row.left),
            "fence": row.fence,
            "recoveries": row.recoveries,
            "started_at": moment(row.started_at),
        }
        for row in rows
    ]


def run_store() -> dict[str, Any]:
    """What the tenant's datasets take. Counting looks at each file, so an answer is up to 20 seconds old."""
    known = quota.counted(_STORE_KEPT_SECONDS)
    return {
        "bytes": known.bytes,
        "datasets": known.datasets,
        "executions": references.holders(),
        "oldest_at": moment(known.oldest_at),
        "quota_bytes": quota.limit(),
        "retention_days": settings.RUN_RETENTION_DAYS,
    }


def throughput() -> dict[str, Any]:
    """Runs asked for in the last hour: by the minute and what became of them, and how long they waited and ran."""
    asked = WorkflowExecution.objects.filter(
        kind=WorkflowExecution.Kind.RUN, created_at__gt=clock.now() - timedelta(minutes=LAST_MINUTES)
    ).order_by()
    by_minute = (
        asked.annotate(minute=TruncMinute("created_at"))
        .values("minute")
        .annotate(
            success=Count("pk", filter=Q(status=ExecutionStatus.SUCCESS)),
            failed=Count("pk", filter=Q(status=ExecutionStatus.FAILED)),
            cancelled=Count("pk", filter=Q(status=ExecutionStatus.CANCELLED)),
            unfinished=Count("pk", filter=Q(finished_at=None)),
        )
        .order_by("minute")
    )
    return {
        "minutes": [{**row, "minute": moment(row["minute"])} for row in by_minute],
        "wait_ms": _spread(asked.filter(started_at__isnull=False), "created_at", "started_at"),
        "run_ms": _spread(
            asked.filter(finished_at__isnull=False, started_at__isnull=False), "started_at", "finished_at"
        ),
    }


def _spread(rows: QuerySet[WorkflowExecution], begin: str, end: str) -> dict[str, int | None]:
    took = Extract(ExpressionWrapper(F(end) - F(begin), output_field=DurationField()), "epoch")
    found = rows.aggregate(p50=_Percentile(took, share=0.5), p95=_Percentile(took, share=0.95))
    return {name: None if value is None else round(value * 1000) for name, value in found.items()}


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)
