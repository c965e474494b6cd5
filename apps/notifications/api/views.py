"""Endpoints of notifications: parse, one call, render."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.notifications import bodies, selectors
from apps.notifications.core.notices import Kind
from apps.notifications.models import Notification
from apps.notifications.services import mark_seen

TAGS = ["notifications"]


def _seen(found: QuerySet[Notification], value: str) -> QuerySet[Notification]:
    if value not in ("true", "false"):
        raise ValueError(value)
    return found.filter(seen_at__isnull=value == "false")


LIST: dict[str, Any] = {
    "filters": {"kind": "kind", "seen": _seen},
    "ordering": ("created_at",),
    "default_ordering": "-created_at",
}


class NotificationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField([each.value for each in Kind])
    about = serializers.UUIDField(help_text="The execution, or the approval")
    execution_id = serializers.UUIDField()
    workflow_id = serializers.UUIDField()
    workflow_name = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Notification) -> dict[str, Any]:
        return bodies.body(instance)


class SeenWriteSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=1000, help_text="Left out: all of one's own"
    )


class SeenSerializer(serializers.Serializer[Any]):
    seen = serializers.IntegerField(min_value=0, help_text="How many had not been seen before")


class NotificationsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(NotificationSerializer, tags=TAGS, filter_types={"seen": OpenApiTypes.BOOL}, **LIST)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """What one was told, the newest first; `seen=false` counts what is new."""
        return self.list_response(selectors.own(self.viewer), NotificationSerializer, **LIST)


class SeenView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": SignedIn()}

    @extend_schema(request=SeenWriteSerializer, responses={200: SeenSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        """Take note that these, or all, were seen; asking twice is harmless."""
        body = SeenWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        seen = mark_seen(viewer=self.viewer, ids=body.validated_data.get("ids"))
        return Response(SeenSerializer({"seen": seen}).data)
