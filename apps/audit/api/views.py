"""Reading the audit."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Capability, Rule, TenantAPIView
from apps.audit import selectors
from apps.audit.api.serializers import ActionsSerializer, AuditEntrySerializer
from apps.audit.models import AuditEntry
from apps.kernel.api.documents import list_schema
from apps.kernel.api.listing import require_known


def _moment(value: str) -> Any:
    moment = parse_datetime(value)
    if moment is None or moment.tzinfo is None:
        raise ValueError(value)
    return moment


def _after(found: QuerySet[AuditEntry], value: str) -> QuerySet[AuditEntry]:
    return found.filter(at__gte=_moment(value))


def _before(found: QuerySet[AuditEntry], value: str) -> QuerySet[AuditEntry]:
    return found.filter(at__lt=_moment(value))


_OF_OBJECTS = {
    "actor_id": "actor_id",
    "object_type": "object_type",
    "object_id": "object_id",
    "workspace_id": "workspace_id",
    "after": _after,
    "before": _before,
}
DELETIONS: dict[str, Any] = {
    "filters": _OF_OBJECTS,
    "search": ("object_name", "actor"),
    "ordering": ("at",),
}
LOGS: dict[str, Any] = {**DELETIONS, "filters": {"action": "action", **_OF_OBJECTS}}
TYPES = {
    **dict.fromkeys(("actor_id", "object_id", "workspace_id"), OpenApiTypes.UUID),
    **dict.fromkeys(("after", "before"), OpenApiTypes.DATETIME),
}


class LogsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Capability("audit.read")}

    @list_schema(AuditEntrySerializer, tags=["audit"], filter_types=TYPES, **LOGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Who did what, the newest first."""
        return self.list_response(AuditEntry.objects.all(), AuditEntrySerializer, default_ordering="-at", **LOGS)


class DeletionsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Capability("audit.read")}

    @list_schema(AuditEntrySerializer, tags=["audit"], filter_types=TYPES, **DELETIONS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """What was deleted by whom; `details.hard` tells what is gone for good."""
        deletions = AuditEntry.objects.filter(action__endswith="_deleted")
        return self.list_response(deletions, AuditEntrySerializer, default_ordering="-at", **DELETIONS)


class ActionsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Capability("audit.read")}

    @extend_schema(responses={200: ActionsSerializer}, tags=["audit"])
    def get(self, request: Request) -> Response:
        """Every action that the log speaks of, to choose from."""
        require_known(request)
        return Response({"actions": selectors.actions()})
