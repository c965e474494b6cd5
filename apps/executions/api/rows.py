"""Endpoints of rows: what a run left, and previews of single nodes."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.executions import outputs, previews, services
from apps.executions.api.renderers import ROWS
from apps.executions.api.rules import OnExecution
from apps.executions.api.samples import MatchesRequestSerializer, MatchesSerializer, StatisticsSerializer
from apps.executions.api.serializers import (
    NodeExecuteSerializer,
    OutputQuery,
    OutputSerializer,
    PreviewSerializer,
    PreviewStartedSerializer,
)
from apps.kernel.errors import NotFound

TAGS = ["executions"]


class OutputView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnExecution()}
    renderer_classes = ROWS

    @extend_schema(
        parameters=[OutputQuery],
        responses={
            (200, "application/json"): OutputSerializer,
            (200, "application/vnd.apache.arrow.stream"): OpenApiTypes.BINARY,
            (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
            (200, "text/csv"): OpenApiTypes.STR,
        },
        tags=TAGS,
    )
    def get(self, request: Request, node_id: str, **_: Any) -> Response:
        """Rows that a node left. 409 `not_materialised` where they were not kept, 410 after the retention. Of
        many rows that went from database to database the first are kept, and `rows_kept` says how many."""
        query = OutputQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        said = query.validated_data
        dataset = outputs.find_output(self.object, node_id, said["port"])
        rows = outputs.read_output(dataset, offset=said["offset"], limit=said["limit"])
        match request.accepted_renderer.format:
            case "arrow":
                return Response(rows.as_arrow_stream())
            case "parquet":
                return Response(rows.as_parquet())
            case "csv":
                return Response(rows.as_csv())
            case _:
                return Response(rows.as_json())


class NodeExecuteView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("workflow", Level.EXECUTE)}

    @extend_schema(request=NodeExecuteSerializer, responses={202: PreviewStartedSerializer}, tags=TAGS)
    def post(self, request: Request, node_id: str, **_: Any) -> Response:
        """Preview one node on a sample; rows come on `node-preview:{execution_id}`."""
        body = NodeExecuteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        execution = services.start_preview(
            viewer=self.viewer, workflow_id=self.object.pk, node_id=node_id, **body.validated_data
        )
        return Response({"execution_id": str(execution.pk)}, status=202)


class NodePreviewView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workflow")}

    @extend_schema(responses={200: PreviewSerializer}, tags=TAGS)
    def get(self, request: Request, node_id: str, **_: Any) -> Response:  # noqa: ARG002
        """The last sample of a node; 404 `no_preview` before the first."""
        if "\0" in node_id:
            raise NotFound
        return Response(previews.last_preview(self.object.pk, node_id))


class NodeStatisticsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workflow")}

    @extend_schema(responses={200: StatisticsSerializer}, tags=TAGS)
    def get(self, request: Request, node_id: str, **_: Any) -> Response:  # noqa: ARG002
        """What the columns of a node's last sample hold: nulls, distinct values, ranges, histograms. 404
        `no_preview` before the first."""
        if "\0" in node_id:
            raise NotFound
        return Response(previews.last_statistics(self.object.pk, node_id))


class NodeMatchesView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("workflow"),
        "post": OnObject("workflow", Level.EXECUTE),
    }

    @extend_schema(responses={200: MatchesSerializer}, tags=TAGS)
    def get(self, request: Request, node_id: str, **_: Any) -> Response:  # noqa: ARG002
        """How the sides of a join fit, as counted last; 404 `no_preview` before that."""
        if "\0" in node_id:
            raise NotFound
        return Response(previews.last_matches(self.object.pk, node_id))

    @extend_schema(request=MatchesRequestSerializer, responses={202: PreviewStartedSerializer}, tags=TAGS)
    def post(self, request: Request, node_id: str, **_: Any) -> Response:
        """Count on samples how the sides of a join fit, by a preview; 422 `not_a_join` for another node."""
        body = MatchesRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        execution = services.start_matches(
            viewer=self.viewer, workflow_id=self.object.pk, node_id=node_id, **body.validated_data
        )
        return Response({"execution_id": str(execution.pk)}, status=202)
