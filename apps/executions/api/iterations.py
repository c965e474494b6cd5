"""The trace of loops."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, TenantAPIView
from apps.executions import iterations, selectors
from apps.executions.api.rules import OnExecution
from apps.executions.api.serializers import NODE_STATUSES, ErrorSerializer
from apps.executions.models import LoopIteration
from apps.kernel.api.documents import list_schema
from apps.kernel.errors import NotFound

LIST: dict[str, Any] = {
    "filters": {"status": "status", "within": "within"},
    "ordering": ["iteration", "started_at", "finished_at", "status"],
    "default_ordering": "iteration",
}


class IterationNodeSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(NODE_STATUSES)
    duration_ms = serializers.IntegerField(allow_null=True)
    rows_in = serializers.IntegerField(allow_null=True)
    rows_out = serializers.IntegerField(allow_null=True)
    error = ErrorSerializer(allow_null=True)


class IterationSerializer(serializers.Serializer[Any]):
    """One iteration of a loop. Short ones are listed once they are over."""

    iteration = serializers.IntegerField(min_value=0, help_text="Counted from 0")
    within = serializers.CharField(allow_blank=True, help_text="Iterations of the loops around it, outermost first")
    status = serializers.ChoiceField(NODE_STATUSES)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    rows_in = serializers.IntegerField(allow_null=True)
    rows_out = serializers.IntegerField(allow_null=True)
    failed_node = serializers.CharField(allow_null=True)
    error = ErrorSerializer(allow_null=True)
    nodes = serializers.DictField(child=IterationNodeSerializer(), help_text="Nodes of the body by id, in brief")

    def to_representation(self, instance: LoopIteration) -> Any:
        return iterations.body(instance)


class IterationsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnExecution()}

    @list_schema(IterationSerializer, **LIST, tags=["executions"])
    def get(self, request: Request, node_id: str, **_: Any) -> Response:  # noqa: ARG002
        """What the iterations of a loop came to, in their order."""
        if "\0" in node_id:
            raise NotFound
        return self.list_response(selectors.iterations_of(self.object, node_id), IterationSerializer, **LIST)
