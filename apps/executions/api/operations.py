"""The operations view: what keeps a tenant's executions going, for whoever looks after them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Capability, Rule, TenantAPIView
from apps.executions import operations
from apps.executions.models import WorkflowExecution
from apps.executions.queue import Lane
from apps.tenants.features import require_enabled

FEATURE = "monitoring"
LANES = [each.value for each in Lane]


class QueuedWorkflowSerializer(serializers.Serializer[Any]):
    workflow_id = serializers.UUIDField()
    workflow_name = serializers.CharField(allow_null=True, help_text="Null where one may not read the workflow")
    queued = serializers.IntegerField(min_value=1)
    oldest_queued_at = serializers.DateTimeField()


class WaitingReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    executions = serializers.IntegerField(min_value=1)


class QueueSerializer(serializers.Serializer[Any]):
    lane = serializers.ChoiceField(LANES)
    hints = serializers.IntegerField(allow_null=True, help_text="On their way to workers; null while Redis is away")
    queued = serializers.IntegerField(min_value=0)
    running = serializers.IntegerField(min_value=0)
    paused = serializers.IntegerField(min_value=0)
    oldest_queued_at = serializers.DateTimeField(allow_null=True)
    oldest_age_ms = serializers.IntegerField(allow_null=True)
    workflows = QueuedWorkflowSerializer(many=True, help_text="Those with most executions queued, at most 20")
    waiting_for = WaitingReasonSerializer(many=True)


class ChildSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    lane = serializers.ChoiceField(LANES)
    pid = serializers.IntegerField(allow_null=True)
    ready = serializers.BooleanField()
    busy = serializers.BooleanField()
    memory_bytes = serializers.IntegerField(min_value=0)
    execution_id = serializers.UUIDField(allow_null=True, help_text="What it runs, if that is this tenant's")


class HostSerializer(serializers.Serializer[Any]):
    host = serializers.CharField()
    pid = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()
    silent = serializers.BooleanField(help_text="Whether it should have been heard by now")
    children = ChildSerializer(many=True)


class LeaseSerializer(serializers.Serializer[Any]):
    execution_id = serializers.UUIDField()
    workflow_id = serializers.UUIDField()
    workflow_name = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(WorkflowExecution.Kind.values)
    owner = serializers.CharField(allow_null=True, help_text="The worker that holds it")
    until = serializers.DateTimeField(allow_null=True)
    left_ms = serializers.IntegerField(allow_null=True, help_text="Below zero: another worker takes over")
    fence = serializers.IntegerField(min_value=0)
    recoveries = serializers.IntegerField(min_value=0, help_text="Workers lost since a stage was last finished")
    started_at = serializers.DateTimeField(allow_null=True)


class RunStoreSerializer(serializers.Serializer[Any]):
    bytes = serializers.IntegerField(min_value=0)
    datasets = serializers.IntegerField(min_value=0)
    executions = serializers.IntegerField(min_value=0)
    oldest_at = serializers.DateTimeField(allow_null=True)
    quota_bytes = serializers.IntegerField(allow_null=True)
    retention_days = serializers.IntegerField()


class MinuteSerializer(serializers.Serializer[Any]):
    minute = serializers.DateTimeField()
    success = serializers.IntegerField(min_value=0)
    failed = serializers.IntegerField(min_value=0)
    cancelled = serializers.IntegerField(min_value=0)
    unfinished = serializers.IntegerField(min_value=0)


class SpreadSerializer(serializers.Serializer[Any]):
    p50 = serializers.IntegerField(allow_null=True)
    p95 = serializers.IntegerField(allow_null=True)


class ThroughputSerializer(serializers.Serializer[Any]):
    minutes = MinuteSerializer(many=True, help_text="Minutes of the last hour in which runs were asked for")
    wait_ms = SpreadSerializer()
    run_ms = SpreadSerializer()


class OperationsSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    queues = QueueSerializer(many=True)
    workers = HostSerializer(many=True, allow_null=True, help_text="Null while Redis is away")
    leases = LeaseSerializer(many=True)
    run_store = RunStoreSerializer()
    throughput = ThroughputSerializer()


class OperationsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Capability("operations.read")}

    @extend_schema(responses={200: OperationsSerializer}, tags=["operations"])
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Queues, workers, leases, run store of this tenant. 403 `feature_disabled` without monitoring."""
        require_enabled(FEATURE)
        return Response(operations.overview(self.viewer))
