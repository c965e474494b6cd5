"""Who may do what with an object and why, whom one could grant to, and what one person may do."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access, selectors
from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.accounts.api.groups import PAGE
from apps.accounts.api.permissions import OBJECT, TAGS, ObjectQuery
from apps.accounts.api.rules import OnUser, require_grantor
from apps.accounts.api.serializers import LEVELS
from apps.kernel.api.documents import page_of
from apps.kernel.api.listing import narrow, require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.kernel.errors import FieldError, Invalid

SEARCH = OpenApiParameter("search", OpenApiTypes.STR, description="Words in name, email")


class ReasonSerializer(serializers.Serializer[Any]):
    source = serializers.ChoiceField(  # type: ignore[assignment]
        ["owner", "role", "direct", "group"], help_text="`role` lets grant, and is no level"
    )
    because = serializers.CharField()
    level = serializers.ChoiceField(LEVELS, allow_null=True)
    permission_id = serializers.UUIDField(allow_null=True, help_text="The grant, which DELETE takes back")
    object_type = serializers.CharField(allow_null=True)
    object_id = serializers.UUIDField(allow_null=True)
    object_name = serializers.CharField(allow_null=True, help_text="Null where one may not read it")
    inherited = serializers.BooleanField(help_text="Granted on something above the object")
    group_id = serializers.UUIDField(allow_null=True)
    group_name = serializers.CharField(allow_null=True)


class AccessEntrySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["user", "group"])
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_null=True)
    is_active = serializers.BooleanField()
    member_count = serializers.IntegerField(allow_null=True, help_text="Of a group")
    levels = serializers.ListField(
        child=serializers.ChoiceField(LEVELS), help_text="The fewest that say it all; admin says everything"
    )
    reasons = ReasonSerializer(many=True)


class AccessPageSerializer(page_of(AccessEntrySerializer)):  # type: ignore[misc]
    may_grant = serializers.BooleanField(help_text="Whether one may grant on the object oneself")


class SubjectSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["user", "group"])
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)


class ObjectAccessSerializer(serializers.Serializer[Any]):
    object_type = serializers.CharField()
    object_id = serializers.UUIDField()
    name = serializers.CharField()
    levels = serializers.ListField(child=serializers.ChoiceField(LEVELS))
    reasons = ReasonSerializer(many=True)


class _SearchedObject(ObjectQuery):
    search = serializers.CharField(required=False, allow_blank=True, max_length=200)


def _asked(view: TenantAPIView, request: Request) -> tuple[Any, str]:
    """The object that the query names, and what is searched for. 404 where one may not read it."""
    require_known(request, "object_type", "object_id", "search")
    query = _SearchedObject(data=request.query_params)
    query.is_valid(raise_exception=True)
    said = query.validated_data
    obj = access.get_visible(view.viewer, said["object_type"], said["object_id"])
    return obj, said.get("search", "").strip().lower()


class PermissionAccessView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(parameters=[*OBJECT, SEARCH, *PAGE], responses={200: AccessPageSerializer}, tags=TAGS)
    def get(self, request: Request) -> Response:
        """Who may do what with one object, and why. Who may not grant on it sees themselves, and whom to ask."""
        obj, search = _asked(self, request)
        entries = [
            entry
            for entry in selectors.who_may(self.viewer, obj)
            if all(word in f"{entry.name} {entry.email or ''}".lower() for word in search.split())
        ]
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(entries, request, view=self)
        answer = paginator.get_paginated_response(AccessEntrySerializer(page, many=True).data)
        answer.data["may_grant"] = selectors.may_grant(self.viewer, obj)
        return answer


class PermissionSubjectsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(parameters=[*OBJECT, SEARCH, *PAGE], responses={200: page_of(SubjectSerializer)}, tags=TAGS)
    def get(self, request: Request) -> Response:
        """People and groups that one could grant to, for those who may grant on the object."""
        obj, search = _asked(self, request)
        require_grantor(self.viewer, obj)
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(selectors.subjects(search), request, view=self)
        return paginator.get_paginated_response(SubjectSerializer(page, many=True).data)


class UserAccessView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnUser()}

    @extend_schema(
        parameters=[
            OpenApiParameter("object_type", OpenApiTypes.STR, required=True),
            OpenApiParameter("search", OpenApiTypes.STR, description="Words in name"),
            *PAGE,
        ],
        responses={200: page_of(ObjectAccessSerializer)},
        tags=["users"],
    )
    def get(self, request: Request, **_: Any) -> Response:
        """What the person may do with objects of one kind, and why; of those objects that one may read oneself."""
        kind = request.query_params.get("object_type", "")
        if kind not in access.kind_names():
            known = ", ".join(access.kind_names())
            raise Invalid(errors=[FieldError("object_type", "not_found", f"There are {known}")])
        found = narrow(
            request,
            selectors.objects_of(self.viewer, self.object, kind),
            filters={"object_type": lambda objects, _: objects},
            search=("name",),
            ordering=("name",),
            default_ordering="name",
        )
        paginator = PageNumberPagination()
        objects = paginator.paginate_queryset(found, request, view=self) or []
        rows = [
            {
                "object_type": kind,
                "object_id": obj.pk,
                "name": obj.name,
                "levels": selectors.levels_of(reasons),
                "reasons": reasons,
            }
            for obj, reasons in zip(objects, selectors.what_may(self.viewer, self.object, objects), strict=True)
        ]
        return paginator.get_paginated_response(ObjectAccessSerializer(rows, many=True).data)
