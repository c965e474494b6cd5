"""What happened becomes an event of a channel; `uzo.wiring` calls these after the commit, in the tenant's schema."""

from __future__ import annotations

from typing import Any

from apps.executions import events as executions
from apps.kernel.connections import connection
from apps.realtime import access, log
from apps.realtime.announcer import announce
from apps.workflows import events as workflows


def _channels(event: executions.ExecutionEvent) -> tuple[str, ...]:
    own = f"execution:{event.execution_id}"
    return (own, f"node-preview:{event.execution_id}") if event.preview else (own,)


def _append(event: executions.ExecutionEvent, name: str, data: Any) -> None:
    for channel in _channels(event):
        log.append(channel, name, data)


def node_status(event: executions.NodeStatusChanged) -> None:
    _append(event, "node_status", event.node)


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
    _append(event, "execution_finished", event.execution)
    if not event.preview:
        log.append(f"workflow:{event.workflow_id}", "execution_finished", event.execution)


def workflow_saved(event: workflows.WorkflowSaved) -> None:
    """Whoever has the workflow open learns that there is a newer version than theirs, and whose it is."""
    log.append(
        f"workflow:{event.workflow_id}",
        "workflow_saved",
        {"version": event.version, "by": None if event.by is None else str(event.by)},
    )


def access_changed(event: Any) -> None:
    """Someone's permissions, groups, roles or sign-in have changed: every socket of the tenant looks again."""
    announce(access.group(connection.schema_name), {"type": "access.changed", "why": type(event).__name__})
