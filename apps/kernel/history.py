"""Who is written into the history of a row."""

from __future__ import annotations

from typing import Any

from apps.kernel.connections import connection


def history_user(instance: Any, request: Any = None, **_: Any) -> Any:  # noqa: ARG001
    """The person of the request, if they are one of this schema's: an operator who provisions a tenant
    is nobody in there. For `HistoricalRecords(get_user=…)` of models that are written across schemas."""
    tenant = getattr(request, "tenant", None)
    return request.user if tenant is not None and tenant.schema_name == connection.schema_name else None
