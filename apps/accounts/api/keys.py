"""One's own API keys."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.accounts.api.rules import OnOwnKey, not_by_key
from apps.accounts.api.serializers import ApiKeyCreateSerializer, ApiKeySerializer, NewApiKeySerializer
from apps.accounts.models import ApiKey
from apps.accounts.services import api_keys
from apps.kernel.api.documents import list_schema

TAGS = ["auth"]
LISTING: dict[str, Any] = {"search": ("name", "prefix"), "ordering": ("name", "created_at", "expires_at")}


class ApiKeysView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn(), "post": SignedIn()}

    @list_schema(ApiKeySerializer, tags=TAGS, **LISTING)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        own = ApiKey.objects.filter(user=self.viewer)
        return self.list_response(own, ApiKeySerializer, default_ordering="-created_at", **LISTING)

    @extend_schema(request=ApiKeyCreateSerializer, responses={201: NewApiKeySerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        not_by_key(request)
        body = ApiKeyCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key, secret = api_keys.create(user=self.viewer, **body.validated_data)
        return Response({**ApiKeySerializer(key).data, "key": secret}, status=201)


class ApiKeyView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnOwnKey(), "delete": OnOwnKey()}

    @extend_schema(responses={200: ApiKeySerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(ApiKeySerializer(self.object).data)

    @extend_schema(responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:
        not_by_key(request)
        api_keys.delete(key=self.object, by=self.viewer)
        return Response(status=204)
