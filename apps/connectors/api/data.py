"""What is in a connector: tables and rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.connectors import selectors, services
from apps.connectors.api.serializers import (
    DiscoverSerializer,
    PreviewRequestSerializer,
    RowsSerializer,
    SchemaSerializer,
)
from apps.connectors.models import Connector
from apps.connectors.sdk import ReadRequest
from apps.kernel.api.documents import ProblemSerializer
from apps.nodes.values import encode_rows

TAGS = ["connectors"]
REFUSED = {422: ProblemSerializer, 503: ProblemSerializer}


class SchemaView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("connector", Level.READ),
        "post": OnObject("connector", Level.EXECUTE),
    }

    @extend_schema(responses={200: SchemaSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return self._known(self.object)

    @extend_schema(request=DiscoverSerializer, responses={200: SchemaSerializer, **REFUSED}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        body = DiscoverSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        services.discover(viewer=self.viewer, connector=self.object, table=body.validated_data.get("table"))
        return self._known(self.object)

    @staticmethod
    def _known(connector: Connector) -> Response:
        # What was kept before foreign keys were discovered has none.
        tables = [
            {"foreign_keys": [], **table.definition, "discovered_at": table.discovered_at}
            for table in selectors.known_tables(connector)
        ]
        return Response(SchemaSerializer({"discovered_at": connector.discovered_at, "tables": tables}).data)


class PreviewView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("connector", Level.EXECUTE),
        "post": OnObject("connector", Level.EXECUTE),
    }

    @extend_schema(
        parameters=[
            OpenApiParameter("table", OpenApiTypes.STR, required=True),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1}, description="At most 1,000; more is clamped"),
        ],
        responses={200: RowsSerializer, **REFUSED},
        tags=TAGS,
    )
    def get(self, request: Request, **_: Any) -> Response:
        return self._rows(
            {name: request.query_params[name] for name in ("table", "limit") if name in request.query_params}
        )

    @extend_schema(request=PreviewRequestSerializer, responses={200: RowsSerializer, **REFUSED}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        return self._rows(request.data)

    def _rows(self, asked: Any) -> Response:
        body = PreviewRequestSerializer(data=asked)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        limit = min(said.pop("limit", settings.PREVIEW_ROWS), settings.PREVIEW_MAX_ROWS)
        columns = said.pop("columns", None)
        wanted = ReadRequest(limit=limit, columns=None if columns is None else tuple(columns), **said)
        frame, schema = services.preview(viewer=self.viewer, connector=self.object, request=wanted)
        names, rows = encode_rows(frame, schema)
        return Response({"columns": names, "rows": rows, "row_count": len(rows)})
