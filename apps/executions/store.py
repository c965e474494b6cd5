"""Where the datasets of the present tenant's executions lie."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from apps.executions.core.store import RunStore
from apps.kernel.connections import connection


def run_store(execution_id: UUID) -> RunStore:
    """The run store of one execution: a folder of its own below its tenant's."""
    return RunStore(settings.RUN_STORE).of_execution(connection.schema_name, str(execution_id))
