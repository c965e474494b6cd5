"""Grants on objects."""

from __future__ import annotations

from itertools import chain
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.accounts.api.rules import OnGrant, require_grantor
from apps.accounts.api.serializers import LEVELS, PermissionGrantSerializer, PermissionSerializer
from apps.accounts.core.levels import Level
from apps.accounts.models import GroupGrant, User, UserGrant
from apps.accounts.services import permissions
from apps.kernel.api.documents import page_of
from apps.kernel.api.listing import require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.kernel.errors import FieldError, Invalid, NotFound

TAGS = ["permissions"]
OBJECT = [
    OpenApiParameter("object_type", OpenApiTypes.STR, required=True),
    OpenApiParameter("object_id", OpenApiTypes.UUID, required=True),
]


class ObjectQuery(serializers.Serializer[Any]):
    object_type = serializers.CharField()
    object_id = serializers.UUIDField()


class CheckQuery(ObjectQuery):
    permission = serializers.ChoiceField(LEVELS)
    user_id = serializers.UUIDField(required=False)


class CheckSerializer(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    because = serializers.CharField()


class PermissionsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn(), "post": SignedIn()}

    @extend_schema(
        parameters=[
            *OBJECT,
            OpenApiParameter("page", {"type": "integer", "minimum": 1}),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1}),
        ],
        responses={200: page_of(PermissionSerializer)},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """All grants on one object, for those who may grant on it."""
        require_known(request, "object_type", "object_id")
        query = ObjectQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        obj = access.get_visible(self.viewer, query.validated_data["object_type"], query.validated_data["object_id"])
        require_grantor(self.viewer, obj)
        kind = access.kind_of(obj)
        codenames = [f"{level}_{kind.name}" for level in Level]
        on: dict[str, Any] = {"object_pk": str(obj.pk), "permission__codename__in": codenames}
        rows = chain(
            UserGrant.objects.filter(**on).select_related("permission").order_by("created_at", "pk"),
            GroupGrant.objects.filter(**on).select_related("permission").order_by("created_at", "pk"),
        )
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(list(rows), request, view=self)
        return paginator.get_paginated_response(PermissionSerializer(page, many=True).data)

    @extend_schema(request=PermissionGrantSerializer, responses={201: PermissionSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = PermissionGrantSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        obj = self._named(said["object_type"], said["object_id"])
        require_grantor(self.viewer, obj)
        to = said.get("user") or said["group"]
        grant = permissions.grant(obj=obj, to=to, level=Level(said["permission"]), by=self.viewer)
        return Response(PermissionSerializer(grant).data, status=201)

    def _named(self, kind: str, id: UUID) -> Any:
        if kind not in access.kind_names():
            known = ", ".join(access.kind_names())
            raise Invalid(errors=[FieldError("object_type", "not_found", f"There are {known}")])
        try:
            return access.get_visible(self.viewer, kind, id)
        except NotFound as error:
            raise Invalid(errors=[FieldError("object_id", "not_found", error.message)]) from error


class PermissionView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"delete": OnGrant()}

    @extend_schema(responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        permissions.revoke(grant=self.object, by=self.viewer)
        return Response(status=204)


class PermissionCheckView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(
        parameters=[
            *OBJECT,
            OpenApiParameter("permission", OpenApiTypes.STR, enum=LEVELS, required=True),
            OpenApiParameter("user_id", OpenApiTypes.UUID, description="Somebody else, for those who may grant"),
        ],
        responses={200: CheckSerializer},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Whether oneself, or the person of `user_id`, holds the permission. What one may not read is 404."""
        query = CheckQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        said = query.validated_data
        obj = access.get_visible(self.viewer, said["object_type"], said["object_id"])
        asked = self._asked(said.get("user_id"), obj)
        reason = access.because(asked, obj, Level(said["permission"]))
        return Response({"allowed": reason is not None, "because": reason or "no grant on it or above it says so"})

    def _asked(self, user_id: UUID | None, obj: Any) -> User:
        if user_id is None or user_id == self.viewer.pk:
            return self.viewer
        require_grantor(self.viewer, obj)
        found = User.objects.living().filter(pk=user_id).first()
        if found is None:
            raise NotFound(f"There is no person {user_id}")
        return found
