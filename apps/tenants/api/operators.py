"""Subscriptions, on the operator's host."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.api.base import RuledAPIView
from apps.kernel.api.documents import list_schema
from apps.kernel.api.rules import Rule
from apps.tenants import services
from apps.tenants.api.rules import Operator
from apps.tenants.api.serializers import (
    SubscriptionChangeSerializer,
    SubscriptionCreateSerializer,
    SubscriptionSerializer,
)
from apps.tenants.events import FirstOwner
from apps.tenants.models import Subscription

TAGS = ["subscriptions"]
LISTING: dict[str, Any] = {
    "filters": {"status": "status", "plan": "plan__key", "host": "domains__domain"},
    "search": ("name", "domains__domain"),
    "ordering": ("name", "created_at", "status"),
}


class SubscriptionsView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Operator(), "post": Operator()}

    @list_schema(SubscriptionSerializer, tags=TAGS, **LISTING)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        all_of_them = Subscription.objects.select_related("plan").prefetch_related("domains").distinct()
        return self.list_response(all_of_them, SubscriptionSerializer, default_ordering="name", **LISTING)

    @extend_schema(request=SubscriptionCreateSerializer, responses={201: SubscriptionSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        body = SubscriptionCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        owner = said.pop("owner", None)
        subscription = services.provision(
            plan_key=said.pop("plan"), owner=FirstOwner(**owner) if owner else None, **said
        )
        return Response(SubscriptionSerializer(subscription).data, status=201)


class SubscriptionView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Operator(), "patch": Operator(), "delete": Operator()}
    object: Subscription

    @extend_schema(responses={200: SubscriptionSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(SubscriptionSerializer(self.object).data)

    @extend_schema(request=SubscriptionChangeSerializer, responses={200: SubscriptionSerializer}, tags=TAGS)
    def patch(self, request: Request, **_: Any) -> Response:
        body = SubscriptionChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changed = services.change(subscription=self.object, changes=body.validated_data)
        return Response(SubscriptionSerializer(changed).data)

    @extend_schema(
        parameters=[OpenApiParameter("hard", OpenApiTypes.BOOL, description="Remove it with all its data")],
        responses={204: None},
        tags=TAGS,
    )
    def delete(self, request: Request, **_: Any) -> Response:
        """Suspends; with `hard` a suspended subscription is removed with its schema."""
        if request.query_params.get("hard", "").lower() in ("true", "1"):
            services.remove(subscription=self.object)
        elif self.object.is_active:
            services.suspend(subscription=self.object)
        return Response(status=204)
