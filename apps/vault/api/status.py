"""The vault as one tenant may see it. Opening and closing it is for operators, on their host."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Capability, Rule, TenantAPIView
from apps.vault import kept, state
from apps.vault.api.views import TAGS, VaultStateSerializer
from apps.vault.models import DataKey


class DataKeySerializer(serializers.ModelSerializer[DataKey]):
    version = serializers.IntegerField(help_text="1 is the tenant's first")

    class Meta:
        model = DataKey
        fields = ["id", "version", "created_at", "retired_at"]
        read_only_fields = fields


class VaultStatusSerializer(VaultStateSerializer):
    keys = DataKeySerializer(many=True, help_text="The tenant's data keys, newest first; one is not retired")
    secrets = serializers.DictField(child=serializers.IntegerField(), help_text="Sealed values by kind")
    waiting = serializers.DictField(child=serializers.IntegerField(), help_text="What waits for the vault, by kind")


class VaultStatusView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Capability("vault.manage")}

    @extend_schema(responses={200: VaultStatusSerializer}, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        keys = list(DataKey.objects.order_by("created_at", "pk"))
        for version, key in enumerate(keys, start=1):
            key.version = version  # type: ignore[attr-defined]
        told = {
            **state.current().as_json(),
            "keys": keys[::-1],
            "secrets": kept.secrets(),
            "waiting": kept.waiting(),
        }
        return Response(VaultStatusSerializer(told).data)
