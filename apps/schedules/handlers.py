"""What starts by itself when something happens in other rooms; `uzo.wiring` calls these within its transaction."""

from __future__ import annotations

from apps.connectors.events import FileStored
from apps.executions.events import ExecutionFinished
from apps.schedules.services import hooks, triggers
from apps.vault.events import DataKeyRotated


def file_stored(event: FileStored) -> None:
    triggers.file_arrived(connector_id=event.connector_id, name=event.name, size=event.size)


def execution_finished(event: ExecutionFinished) -> None:
    if not event.preview:
        triggers.workflow_finished(execution_id=event.execution_id, workflow_id=event.workflow_id, status=event.status)


def data_key_rotated(event: DataKeyRotated) -> None:  # noqa: ARG001
    """Secrets are sealed anew, in the same transaction."""
    hooks.reseal_secrets()
