"""Signing a browser in and out. Pages use it, with the CSRF cookie they were served; it is not part of the
document for clients, who have tokens and keys."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.auth import LoginSerializer
from apps.accounts.api.authentication import check_csrf
from apps.accounts.api.base import Public, Rule, TenantAPIView
from apps.accounts.api.serializers import UserSerializer
from apps.accounts.services import sign_in


class SessionView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": Public(), "delete": Public()}
    authentication_classes = []

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        check_csrf(request)
        body = LoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = sign_in.open_session(request=request._request, **body.validated_data)
        return Response(UserSerializer(user).data)

    @extend_schema(exclude=True)
    def delete(self, request: Request) -> Response:
        check_csrf(request)
        sign_in.close_session(request=request._request)
        return Response(status=204)
