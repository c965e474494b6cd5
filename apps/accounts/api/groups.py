"""Groups, their members, and roles."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import selectors
from apps.accounts.api.base import Capability, Rule, TenantAPIView
from apps.accounts.api.rules import AnyCapability, OnGroup, OnRole
from apps.accounts.api.serializers import (
    CapabilitySerializer,
    GroupSerializer,
    GroupWriteSerializer,
    MemberAddSerializer,
    MemberSerializer,
    RoleSerializer,
    RoleWriteSerializer,
)
from apps.accounts.core.capabilities import REGISTRY
from apps.accounts.models import Group, Membership, Role
from apps.accounts.services import groups
from apps.kernel.api.documents import list_schema, page_of
from apps.kernel.api.listing import require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.kernel.errors import NotFound

LISTING: dict[str, Any] = {
    "filters": {"name": "name"},
    "search": ("name", "description"),
    "ordering": ("name", "created_at"),
}
PAGE = [
    OpenApiParameter("page", {"type": "integer", "minimum": 1}),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1}),
]
MEMBERS: dict[str, Any] = {"search": ("user__name", "user__email"), "ordering": ("created_at",)}


def _group(group: Group) -> Any:
    return GroupSerializer(selectors.groups().get(pk=group.pk)).data


def _role(role: Role) -> Any:
    return RoleSerializer(selectors.roles().get(pk=role.pk)).data


class GroupsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Capability("groups.manage"), "post": Capability("groups.manage")}

    @list_schema(GroupSerializer, tags=["groups"], **LISTING)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return self.list_response(selectors.groups(), GroupSerializer, default_ordering="name", **LISTING)

    @extend_schema(request=GroupWriteSerializer, responses={201: GroupSerializer}, tags=["groups"])
    def post(self, request: Request) -> Response:
        body = GroupWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(_group(groups.create_group(by=self.viewer, **body.validated_data)), status=201)


class GroupView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnGroup(),
        "patch": OnGroup(manage=True),
        "delete": OnGroup(manage=True),
    }

    @extend_schema(responses={200: GroupSerializer}, tags=["groups"])
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(_group(self.object))

    @extend_schema(request=GroupWriteSerializer, responses={200: GroupSerializer}, tags=["groups"])
    def patch(self, request: Request, **_: Any) -> Response:
        body = GroupWriteSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        group = groups.change_group(group=self.object, by=self.viewer, changes=body.validated_data)
        return Response(_group(group))

    @extend_schema(responses={204: None}, tags=["groups"])
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        groups.delete_group(group=self.object, by=self.viewer)
        return Response(status=204)


class MembersView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnGroup(), "post": OnGroup(manage=True)}

    @list_schema(MemberSerializer, tags=["groups"], **MEMBERS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        members = Membership.objects.filter(group=self.object).select_related("user")
        return self.list_response(members, MemberSerializer, default_ordering="created_at", **MEMBERS)

    @extend_schema(request=MemberAddSerializer, responses={201: MemberSerializer}, tags=["groups"])
    def post(self, request: Request, **_: Any) -> Response:
        body = MemberAddSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        membership = groups.add_member(group=self.object, by=self.viewer, **body.validated_data)
        return Response(MemberSerializer(membership).data, status=201)


class MemberView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"delete": OnGroup(manage=True)}

    @extend_schema(responses={204: None}, tags=["groups"])
    def delete(self, request: Request, user_id: UUID, **_: Any) -> Response:  # noqa: ARG002
        membership = Membership.objects.filter(group=self.object, user_id=user_id).first()
        if membership is None:
            raise NotFound("This person is not in the group")
        groups.remove_member(membership=membership, by=self.viewer)
        return Response(status=204)


class RolesView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": AnyCapability(("roles.manage", "users.manage", "groups.manage")),
        "post": Capability("roles.manage"),
    }

    @list_schema(RoleSerializer, tags=["roles"], **LISTING)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return self.list_response(selectors.roles(), RoleSerializer, default_ordering="name", **LISTING)

    @extend_schema(request=RoleWriteSerializer, responses={201: RoleSerializer}, tags=["roles"])
    def post(self, request: Request) -> Response:
        body = RoleWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        role = groups.save_role(role=None, by=self.viewer, changes=body.validated_data)
        return Response(_role(role), status=201)


class RoleView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnRole(), "patch": OnRole(manage=True), "delete": OnRole(manage=True)}

    @extend_schema(responses={200: RoleSerializer}, tags=["roles"])
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(_role(self.object))

    @extend_schema(request=RoleWriteSerializer, responses={200: RoleSerializer}, tags=["roles"])
    def patch(self, request: Request, **_: Any) -> Response:
        body = RoleWriteSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        role = groups.save_role(role=self.object, by=self.viewer, changes=body.validated_data)
        return Response(_role(role))

    @extend_schema(responses={204: None}, tags=["roles"])
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        groups.delete_role(role=self.object, by=self.viewer)
        return Response(status=204)


class CapabilitiesView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": AnyCapability(("roles.manage", "users.manage", "groups.manage"))}

    @extend_schema(parameters=PAGE, responses={200: page_of(CapabilitySerializer)}, tags=["roles"])
    def get(self, request: Request) -> Response:
        """All that a role can carry, besides its levels."""
        require_known(request)
        known = sorted((REGISTRY[name] for name in REGISTRY), key=lambda capability: capability.label)
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(known, request, view=self)
        return paginator.get_paginated_response(CapabilitySerializer(page, many=True).data)
