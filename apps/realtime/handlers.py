"""What happened becomes an event of a channel; `uzo.wiring` calls these after the commit, in the tenant's schema."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.executions import events as executions
from apps.kernel.connections import connection
from apps.notifications import events as notifications
from apps.realtime import access, log
from apps.realtime.announcer import announce
from apps.workflows import events as workflows


def _channels(event: executions.ExecutionEvent) -> tuple[str, ...]:
    own = f"execution:{event.execution_id}"
    return (own, f"node-preview:{event.execution_id}") if event.preview else (own,)


def nodes_changed(event: executions.NodesChanged) -> None:
    for channel in _channels(event):
        log.append_all(channel, "node_status", event.nodes)


def progressed(event: executions.ExecutionProgressed) -> None:
    log.append(f"execution:{event.execution_id}", "workflow_execution_progress", event.progress)


def log_written(event: executions.LogWritten) -> None:
    log.append(f"execution:{event.execution_id}", "log", event.line)


def preview_ready(event: executions.PreviewReady) -> None:
    log.append(f"node-preview:{event.execution_id}", "preview", event.sample)


def execution_queued(event: executions.ExecutionQueued) -> None:
    """Whoever looks at the workflow sees that it is about to run."""
    if not event.preview:
        log.append(
            f"workflow:{event.workflow_id}",
            "execution_queued",
            {"execution_id": str(event.execution_id), "trigger": event.trigger},
        )


def execution_finished(event: executions.ExecutionFinished) -> None:
    for channel in _channels(event):
        log.append(channel, "execution_finished", event.execution)
    if not event.preview:
        log.append(f"workflow:{event.workflow_id}", "execution_finished", event.execution)


def job_run_moved(event: executions.JobRunMoved) -> None:
    """Whoever looks at a job or a package, or at its workspace, sees how its run goes on."""
    log.append(
        f"workspace:{event.workspace_id}",
        "job_run",
        {
            "job_run_id": str(event.job_run_id),
            "job_id": _text(event.job_id),
            "job_package_id": _text(event.job_package_id),
            "parent_id": _text(event.parent_id),
            "trigger": event.trigger,
            "status": event.status,
            "steps": event.steps,
        },
    )


def person_notified(event: notifications.PersonNotified) -> None:
    """The bell of whoever it is for rings."""
    log.append(f"user:{event.user_id}", "notification", event.notification)


def notifications_seen(event: notifications.NotificationsSeen) -> None:
    """The bells in their other windows fall silent."""
    for user_id in event.user_ids:
        log.append(f"user:{user_id}", "notifications_seen", {})


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def workflow_saved(event: workflows.WorkflowSaved) -> None:
    """Whoever has the workflow open learns that there is a newer version than theirs, and whose it is."""
    log.append(
        f"workflow:{event.workflow_id}",
        "workflow_saved",
        {"version": event.version, "by": _text(event.by)},
    )


def access_changed(event: Any) -> None:
    """Someone's permissions, groups, roles or sign-in have changed: every socket of the tenant looks again."""
    announce(access.group(connection.schema_name), {"type": "access.changed", "why": type(event).__name__})


def workflow_lock(event: workflows.WorkflowLockEvent) -> None:
    """Somebody has checked the workflow out, or it is free again: the workflow itself says which."""
    by = None if event.by is None else str(event.by)
    log.append(f"workflow:{event.workflow_id}", "workflow_lock", {"event": type(event).__name__, "by": by})


def workflow_versions(event: workflows.VersionEvent) -> None:
    """A version was named or published: lists of them are out of date."""
    log.append(f"workflow:{event.workflow_id}", "workflow_versions", {"version": event.version})
