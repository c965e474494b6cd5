"""What notifications do about events of executions, after the commit; `uzo.wiring` calls these."""

from __future__ import annotations

from apps.executions.approvals import asked
from apps.executions.events import ApprovalDecided, ApprovalRequested, ExecutionFinished
from apps.executions.models import Approval
from apps.notifications.core.notices import Kind, of_failure, of_question
from apps.notifications.services import notify, settle, settle_execution


def execution_finished(event: ExecutionFinished) -> None:
    """Whoever began it hears of its failure; what it asked needs no answer any more."""
    if event.preview:
        return
    settle_execution(event.execution_id, kind=Kind.APPROVAL_REQUESTED)
    told = of_failure(event.execution)
    if told is not None:
        notice, person = told
        notify(notice=notice, workflow_id=event.workflow_id, people=[person])


def approval_requested(event: ApprovalRequested) -> None:
    """Those who may decide hear that they are asked."""
    approval = Approval.objects.select_related("execution__workflow").filter(pk=event.approval_id).first()
    if approval is None or approval.status != Approval.Status.PENDING:
        return
    notice = of_question(approval_id=approval.pk, execution_id=event.execution_id, message=approval.message)
    notify(notice=notice, workflow_id=event.workflow_id, people=[person.pk for person in asked(approval)])


def approval_decided(event: ApprovalDecided) -> None:
    """The others need not look at it any more."""
    settle(event.approval_id, kind=Kind.APPROVAL_REQUESTED)
