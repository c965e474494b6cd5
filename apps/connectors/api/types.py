"""The connector types: forms, icons and abilities, derived from their classes."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.connectors.api.serializers import ConnectorTypeSerializer
from apps.connectors.opening import type_named
from apps.connectors.sdk.registry import describe, types
from apps.kernel.api.documents import list_schema
from apps.kernel.api.listing import narrow_items
from apps.kernel.api.pagination import PageNumberPagination

TAGS = ["connectors"]
LISTING: dict[str, Any] = {
    "search": ("type", "label", "category"),
    "ordering": ("type", "label", "category"),
    "default_ordering": "type",
}


class TypesView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(ConnectorTypeSerializer, tags=TAGS, **LISTING)
    def get(self, request: Request) -> Response:
        found = narrow_items(request, [describe(kind) for kind in types().values()], **LISTING)
        paginator = PageNumberPagination()
        page: Any = paginator.paginate_queryset(found, request, view=self)
        return paginator.get_paginated_response(page)


class TypeView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(responses={200: ConnectorTypeSerializer}, tags=TAGS)
    def get(self, request: Request, type: str, **_: Any) -> Response:  # noqa: ARG002
        return Response(describe(type_named(type)))
