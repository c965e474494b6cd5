"""What a warm child does with one execution: a seat, a flow run in the ledger, nothing left behind."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable

import polars as pl
from django.db import close_old_connections
from django_tenants.utils import schema_context
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow

from apps.executions.core.supervision import NODE_THREAD
from apps.executions.flows.flow import NO_RESULTS, run_execution
from apps.executions.flows.ledger import Ledger
from apps.executions.flows.session import SEAT, Seat
from apps.executions.flows.wire import BROKEN
from apps.executions.services import vault_wait
from apps.executions.tenancy import is_active
from apps.kernel.connections import connection

logger = logging.getLogger(__name__)
_LAST_WORDS_SECONDS = 0.2
"""A thread that has handed over its result needs a moment to end."""


def warm_up(ledger: Ledger) -> None:
    """Do once, before anyone waits, what every first time costs: imports, thread pools, a connection, a flow."""
    from apps.connectors import selectors as _connectors  # noqa: F401

    pl.LazyFrame({"n": [1, 2, 3]}).filter(pl.col("n") > 1).group_by("n").len().collect(engine="streaming")
    connection.ensure_connection()
    warm = ledger.begin(uuid.uuid4(), "warm", {})
    run_flow(_warm_flow, flow_run=warm, parameters={})
    ledger.end(warm.id)


def run(
    ledger: Ledger,
    *,
    schema: str,
    execution_id: uuid.UUID,
    owner: str,
    cancel: threading.Event,
    claimed: Callable[[], None],
) -> str:
    """Run an execution in its tenant's schema; answers `done`, `waiting` (for the vault) or `broken` (the
    worker cannot go on with it; its lease will end). Leaves the connection in the public schema (THREATS 2)."""
    close_old_connections()
    if not is_active(schema):
        return "done"  # the tenant was suspended, or removed, after the hint was given
    with schema_context(schema):
        if vault_wait.hold_back(execution_id):
            return "waiting"
    token = SEAT.set(Seat(owner=owner, cancel=cancel, claimed=claimed, alone=False))
    try:
        return "done" if _call(ledger, execution_id, schema) else BROKEN
    finally:
        SEAT.reset(token)
        connection.set_schema_to_public()


@task(cache_policy=NO_CACHE, persist_result=False)
def _warm_task() -> None:
    """The first task of a process costs 90 ms more than the others."""


@flow(persist_result=False, result_storage=NO_RESULTS, validate_parameters=False)
def _warm_flow() -> None:
    _warm_task()


def left_behind() -> bool:
    """Whether a node's thread that could not be stopped (its time was up, or it was cancelled) still runs
    here and holds memory and processors: such a process should end."""
    threads = [thread for thread in threading.enumerate() if thread.name == NODE_THREAD]
    for thread in threads:
        thread.join(_LAST_WORDS_SECONDS)
    return any(thread.is_alive() for thread in threads)


def _call(ledger: Ledger, execution_id: uuid.UUID, schema: str) -> bool:
    parameters = {"execution_id": str(execution_id), "tenant_schema": schema}
    flow_run = ledger.begin(uuid.uuid4(), str(execution_id), parameters)
    try:
        state = run_flow(run_execution, flow_run=flow_run, parameters=parameters, return_type="state")
    finally:
        ledger.end(flow_run.id)
    # A flow that raised is failed with the exception as its data; one that ended by itself has none.
    assert isinstance(state, State)
    broken = not state.is_final() or ((state.is_failed() or state.is_crashed()) and state.data is not None)
    if broken:
        logger.warning("execution %s broke off: %s", execution_id, state.message)
    return not broken
