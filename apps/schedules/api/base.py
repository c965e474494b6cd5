"""What the endpoints of schedules, triggers and hooks have in common."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from apps.accounts.api.base import TenantAPIView

LIST: dict[str, Any] = {
    "filters": {
        "enabled": "enabled",
        "job": "job_id",
        "job_package": "job_package_id",
        "workflow": "workflow_id",
        "run_as": "run_as_id",
    },
    "search": ["name"],
    "ordering": ["name", "created_at", "updated_at"],
    "default_ordering": "name",
}


class StarterView(TenantAPIView):
    """An endpoint that takes a body."""

    def said(self, request: Request, serializer: Any, *, partial: bool = False) -> dict[str, Any]:
        body = serializer(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)
