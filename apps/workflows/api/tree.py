"""The explorer's tree, opened one level at a time."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.kernel.api.documents import page_of
from apps.kernel.api.listing import require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.workflows import tree


class TreeItemSerializer(serializers.Serializer[Any]):
    """A child of what was opened; `children` counts what lies right in it."""

    type = serializers.ChoiceField(["folder", "job", "workflow"])
    id = serializers.UUIDField()
    name = serializers.CharField()
    parent_id = serializers.UUIDField(source="inside")
    children = serializers.IntegerField(source="children_count", min_value=0)


class TreeQuery(serializers.Serializer[Any]):
    parent_id = serializers.UUIDField(required=False)


PARAMETERS = [
    OpenApiParameter("parent_id", OpenApiTypes.UUID, description="A folder or job; by default the workspace itself"),
    OpenApiParameter("page", {"type": "integer", "minimum": 1}),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1}),
]


class TreeView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workspace")}

    @extend_schema(parameters=PARAMETERS, responses={200: page_of(TreeItemSerializer)}, tags=["workspaces"])
    def get(self, request: Request, **_: Any) -> Response:
        require_known(request, "parent_id")
        query = TreeQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        parent_id: UUID = query.validated_data.get("parent_id", self.object.pk)
        paginator = PageNumberPagination()
        children = tree.children(self.viewer, self.object, parent_id)
        page = paginator.paginate_queryset(children, request, view=self)
        return paginator.get_paginated_response(TreeItemSerializer(page, many=True).data)
