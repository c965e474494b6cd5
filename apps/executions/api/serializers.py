"""Bodies in, and the documents of bodies out: `apps.executions.bodies` makes those, for sockets too."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from apps.executions import bodies, outputs, selectors
from apps.executions.core.states import ExecutionStatus, NodeStatus
from apps.executions.models import ExecutionLog, WorkflowExecution

EXECUTION_STATUSES = [each.value for each in ExecutionStatus]
NODE_STATUSES = [each.value for each in NodeStatus]


class ExecuteSerializer(serializers.Serializer[Any]):
    parameters = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False, default=dict)
    environment = serializers.CharField(
        required=False,
        allow_null=True,
        default=None,
        max_length=100,
        help_text="Name or id of an environment of the workspace; `parameters` go before its values",
    )


class WaitQuery(serializers.Serializer[Any]):
    wait = serializers.FloatField(
        required=False, min_value=0, help_text="Seconds to wait for the end of the run; above 30 is clamped"
    )


class ResumeSerializer(serializers.Serializer[Any]):
    version = serializers.ChoiceField(
        ["same", "latest"], default="same", help_text="latest: go on with the newest version of the workflow"
    )


class RetrySerializer(ResumeSerializer):
    from_node = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=200,
        help_text="Run this node and what comes after it again, and take over the rest",
    )


class NodeExecuteSerializer(serializers.Serializer[Any]):
    mock_inputs = serializers.DictField(
        child=serializers.ListField(
            child=serializers.DictField(child=serializers.JSONField(allow_null=True)),
            max_length=settings.PREVIEW_MAX_ROWS,
        ),
        required=False,
        default=dict,
        help_text="Rows for input ports, in place of what is upstream",
    )
    limit = serializers.IntegerField(
        required=False, default=settings.PREVIEW_ROWS, min_value=1, help_text="Rows wanted; more than 1,000 is clamped"
    )


class PreviewStartedSerializer(serializers.Serializer[Any]):
    execution_id = serializers.UUIDField()


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)
    node_id = serializers.CharField(required=False)


class IterationCountsSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(min_value=0)
    finished = serializers.IntegerField(min_value=0)
    failed = serializers.IntegerField(min_value=0)


class ForecastSerializer(serializers.Serializer[Any]):
    expected_ms = serializers.IntegerField(min_value=0)
    low_ms = serializers.IntegerField(min_value=0, help_text="Four of five runs end between low_ms and high_ms")
    high_ms = serializers.IntegerField(min_value=0)
    error = serializers.FloatField(
        allow_null=True,
        help_text="After a success: by how much of the real time the forecast was too long or, below 0, too short",
    )


class NodeExecutionSerializer(serializers.Serializer[Any]):
    node_id = serializers.CharField()
    status = serializers.ChoiceField(NODE_STATUSES)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    rows_in = serializers.IntegerField(allow_null=True)
    rows_out = serializers.IntegerField(allow_null=True)
    pushed_down = serializers.BooleanField()
    bytes = serializers.IntegerField(allow_null=True)
    attempt = serializers.IntegerField()
    error = ErrorSerializer(allow_null=True)
    iterations = IterationCountsSerializer(required=False, help_text="Of a loop")
    part = serializers.FloatField(required=False, help_text="How much is done while it runs, 0 to 1, where known")


class ExecutionSummarySerializer(serializers.Serializer[Any]):
    """An execution without its nodes, as in lists."""

    id = serializers.UUIDField()
    workflow_id = serializers.UUIDField()
    version_id = serializers.UUIDField()
    kind = serializers.ChoiceField(["run", "preview"])
    status = serializers.ChoiceField(EXECUTION_STATUSES)
    waiting_for = serializers.CharField(
        allow_null=True,
        help_text="vault, resume (a person paused it), wait, approval or children; a place by a limit on how many run"
        " at once: tenant_limit, workflow_limit or connector_limit",
    )
    wake_at = serializers.DateTimeField(allow_null=True, help_text="When it goes on by itself, where it waits for that")
    progress = serializers.FloatField(min_value=0, max_value=1)
    trigger = serializers.CharField()
    retry_of = serializers.UUIDField(allow_null=True, help_text="The execution that it repeats")
    triggered_by = serializers.UUIDField(allow_null=True)
    job_run_id = serializers.UUIDField(allow_null=True, help_text="The run of a job that it is a step of")
    parameters = serializers.DictField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    pause_requested_at = serializers.DateTimeField(allow_null=True, help_text="Until a person resumes it")
    forecast = ForecastSerializer(allow_null=True, help_text="Of the whole run, as it was told when it began")
    error = ErrorSerializer(allow_null=True)
    warnings = serializers.IntegerField(min_value=0)
    environment_id = serializers.UUIDField(allow_null=True)
    parent_id = serializers.UUIDField(allow_null=True, help_text="The execution that a node of which began this one")
    prefect_flow_run_id = serializers.UUIDField(allow_null=True)

    def to_representation(self, instance: WorkflowExecution) -> dict[str, Any]:
        return bodies.execution_body(instance)


class ExecutionSerializer(ExecutionSummarySerializer):
    nodes = NodeExecutionSerializer(many=True)

    def to_representation(self, instance: WorkflowExecution) -> dict[str, Any]:
        return selectors.body(instance)


class LogSerializer(serializers.Serializer[Any]):
    node_id = serializers.CharField(allow_null=True)
    level = serializers.ChoiceField(ExecutionLog.Level.values)
    message = serializers.CharField()
    at = serializers.DateTimeField()

    def to_representation(self, instance: ExecutionLog) -> dict[str, Any]:
        return bodies.log_body(instance)


class ColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()


class RowsSerializer(serializers.Serializer[Any]):
    columns = ColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.ListField())
    row_count = serializers.IntegerField(min_value=0, help_text="Rows of the whole dataset")


class OutputSerializer(RowsSerializer):
    rows_kept = serializers.IntegerField(
        min_value=0, required=False, help_text="Said where only the first of many rows were kept"
    )


class PreviewSerializer(RowsSerializer):
    sampled = serializers.BooleanField(help_text="Whether sources were read in part only")
    read_at = serializers.DateTimeField(allow_null=True, help_text="When the oldest of its sources was read")
    at = serializers.DateTimeField()


class OutputQuery(serializers.Serializer[Any]):
    port = serializers.CharField(default="output", max_length=200)
    offset = serializers.IntegerField(default=0, min_value=0, max_value=2**63 - 1)
    limit = serializers.IntegerField(default=100, min_value=0, help_text=f"Above {outputs.MAX_ROWS:,} is clamped")


class PrefectLinkSerializer(serializers.Serializer[Any]):
    linked = serializers.BooleanField(help_text="Whether Prefect knows the run already")
    flow_run_id = serializers.UUIDField(allow_null=True)
    url = serializers.CharField(allow_null=True)
    told = serializers.ChoiceField(EXECUTION_STATUSES, allow_null=True, help_text="The status Prefect was told last")
