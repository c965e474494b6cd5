"""Asking people: a node asks, one of those who were asked decides, its execution goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from apps.accounts.models import Group, User
from apps.accounts.naming import groups_called, people_called, unknown_names
from apps.executions import approvals
from apps.executions.events import ApprovalDecided, ApprovalRequested
from apps.executions.models import Approval, WorkflowExecution
from apps.executions.services.parking import wake
from apps.kernel import clock
from apps.kernel.errors import Conflict, NodeError
from apps.kernel.events import publish

DECISIONS = {"approve": Approval.Status.APPROVED, "reject": Approval.Status.REJECTED}


@dataclass(frozen=True, slots=True)
class Question:
    """What a node asks. `approvers`: ids or e-mail addresses of people, ids or names of groups; none: whoever
    may execute the workflow. `key` names the call: made again, it finds the question."""

    key: str
    node_id: str
    message: str
    approvers: Sequence[str] = ()
    expires_after: float | None = None


def ask(execution: WorkflowExecution, question: Question) -> Approval:
    """Ask, or find what the same call asked before; a question that expired is asked anew.

    Call it under the execution's lease. Raises NodeError `unknown_approver`.
    """
    earlier = execution.approvals.filter(key__startswith=f"{question.key}#")
    known = earlier.order_by("-created_at").first()
    if known is not None and known.status not in (Approval.Status.EXPIRED, Approval.Status.WITHDRAWN):
        return known
    users, groups = _bearers(question.approvers)
    ends = None if question.expires_after is None else clock.now() + timedelta(seconds=question.expires_after)
    approval = Approval.objects.create(
        execution=execution,
        node_id=question.node_id,
        key=f"{question.key}#{earlier.count() + 1}",
        message=question.message,
        anyone=not question.approvers,
        expires_at=ends,
    )
    approval.users.set(users)
    approval.groups.set(groups)
    publish(
        ApprovalRequested(
            execution_id=execution.id, workflow_id=execution.workflow_id, preview=False, approval_id=approval.pk
        )
    )
    return approval


def look(approval_id: UUID) -> Approval:
    """How the question stands; one whose time is up expires now. Call it under its execution's lease.
    Raises NodeError `approval_lost`."""
    approval = Approval.objects.select_related("decided_by").filter(pk=approval_id).first()
    if approval is None:
        raise NodeError("The approval is no longer there", code="approval_lost")
    if approval.status == Approval.Status.PENDING and _is_late(approval):
        approval.status = Approval.Status.EXPIRED
        approval.save(update_fields=["status"])
    return approval


@transaction.atomic
def decide(*, viewer: User, approval_id: UUID, decision: str, comment: str = "") -> Approval:
    """Answer a question; its execution goes on.

    Raises NotFound, Forbidden; Conflict `already_decided`, `expired`.
    """
    found = approvals.get_approval(viewer, approval_id, to_decide=True)
    # The execution first, as whoever ends it does.
    WorkflowExecution.objects.select_for_update(of=("self",)).only("pk").get(pk=found.execution_id)
    approval = Approval.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if approval.status == Approval.Status.EXPIRED or (
        approval.status == Approval.Status.PENDING and _is_late(approval)
    ):
        raise Conflict("The time for this decision is up", code="expired")
    if approval.status != Approval.Status.PENDING:
        raise Conflict(f"This was settled before: {approval.status}", code="already_decided")
    approval.status = DECISIONS[decision]
    approval.decided_at = clock.now()
    approval.decided_by = viewer
    approval.comment = comment
    approval.save(update_fields=["status", "decided_at", "decided_by", "comment"])
    publish(
        ApprovalDecided(
            execution_id=approval.execution_id,
            workflow_id=found.execution.workflow_id,
            approval_id=approval.pk,
            node_id=approval.node_id,
            decision=decision,
            comment=comment[:500],
            by=viewer.pk,
        )
    )
    wake(execution_id=approval.execution_id)
    return approvals.get_approval(viewer, approval_id)


def withdraw(execution_id: UUID) -> None:
    """Nobody need decide any more: the execution is over. Call it in the transaction that ends it."""
    open_ones = Approval.objects.filter(execution_id=execution_id, status=Approval.Status.PENDING)
    open_ones.update(status=Approval.Status.WITHDRAWN)


def _bearers(names: Sequence[str]) -> tuple[list[User], list[Group]]:
    unknown = unknown_names(names)
    if unknown:
        raise NodeError(
            f"Nobody is called {unknown[0]!r}",
            code="unknown_approver",
            remedy="Name people by id or e-mail address, groups by id or name.",
        )
    return (
        [person for name in names for person in people_called(name)],
        [group for name in names for group in groups_called(name)],
    )


def _is_late(approval: Approval) -> bool:
    return approval.expires_at is not None and clock.now() >= approval.expires_at
