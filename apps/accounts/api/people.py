"""People of the tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import selectors, tasks
from apps.accounts.api.base import Capability, Rule, TenantAPIView
from apps.accounts.api.rules import OnUser
from apps.accounts.api.serializers import UserChangeSerializer, UserCreateSerializer, UserDetailSerializer
from apps.accounts.models import User
from apps.accounts.services import invitations, people
from apps.kernel.api.documents import list_schema
from apps.kernel.connections import connection
from apps.tenants.features import current_subscription

TAGS = ["users"]
HARD = OpenApiParameter("hard", OpenApiTypes.BOOL, description="For good; needs admin")
LISTING: dict[str, Any] = {
    "filters": {"email": "email__iexact", "is_active": "is_active", "is_owner": "is_owner", "role_id": "role_id"},
    "search": ("email", "name"),
    "ordering": ("email", "name", "created_at", "last_login", "last_seen_at"),
}
TYPES = {"is_active": OpenApiTypes.BOOL, "is_owner": OpenApiTypes.BOOL, "role_id": OpenApiTypes.UUID}


def wants_hard(request: Request) -> bool:
    """`?hard=true` of a DELETE."""
    return request.query_params.get("hard", "").lower() in ("true", "1")


def _person(user: User) -> Any:
    return UserDetailSerializer(selectors.people().get(pk=user.pk)).data


def _mail_invitation(request: Request, user: User, *, by: User) -> None:
    tasks.send_invitation.delay(
        schema_name=connection.schema_name,
        user_id=str(user.pk),
        by=str(by.pk),
        where=current_subscription().name,
        base_url=f"{request.scheme}://{request.get_host()}",
    )


class UsersView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Capability("users.manage"), "post": Capability("users.manage")}

    @list_schema(UserDetailSerializer, filter_types=TYPES, tags=TAGS, **LISTING)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return self.list_response(selectors.people(), UserDetailSerializer, default_ordering="email", **LISTING)

    @extend_schema(request=UserCreateSerializer, responses={201: UserDetailSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = UserCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        invite = said.pop("invite")
        user = people.create_user(by=self.viewer, **said)
        if invite:
            _mail_invitation(request, user, by=self.viewer)
        return Response(_person(user), status=201)


class UserView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnUser(),
        "patch": OnUser(manage=True),
        "delete": OnUser(manage=True),
    }

    @extend_schema(responses={200: UserDetailSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(_person(self.object))

    @extend_schema(request=UserChangeSerializer, responses={200: UserDetailSerializer}, tags=TAGS)
    def patch(self, request: Request, **_: Any) -> Response:
        body = UserChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = people.change_user(user=self.object, by=self.viewer, changes=body.validated_data)
        return Response(_person(user))

    @extend_schema(parameters=[HARD], responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:
        people.delete_user(user=self.object, by=self.viewer, hard=wants_hard(request))
        return Response(status=204)


class UserInvitationView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnUser(manage=True)}

    @extend_schema(request=None, responses={202: UserDetailSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Mail the person a link to choose their first password, also a second time."""
        invitations.require_invitable(self.object)
        _mail_invitation(request, self.object, by=self.viewer)
        return Response(_person(self.object), status=202)
