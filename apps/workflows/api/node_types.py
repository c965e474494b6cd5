"""The palette: which nodes there are, their ports, forms and documentation."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.kernel.api.listing import require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.kernel.errors import NotFound
from apps.workflows import catalog
from apps.workflows.api.fields import JsonObjectField

TAGS = ["node types"]
# The palette is what it was until the next release: a browser need not ask again at once.
CACHED = "private, max-age=300"


class InputPortSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    many = serializers.BooleanField()  # type: ignore[assignment]


class OutputPortSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.ChoiceField(["data", "error", "branch"])


class NodeTypeSerializer(serializers.Serializer[Any]):
    category = serializers.CharField()
    operation = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    icon = serializers.CharField()
    documentation = serializers.CharField()
    lazy = serializers.BooleanField(help_text="Whether it fuses with its neighbours into one plan")
    inputs = InputPortSerializer(many=True, allow_null=True, help_text="Null: they depend on the config")
    outputs = OutputPortSerializer(many=True, allow_null=True, help_text="Null: they depend on the config")
    config_schema = JsonObjectField(help_text="JSON Schema of `data.config`")


class NodeTypesView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(NodeTypeSerializer, tags=TAGS, filters={"category": "category"})
    def get(self, request: Request) -> Response:
        require_known(request, "category")
        category = request.query_params.get("category")
        found = [each for each in catalog.palette() if category in (None, each["category"])]
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(found, request, view=self)
        answer = paginator.get_paginated_response(page)
        answer["Cache-Control"] = CACHED
        return answer


class NodeTypeView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(responses={200: NodeTypeSerializer}, tags=TAGS)
    def get(self, request: Request, category: str, operation: str) -> Response:  # noqa: ARG002
        document = catalog.documents().get((category, operation))
        if document is None:
            raise NotFound(f"There is no node type {category}.{operation}")
        return Response(document, headers={"Cache-Control": CACHED})
