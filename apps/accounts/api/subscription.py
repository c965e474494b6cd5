"""The tenant's own plan; it stands here because only accounts knows who may change it."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Capability, Rule, TenantAPIView
from apps.tenants.api.serializers import SubscriptionSerializer, UpgradeSerializer
from apps.tenants.features import current_subscription
from apps.tenants.services import upgrade_plan


class UpgradeView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": Capability("subscription.manage")}

    @extend_schema(request=UpgradeSerializer, responses={200: SubscriptionSerializer}, tags=["subscriptions"])
    def post(self, request: Request) -> Response:
        body = UpgradeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        upgraded = upgrade_plan(subscription=current_subscription(), plan_key=body.validated_data["plan"])
        return Response(SubscriptionSerializer(upgraded).data)
