"""Rules of the operator's host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django_tenants.utils import get_public_schema_name
from rest_framework.request import Request

from apps.kernel.api.rules import require_signed_in
from apps.kernel.connections import connection
from apps.kernel.errors import Forbidden, NotFound
from apps.tenants.models import Subscription


@dataclass(frozen=True, slots=True)
class Operator:
    """Operators of the platform, on the operator's host only."""

    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        if connection.schema_name != get_public_schema_name():
            raise NotFound
        if not request.user.is_staff or getattr(request.user, "scopes", None) is not None:
            raise Forbidden("Only operators may do that, with a password rather than an API key")
        if "id" in view.kwargs:
            view.object = Subscription.objects.select_related("plan").filter(pk=view.kwargs["id"]).first()
            if view.object is None:
                raise NotFound(f"There is no subscription {view.kwargs['id']}")
