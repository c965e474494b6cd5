"""The explorer's tree: opened one level at a time, searched as a whole."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, SignedIn, TenantAPIView
from apps.kernel.api.documents import page_of
from apps.kernel.api.listing import require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.workflows import finding, tree

LEVELS = [level.value for level in Level]


class TreeStepSerializer(serializers.Serializer[Any]):
    """Something that something else lies in."""

    type = serializers.ChoiceField(tree.KINDS)
    id = serializers.UUIDField()
    name = serializers.CharField()


class TreeItemSerializer(TreeStepSerializer):
    """A child of what was opened; `children` counts what lies right in it."""

    parent_id = serializers.UUIDField(source="inside", allow_null=True, help_text="What it lies in; null: a workspace")
    children = serializers.IntegerField(source="children_count", min_value=0)
    updated_at = serializers.DateTimeField()


class FoundItemSerializer(TreeItemSerializer):
    """`context["paths"]`: id → what it lies in."""

    path = serializers.SerializerMethodField(help_text="What it lies in, outermost first, as far as one may read it")

    @extend_schema_field(TreeStepSerializer(many=True))
    def get_path(self, row: dict[str, Any]) -> Any:
        return TreeStepSerializer(self.context["paths"][row["id"]], many=True).data


class TreeQuery(serializers.Serializer[Any]):
    parent_id = serializers.UUIDField(required=False)


class _CommaList(serializers.ListField):
    """Values with commas between them, as a query string has them."""

    def get_value(self, dictionary: Any) -> Any:
        value = dictionary.get(self.field_name, "")
        return value.split(",") if value else serializers.empty


class SearchQuery(serializers.Serializer[Any]):
    search = serializers.CharField(default="", allow_blank=True, max_length=200)
    type = _CommaList(child=serializers.ChoiceField(tree.KINDS), default=list(tree.KINDS))
    permission = serializers.ChoiceField(LEVELS, default=Level.READ.value)
    within = serializers.UUIDField(required=False)


class PathQuery(serializers.Serializer[Any]):
    id = serializers.UUIDField()


PAGED = [
    OpenApiParameter("page", {"type": "integer", "minimum": 1}),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1}),
]
PARENT = OpenApiParameter(
    "parent_id", OpenApiTypes.UUID, description="A folder or job; by default the workspace itself"
)
ANY_PARENT = OpenApiParameter(
    "parent_id", OpenApiTypes.UUID, description="A workspace, folder or job; by default what lies in none: workspaces"
)
SEARCHED = [
    OpenApiParameter("search", str, description="Words that the name must hold; without any, everything is found"),
    OpenApiParameter(
        "type",
        {"type": "array", "items": {"type": "string", "enum": list(tree.KINDS)}},
        explode=False,
        description="Only these",
    ),
    OpenApiParameter("permission", str, enum=LEVELS, description="What one must hold on it; by default read"),
    OpenApiParameter("within", OpenApiTypes.UUID, description="Only what lies in this workspace or folder"),
]


def _said(request: Request, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    require_known(request, *serializer().fields)
    query = serializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    said: dict[str, Any] = query.validated_data
    return said


class ShowsTree(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {}

    def children(self, request: Request, rows: tree.Rows) -> Response:
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(rows, request, view=self)
        return paginator.get_paginated_response(TreeItemSerializer(page, many=True).data)


class TreeView(ShowsTree):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workspace")}

    @extend_schema(parameters=[PARENT, *PAGED], responses={200: page_of(TreeItemSerializer)}, tags=["workspaces"])
    def get(self, request: Request, **_: Any) -> Response:
        parent_id: UUID = _said(request, TreeQuery).get("parent_id", self.object.pk)
        return self.children(request, tree.children(self.viewer, self.object, parent_id))


class WholeTreeView(ShowsTree):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(parameters=[ANY_PARENT, *PAGED], responses={200: page_of(TreeItemSerializer)}, tags=["workspaces"])
    def get(self, request: Request) -> Response:
        """What lies right in something. Whatever one may read without reading what it lies in stands beside the
        workspaces."""
        parent_id = _said(request, TreeQuery).get("parent_id")
        found = tree.roots(self.viewer) if parent_id is None else tree.below(self.viewer, parent_id)
        return self.children(request, found)


class TreeSearchView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(parameters=[*SEARCHED, *PAGED], responses={200: page_of(FoundItemSerializer)}, tags=["workspaces"])
    def get(self, request: Request) -> Response:
        """Workspaces and all that lies in them, at any depth, by name, each with where it lies."""
        said = _said(request, SearchQuery)
        found = finding.found(
            self.viewer,
            said["search"].strip(),
            kinds=said["type"],
            level=Level(said["permission"]),
            within=said.get("within"),
        )
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(found, request, view=self) or []
        context = {"paths": finding.paths(self.viewer, page)}
        return paginator.get_paginated_response(FoundItemSerializer(page, many=True, context=context).data)


class TreePathView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(parameters=[PathQuery], responses={200: FoundItemSerializer}, tags=["workspaces"])
    def get(self, request: Request) -> Response:
        """Where something lies, whatever it is."""
        row = finding.one(self.viewer, _said(request, PathQuery)["id"])
        return Response(FoundItemSerializer(row, context={"paths": finding.paths(self.viewer, [row])}).data)
