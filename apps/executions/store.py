"""Where the datasets of executions lie."""

from __future__ import annotations

from uuid import UUID

from apps.executions import quota
from apps.executions.core.store import RunStore
from apps.executions.object_store import objects
from apps.kernel.connections import connection


def whole_store() -> RunStore:
    """The store, for reading what lies anywhere in it."""
    return RunStore(objects())


def run_store(execution_id: UUID, *, unbounded: bool = False) -> RunStore:
    """The run store of one execution of the present tenant, within its plan's limit unless it is `unbounded`."""
    files = objects()
    store = RunStore(files) if unbounded else RunStore(files, room=quota.Room.of_tenant(files))
    return store.of_execution(connection.schema_name, str(execution_id))
