"""What runs now, where, and what waits: for operators."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import F
from django.db.models.functions import Now
from django_tenants.utils import schema_context
from redis.exceptions import RedisError

from apps.executions import heartbeat, queue
from apps.executions.core.states import OVER
from apps.executions.core.store_usage import usage_of
from apps.executions.models import WorkflowExecution
from apps.executions.object_store import objects
from apps.executions.queue import Lane
from apps.executions.tenancy import active_schemas


class Command(BaseCommand):
    help = "Show hints in the queues, workers, run-store sizes and every unfinished execution, in all tenants."

    def handle(self, *_args: Any, **_options: Any) -> None:
        schemas = active_schemas()
        self._queues()
        self._workers()
        self._run_store(schemas)
        self._unfinished(schemas)

    def _queues(self) -> None:
        for lane in Lane:
            try:
                self.stdout.write(f"{lane.value:8} hints waiting or under way: {queue.waiting(lane)}")
            except RedisError as error:
                self.stdout.write(f"{lane.value:8} Redis is away: {error}")

    def _workers(self) -> None:
        self.stdout.write(f"\n{'worker':52} {'pid':>8} {'memory':>10} {'runs':36}  tenant")
        try:
            hosts = heartbeat.hosts()
        except RedisError as error:
            self.stdout.write(f"unknown: Redis is away: {error}")
            return
        for host in hosts:
            silent = f" (silent since {host.seen_at:%H:%M:%S})" if host.silent else ""
            for child in host.children:
                runs = str(child.execution_id) if child.execution_id else "-" if child.ready else "starts"
                self.stdout.write(
                    f"{child.name:52} {child.pid or '-':>8} {_size(child.memory_bytes):>10} {runs:36}  "
                    f"{child.schema or '-'}{silent}"
                )

    def _run_store(self, schemas: list[str]) -> None:
        self.stdout.write(f"\n{'tenant':36} {'run store':>10} {'datasets':>9}  oldest")
        for schema in schemas:
            usage = usage_of(objects(), schema)
            oldest = "-" if usage.oldest_at is None else f"{usage.oldest_at:%Y-%m-%d %H:%M}"
            self.stdout.write(f"{schema:36} {_size(usage.bytes):>10} {usage.datasets:>9}  {oldest}")

    def _unfinished(self, schemas: list[str]) -> None:
        self.stdout.write(f"\n{'tenant':36} {'execution':36} {'kind':8} {'status':10} {'lease':>8}  worker")
        for schema in schemas:
            with schema_context(schema):
                unfinished = WorkflowExecution.objects.exclude(status__in=OVER).annotate(left=F("lease_until") - Now())
                for each in unfinished.order_by("queued_at").defer("plan"):
                    left = "-" if each.left is None else f"{each.left.total_seconds():.1f} s"
                    why = f" (waits for {each.waiting_for})" if each.waiting_for else ""
                    self.stdout.write(
                        f"{schema:36} {each.id!s:36} {each.kind:8} {each.status:10} {left:>8}  "
                        f"{each.lease_owner or '-'}{why}"
                    )


def _size(count: int) -> str:
    """Bytes as people read them: `1.4 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
