"""Reads of approvals: who sees a question, and who may answer it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.core.levels import any_includes
from apps.accounts.models import User
from apps.executions import bodies
from apps.executions.models import Approval
from apps.kernel.errors import Forbidden, NotFound

MAX_ASKED = 200


def visible_approvals(viewer: User) -> QuerySet[Approval]:
    """Those that the viewer may decide, and those of executions that they began."""
    if not viewer.is_active:
        return Approval.objects.none()
    approvals = Approval.objects.select_related("execution__workflow", "decided_by").defer("execution__plan")
    if viewer.is_owner:
        return approvals
    # As sub-queries: joins would give an approval once for each group.
    groups = Approval.objects.filter(groups__memberships__user=viewer).values("pk")
    named = Approval.objects.filter(users=viewer).values("pk")
    executable = access.visible(viewer, "workflow", Level.EXECUTE).values("pk")
    return approvals.filter(
        Q(pk__in=named)
        | Q(pk__in=groups)
        | Q(anyone=True, execution__workflow__in=executable)
        | Q(execution__triggered_by=viewer)
    )


def get_approval(viewer: User, id: UUID, *, to_decide: bool = False) -> Approval:
    """The approval. Raises NotFound where the viewer may not see it, Forbidden where they may not decide it."""
    approval = visible_approvals(viewer).filter(pk=id).first()
    if approval is None:
        raise NotFound(f"There is no approval {id}")
    if to_decide and not may_decide(viewer, approval):
        raise Forbidden("This is for others to decide", remedy="Ask one of those who were asked")
    return approval


def may_decide(viewer: User, approval: Approval) -> bool:
    """Whether the viewer was asked. The owner of the subscription may decide everything."""
    if not viewer.is_active or not (viewer.scopes is None or any_includes(viewer.scopes, Level.EXECUTE)):
        return False
    if viewer.is_owner:
        return True
    if approval.anyone:
        return access.allowed(viewer, approval.execution.workflow, Level.EXECUTE)
    if approval.users.filter(pk=viewer.pk).exists():
        return True
    return approval.groups.filter(memberships__user=viewer).exists()


def asked(approval: Approval) -> list[User]:
    """The people who may decide, owners left out unless they were named; at most 200."""
    people = User.objects.living().filter(is_active=True)
    if not approval.anyone:
        named = Q(pk__in=approval.users.values("pk")) | Q(memberships__group__in=approval.groups.values("pk"))
        return list(people.filter(named).distinct()[:MAX_ASKED])
    found = []
    for person in people.iterator():
        if access.allowed(person, approval.execution.workflow, Level.EXECUTE):
            found.append(person)
        if len(found) == MAX_ASKED:
            break
    return found


def body(approval: Approval, viewer: User) -> dict[str, Any]:
    """An approval as clients read it."""
    decided_by = approval.decided_by
    return {
        "id": str(approval.pk),
        "execution_id": str(approval.execution_id),
        "workflow_id": str(approval.execution.workflow_id),
        "workflow_name": approval.execution.workflow.name,
        "node_id": approval.node_id,
        "message": approval.message,
        "status": approval.status,
        "may_decide": approval.status == Approval.Status.PENDING and may_decide(viewer, approval),
        "created_at": bodies.moment(approval.created_at),
        "expires_at": bodies.moment(approval.expires_at),
        "decided_at": bodies.moment(approval.decided_at),
        "decided_by": None if decided_by is None else {"id": str(decided_by.pk), "email": decided_by.email},
        "comment": approval.comment,
    }
