"""Checking workflows out and in: while one person holds a workflow, nobody else saves it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, Forbidden
from apps.kernel.events import publish
from apps.workflows.events import WorkflowCheckedIn, WorkflowCheckedOut
from apps.workflows.models import Workflow, WorkflowLock
from apps.workflows.selectors import lock_of
from apps.workflows.services.locking import locked


def require_free(workflow: Workflow, by: User) -> None:
    """Raise Conflict `checked_out` where somebody else holds it; put off the end of one's own lock.

    Call it in the transaction that saves, with the workflow's row held.
    """
    lock = lock_of(workflow)
    if lock is None:
        return
    if lock.holder_id != by.pk:
        raise held_by_another(lock)
    WorkflowLock.objects.filter(pk=lock.pk).update(expires_at=_end())


@transaction.atomic
def check_out(*, workflow: Workflow, by: User, version: int | None = None, take_over: bool = False) -> WorkflowLock:
    """Hold the workflow; again by its holder it is held longer.

    Raises Conflict `checked_out` where somebody else holds it, with `take_over` Forbidden without admin on the
    workflow; Conflict `version_conflict` where `version` is not the current one any more.
    """
    workflow = locked(workflow)
    if version is not None and version != workflow.version:
        raise Conflict(
            f"The workflow is at version {workflow.version} by now; you looked at version {version}",
            code="version_conflict",
            remedy="Read it again, or roll back to that version first",
            extra={"version": workflow.version, "expected_version": version},
        )
    before = lock_of(workflow)
    if before is not None and before.holder_id == by.pk:
        before.expires_at = _end()
        before.save(update_fields=["expires_at"])
        return before
    if before is not None:
        if not take_over:
            raise held_by_another(before)
        _require_admin(workflow, by)
    lock, _ = WorkflowLock.objects.update_or_create(
        workflow=workflow, defaults={"holder": by, "since": now(), "expires_at": _end()}
    )
    publish(
        WorkflowCheckedOut(
            workflow_id=workflow.pk,
            workspace_id=workflow.job.folder.workspace_id,
            name=workflow.name,
            by=by.pk,
            taken_from=before.holder_id if before is not None else None,
        )
    )
    return lock


@transaction.atomic
def release(*, workflow: Workflow, by: User) -> None:
    """Let go of the workflow, or break somebody else's lock; nothing happens where nobody holds it.

    Raises Forbidden for another's lock without admin on the workflow.
    """
    workflow = locked(workflow)
    lock = lock_of(workflow)
    if lock is None:
        return
    if lock.holder_id != by.pk:
        _require_admin(workflow, by)
    lock.delete()
    publish(
        WorkflowCheckedIn(
            workflow_id=workflow.pk,
            workspace_id=workflow.job.folder.workspace_id,
            name=workflow.name,
            by=by.pk,
            held_by=lock.holder_id,
        )
    )


def require_held(workflow: Workflow, by: User) -> None:
    """Raise Conflict `checked_out` where somebody else holds it, `not_checked_out` where nobody does."""
    lock = lock_of(workflow)
    if lock is None:
        raise Conflict(
            "You have not checked the workflow out, or the time is over",
            code="not_checked_out",
            remedy="Check it out first",
        )
    if lock.holder_id != by.pk:
        raise held_by_another(lock)


def held_by_another(lock: WorkflowLock) -> Conflict:
    return Conflict(
        f"{lock.holder.name or lock.holder.email} has checked the workflow out",
        code="checked_out",
        remedy="Wait until it is checked in, or have somebody who holds admin on it take it over",
        extra={
            "holder": {"id": str(lock.holder_id), "name": lock.holder.name or lock.holder.email},
            "since": lock.since.isoformat(),
            "expires_at": lock.expires_at.isoformat(),
        },
    )


def _require_admin(workflow: Workflow, by: User) -> None:
    if not access.allowed(by, workflow, Level.ADMIN):
        raise Forbidden(
            "Only somebody who holds admin on the workflow may take it from whoever has checked it out",
            remedy="Ask its holder to check it in",
        )


def _end() -> datetime:
    return now() + timedelta(minutes=settings.CHECKOUT_MINUTES)
