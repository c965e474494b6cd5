"""Signing in with tokens, registering, forgotten passwords, oneself."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import tasks
from apps.accounts.api.base import Public, Rule, SignedIn, TenantAPIView
from apps.accounts.api.fields import PasswordField
from apps.accounts.api.rules import not_by_key
from apps.accounts.api.serializers import MeChangeSerializer, MeSerializer, UserSerializer
from apps.accounts.services import passwords, people, sign_in
from apps.kernel.connections import connection

TAGS = ["auth"]


class LoginSerializer(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)
    password = PasswordField()


class RegisterSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    password = PasswordField()
    name = serializers.CharField(max_length=200, allow_blank=True, default="")


class TokenPairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class SignedInSerializer(TokenPairSerializer):
    user = UserSerializer()


class RefreshSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=1000)


class ForgotPasswordSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)


class ResetPasswordSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=1000)
    password = PasswordField()


class ChangePasswordSerializer(serializers.Serializer[Any]):
    current_password = PasswordField()
    password = PasswordField()


class DetailSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()


class PublicAuthView(TenantAPIView):
    """What a stranger may call. A credential that came along is not looked at, so a stale one does no harm."""

    authentication_classes = []
    rules: ClassVar[dict[str, Rule]] = {"post": Public()}


class RegisterView(PublicAuthView):
    @extend_schema(request=RegisterSerializer, responses={201: UserSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = RegisterSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(UserSerializer(people.register(**body.validated_data)).data, status=201)


class LoginView(PublicAuthView):
    @extend_schema(request=LoginSerializer, responses={200: SignedInSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = LoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user, tokens = sign_in.sign_in(request=request._request, **body.validated_data)
        return Response({"access": tokens.access, "refresh": tokens.refresh, "user": UserSerializer(user).data})


class RefreshView(PublicAuthView):
    @extend_schema(request=RefreshSerializer, responses={200: TokenPairSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        tokens = sign_in.refresh_tokens(**body.validated_data)
        return Response({"access": tokens.access, "refresh": tokens.refresh})


class ForgotPasswordView(PublicAuthView):
    """The same answer, after the same work, for every address."""

    @extend_schema(request=ForgotPasswordSerializer, responses={202: DetailSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = ForgotPasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        tasks.send_reset_mail.delay(
            schema_name=connection.schema_name,
            email=body.validated_data["email"],
            base_url=f"{request.scheme}://{request.get_host()}",
        )
        return Response({"detail": "If somebody has this address, a mail is on its way"}, status=202)


class ResetPasswordView(PublicAuthView):
    @extend_schema(request=ResetPasswordSerializer, responses={204: None}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = ResetPasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        passwords.reset_password(**body.validated_data)
        return Response(status=204)


class ChangePasswordView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": SignedIn()}

    @extend_schema(request=ChangePasswordSerializer, responses={204: None}, tags=TAGS)
    def post(self, request: Request) -> Response:
        not_by_key(request)
        body = ChangePasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        passwords.change_own_password(
            user=self.viewer,
            current=body.validated_data["current_password"],
            password=body.validated_data["password"],
        )
        return Response(status=204)


class LogoutView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": SignedIn()}

    @extend_schema(request=RefreshSerializer, responses={204: None}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        sign_in.sign_out(user=self.viewer, **body.validated_data)
        return Response(status=204)


class MeView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn(), "patch": SignedIn()}

    @extend_schema(responses={200: MeSerializer}, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(MeSerializer(self.viewer).data)

    @extend_schema(request=MeChangeSerializer, responses={200: MeSerializer}, tags=TAGS)
    def patch(self, request: Request) -> Response:
        not_by_key(request)
        body = MeChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = people.change_user(user=self.viewer, by=self.viewer, changes=body.validated_data)
        return Response(MeSerializer(user).data)
