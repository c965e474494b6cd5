"""The vault, for operators."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.api.base import RuledAPIView
from apps.kernel.api.rules import Rule
from apps.tenants.api.rules import Operator
from apps.vault import services, state

TAGS = ["vault"]


class VaultStateSerializer(serializers.Serializer[Any]):
    initialised = serializers.BooleanField()
    sealed = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    sealed_at = serializers.DateTimeField(allow_null=True)
    auto_unseal = serializers.BooleanField()


class UnsealSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(max_length=1000, trim_whitespace=False, write_only=True)


def _state() -> Response:
    return Response(VaultStateSerializer(state.current().as_json()).data)


class VaultView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Operator()}

    @extend_schema(responses={200: VaultStateSerializer}, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return _state()


class UnsealView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": Operator()}

    @extend_schema(request=UnsealSerializer, responses={200: VaultStateSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = UnsealSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        services.unlock(password=body.validated_data["password"], by=self.viewer.pk)
        return _state()


class SealView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": Operator()}

    @extend_schema(request=None, responses={200: VaultStateSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:  # noqa: ARG002
        services.lock(by=self.viewer.pk)
        return _state()
