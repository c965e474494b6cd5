"""Events become entries, within the transaction that published them: no change without its line."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django_tenants.utils import get_public_schema_name
from simple_history.models import HistoricalRecords

from apps.accounts.lockout import client_address
from apps.accounts.models import User
from apps.audit.core import entries
from apps.audit.models import AuditEntry
from apps.kernel.clock import now
from apps.kernel.connections import connection
from apps.kernel.events import Event


def record(event: Event) -> None:
    """Write what happened; operators' own doings, in the public schema, have Django's admin log."""
    if connection.schema_name == get_public_schema_name():
        return
    said = entries.read(event)
    request = _request()
    AuditEntry.objects.create(
        at=now(),
        action=said.action,
        actor_id=said.by,
        actor=_address_of(said.by, request),
        object_type=said.object_type,
        object_id=said.object_id,
        object_name=said.object_name,
        workspace_id=said.workspace_id,
        details=said.details,
        address=(client_address(request) or None) if request else None,
        method=(request.method or "") if request else "",
        path=request.path[:500] if request else "",
    )


def _request() -> HttpRequest | None:
    """The request under way in this thread, which simple-history's middleware keeps; None outside of one."""
    found: HttpRequest | None = getattr(HistoricalRecords.context, "request", None)
    return found


def _address_of(user_id: UUID | None, request: HttpRequest | None) -> str:
    if user_id is None:
        return ""
    user = getattr(request, "user", None)
    if getattr(user, "pk", None) == user_id:
        return str(user.email)  # type: ignore[union-attr]
    return User.objects.filter(pk=user_id).values_list("email", flat=True).first() or ""
