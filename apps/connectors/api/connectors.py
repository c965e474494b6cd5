"""Connectors: list, make, change, delete, try."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.api.base import Capability, OnObject, Rule, SignedIn, TenantAPIView
from apps.connectors import services
from apps.connectors.api.serializers import (
    CheckResultSerializer,
    ConnectorChangeSerializer,
    ConnectorCreateSerializer,
    ConnectorSerializer,
    TestUnsavedSerializer,
)
from apps.kernel.api.documents import ProblemSerializer, list_schema
from apps.kernel.errors import Forbidden

TAGS = ["connectors"]
LISTING: dict[str, Any] = {
    "filters": {"connector_type": "connector_type", "name": "name"},
    "search": ("name", "description"),
    "ordering": ("name", "created_at", "updated_at", "connector_type"),
}
SEALED = {503: ProblemSerializer}
REFUSED = {422: ProblemSerializer}


class ConnectorsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn(), "post": Capability("connectors.create")}

    @list_schema(ConnectorSerializer, tags=TAGS, **LISTING)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return self.list_response(
            access.visible(self.viewer, "connector"), ConnectorSerializer, default_ordering="name", **LISTING
        )

    @extend_schema(
        request=ConnectorCreateSerializer,
        responses={201: ConnectorSerializer, 402: ProblemSerializer, **SEALED},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        body = ConnectorCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row = services.create_connector(viewer=self.viewer, **({"config": {}} | body.validated_data))
        return Response(ConnectorSerializer(row).data, status=201)


class ConnectorView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("connector", Level.READ),
        "patch": OnObject("connector", Level.WRITE),
        "delete": OnObject("connector", Level.WRITE),
    }

    @extend_schema(responses={200: ConnectorSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(ConnectorSerializer(self.object).data)

    @extend_schema(
        request=ConnectorChangeSerializer, responses={200: ConnectorSerializer, **REFUSED, **SEALED}, tags=TAGS
    )
    def patch(self, request: Request, **_: Any) -> Response:
        body = ConnectorChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row = services.change_connector(viewer=self.viewer, connector=self.object, changes=body.validated_data)
        return Response(ConnectorSerializer(row).data)

    @extend_schema(
        parameters=[OpenApiParameter("hard", OpenApiTypes.BOOL, description="For good; needs admin")],
        responses={204: None},
        tags=TAGS,
    )
    def delete(self, request: Request, **_: Any) -> Response:
        hard = request.query_params.get("hard", "").lower() in ("1", "true")
        if hard and not access.allowed(self.viewer, self.object, Level.ADMIN):
            raise Forbidden("Deleting for good needs the permission admin", remedy="Leave out hard=true.")
        services.delete_connector(viewer=self.viewer, connector=self.object, hard=hard)
        return Response(status=204)


class TestView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("connector", Level.EXECUTE)}

    @extend_schema(request=None, responses={200: CheckResultSerializer, **SEALED}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        found = services.test_connector(viewer=self.viewer, connector=self.object)
        return Response(found.as_json())


class UnsavedTestView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": Capability("connectors.create")}

    @extend_schema(request=TestUnsavedSerializer, responses={200: CheckResultSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = TestUnsavedSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        found = services.test_unsaved(viewer=self.viewer, **({"config": {}} | body.validated_data))
        return Response(found.as_json())
