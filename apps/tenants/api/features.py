"""What the tenant's plan allows, on tenants' hosts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.api.base import RuledAPIView
from apps.kernel.api.documents import page_of
from apps.kernel.api.listing import require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.kernel.api.rules import Rule, SignedIn
from apps.kernel.errors import NotFound
from apps.tenants import features
from apps.tenants.api.serializers import FeatureSerializer, PlanUsageSerializer, UsageSerializer

TAGS = ["features"]


class FeatureCheckView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(responses={200: FeatureSerializer}, tags=TAGS)
    def get(self, request: Request, key: str) -> Response:  # noqa: ARG002
        grant = features.all_features().get(key)
        if grant is None:
            raise NotFound(f"There is no feature {key!r}")
        return Response(asdict(grant))


class PlanView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(responses={200: PlanUsageSerializer}, tags=TAGS)
    def get(self, request: Request) -> Response:
        """The tenant's plan, every feature as it stands and what of it is used, and what would lift it."""
        require_known(request)
        subscription = features.current_subscription()
        offers, plans = features.offers(subscription)
        told = {
            "plan": subscription.plan,
            "plans": plans,
            "features": [
                {**asdict(offer.grant), "used": offer.used, "plans": [plan.key for plan in offer.plans]}
                for offer in offers
            ],
        }
        return Response(PlanUsageSerializer(told).data)


class EnabledFeaturesView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(
        parameters=[
            OpenApiParameter("page", {"type": "integer", "minimum": 1}),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1}),
        ],
        responses={200: page_of(FeatureSerializer)},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        require_known(request)
        enabled = [asdict(grant) for grant in features.all_features().values() if grant.enabled]
        paginator = PageNumberPagination()
        page: Any = paginator.paginate_queryset(enabled, request, view=self)
        return paginator.get_paginated_response(page)


class UsageView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(responses={200: UsageSerializer}, tags=TAGS)
    def get(self, request: Request, type: str) -> Response:  # noqa: ARG002
        used, limit = features.used(type), features.limit(type)
        remaining = None if limit is None else max(0, limit - used)
        return Response({"type": type, "used": used, "limit": limit, "remaining": remaining})
