"""What runs now, where, and what waits: for operators."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import F
from django.db.models.functions import Now
from django_tenants.utils import schema_context
from redis.exceptions import RedisError

from apps.executions import queue
from apps.executions.core.states import OVER
from apps.executions.models import WorkflowExecution
from apps.executions.queue import Lane
from apps.executions.tenancy import active_schemas


class Command(BaseCommand):
    help = "Show hints in the queues, and every unfinished execution with its worker and lease, in all tenants."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for lane in Lane:
            try:
                self.stdout.write(f"{lane.value:8} hints waiting or under way: {queue.waiting(lane)}")
            except RedisError as error:
                self.stdout.write(f"{lane.value:8} Redis is away: {error}")
        self.stdout.write(f"\n{'tenant':36} {'execution':36} {'kind':8} {'status':10} {'lease':>8}  worker")
        for schema in active_schemas():
            with schema_context(schema):
                unfinished = WorkflowExecution.objects.exclude(status__in=OVER).annotate(left=F("lease_until") - Now())
                for each in unfinished.order_by("queued_at").defer("plan"):
                    left = "-" if each.left is None else f"{each.left.total_seconds():.1f} s"
                    why = f" (waits for {each.waiting_for})" if each.waiting_for else ""
                    self.stdout.write(
                        f"{schema:36} {each.id!s:36} {each.kind:8} {each.status:10} {left:>8}  "
                        f"{each.lease_owner or '-'}{why}"
                    )
