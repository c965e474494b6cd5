"""What a warm child does with one execution: a seat, a place in the lane's flow run, nothing left behind."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

import polars as pl
from django.db import DatabaseError, close_old_connections
from django_tenants.utils import schema_context
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
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
_LANE_LENGTH = 200
"""Executions of one lane: its flow run remembers the state of each of its tasks."""
_TIDY_SECONDS = 5.0
_tidied = [0.0]
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
    *,
    schema: str,
    execution_id: uuid.UUID,
    owner: str,
    cancel: threading.Event,
    claimed: Callable[[float | None], None],
) -> str:
    """Run an execution in its tenant's schema; answers `done`, `waiting` (for the vault) or `broken` (the
    worker cannot go on with it; its lease will end). Leaves the connection in the public schema (THREATS 2)."""
    _tidy_connections()
    with schema_context(schema):
        if vault_wait.hold_back(execution_id):
            return "waiting"
    token = SEAT.set(Seat(owner=owner, cancel=cancel, claimed=claimed, alone=False))
    try:
        return "done" if _call(execution_id, schema) or _is_gone(schema) else BROKEN
    finally:
        SEAT.reset(token)
        connection.set_schema_to_public()


def _is_gone(schema: str) -> bool:
    """Whether the tenant was removed, or suspended, after the hint was given."""
    try:
        return not is_active(schema)
    except DatabaseError:
        return False


def _tidy_connections() -> None:
    """Close what is old or broken; not between two executions of the same moment, since it asks the server."""
    now = time.monotonic()
    if now - _tidied[0] > _TIDY_SECONDS:
        close_old_connections()
        _tidied[0] = now


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


def _call(execution_id: uuid.UUID, schema: str) -> bool:
    try:
        run_execution.fn(str(execution_id), schema)
    except Exception as error:
        logger.warning("execution %s broke off: %s", execution_id, error)
        return False
    return True


_work: ContextVar[Callable[[], None]] = ContextVar("work")


@flow(name="lane", persist_result=False, result_storage=NO_RESULTS, validate_parameters=False)
def _lane() -> None:
    work = _work.get()
    for _ in range(_LANE_LENGTH):
        work()


def serve_lane(ledger: Ledger, work: Callable[[], None]) -> None:
    """Call `work` for many executions within one flow run. Beginning and ending a flow of its own costs a small
    execution as much as its stages do: so its stages are tasks of this one, while the flow run by which Prefect's
    server knows it comes from PostgreSQL (`reporter`) in any case. Raises what `work` raises."""
    token = _work.set(work)
    flow_run = ledger.begin(uuid.uuid4(), "lane", {})
    try:
        run_flow(_lane, flow_run=flow_run, parameters={})
    finally:
        ledger.end(flow_run.id)
        _work.reset(token)
