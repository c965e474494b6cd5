"""People of the tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Capability, Rule, TenantAPIView
from apps.accounts.api.rules import OnUser
from apps.accounts.api.serializers import UserChangeSerializer, UserCreateSerializer, UserSerializer
from apps.accounts.models import User
from apps.accounts.services import people
from apps.kernel.api.documents import list_schema

TAGS = ["users"]
HARD = OpenApiParameter("hard", OpenApiTypes.BOOL, description="For good; needs admin")
LISTING: dict[str, Any] = {
    "filters": {"email": "email__iexact", "is_active": "is_active", "is_owner": "is_owner", "role_id": "role_id"},
    "search": ("email", "name"),
    "ordering": ("email", "name", "created_at", "last_login"),
}
TYPES = {"is_active": OpenApiTypes.BOOL, "is_owner": OpenApiTypes.BOOL, "role_id": OpenApiTypes.UUID}


def wants_hard(request: Request) -> bool:
    """`?hard=true` of a DELETE."""
    return request.query_params.get("hard", "").lower() in ("true", "1")


class UsersView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Capability("users.manage"), "post": Capability("users.manage")}

    @list_schema(UserSerializer, filter_types=TYPES, tags=TAGS, **LISTING)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        living = User.objects.living().select_related("role")
        return self.list_response(living, UserSerializer, default_ordering="email", **LISTING)

    @extend_schema(request=UserCreateSerializer, responses={201: UserSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = UserCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(UserSerializer(people.create_user(by=self.viewer, **body.validated_data)).data, status=201)


class UserView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnUser(),
        "patch": OnUser(manage=True),
        "delete": OnUser(manage=True),
    }

    @extend_schema(responses={200: UserSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(UserSerializer(self.object).data)

    @extend_schema(request=UserChangeSerializer, responses={200: UserSerializer}, tags=TAGS)
    def patch(self, request: Request, **_: Any) -> Response:
        body = UserChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = people.change_user(user=self.object, by=self.viewer, changes=body.validated_data)
        return Response(UserSerializer(user).data)

    @extend_schema(parameters=[HARD], responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:
        people.delete_user(user=self.object, by=self.viewer, hard=wants_hard(request))
        return Response(status=204)
