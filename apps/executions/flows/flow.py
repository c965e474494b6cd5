"""The Prefect flow that runs an execution: one task per stage, everything else in the engine.

A warm worker calls it with a seat. It asks for nothing but the execution's id and its tenant, so that
an ordinary Prefect work pool can run it too (`tests/drills/test_work_pool.py` does):

    prefect work-pool create uzo --type process
    prefect --no-prompt deploy apps/executions/flows/flow.py:run_execution --name uzo --pool uzo
    prefect worker start --pool uzo --type process
    prefect deployment run run-execution/uzo -p execution_id=… -p tenant_schema=…

The environment of the pool needs DATABASE_URL, REDIS_URL and the run store, nothing else. A flow run ends
where its execution parks: once that is woken, a host of the warm pool, or another flow run, goes on with it.
Importing this module needs no Django: `_ready` sets it up where a plain Prefect process imports it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Cancelled, Completed, Failed

# Results never pass through Prefect. Without a place named here its engine would ask the server for one.
NO_RESULTS = Path(tempfile.gettempdir()) / "uzo-prefect-results"


@task(name="run_stage", task_run_name="{stage_id}", cache_policy=NO_CACHE, persist_result=False)
def run_stage(stage_id: str) -> Any:
    """One stage of the execution that the flow has claimed."""
    from apps.executions.core.states import NodeStatus
    from apps.executions.flows.session import running

    result = running().run(stage_id)
    if result is None:
        return Completed(name="Parked")
    failed = [node for node in result.nodes if node.status is NodeStatus.FAILED and node.error is not None]
    if failed and failed[0].error is not None:
        return Failed(message=f"{failed[0].node_id}: {failed[0].error.message}")
    return Completed()


@flow(name="run-execution", persist_result=False, result_storage=NO_RESULTS, validate_parameters=False)
def run_execution(execution_id: str, tenant_schema: str) -> Any:
    """Run an execution from its last finished stage to its end, in its tenant's schema."""
    _ready()
    from django_tenants.utils import schema_context

    from apps.executions.flows.session import claimed

    id = UUID(str(execution_id))
    with schema_context(tenant_schema), claimed(id, tenant_schema) as session:
        if session is None:
            return Completed(name="NothingToDo", message="Another worker has it, or it is over")
        status = session.run_all(lambda stage_id: run_stage(stage_id, return_state=True))
    if status in ("paused", "queued"):
        return Completed(name="Parked", message="It waits without a worker, and another flow run goes on with it")
    return {"success": Completed(), "cancelled": Cancelled()}.get(status, Failed(message=str(status)))


def _ready() -> None:
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uzo.settings")
        django.setup()

        from django.conf import settings

        from apps.kernel.connections import end_idle_transactions

        end_idle_transactions(settings.EXECUTION_LEASE_SECONDS)
