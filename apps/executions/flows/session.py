"""One worker's time with one execution: claim it, keep the lease, drive the engine, bring it to an end."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django_tenants.utils import schema_context

from apps.executions import bodies, leases, previews, versions
from apps.executions.core.crew import Crew, run_abreast
from apps.executions.core.engine import Execution
from apps.executions.core.preview import given_of
from apps.executions.core.records import Failure, StageResult
from apps.executions.core.states import ExecutionStatus
from apps.executions.host import DatabaseHost
from apps.executions.leases import Lease, LeaseLost, Taken
from apps.executions.models import StageResult as StageRow
from apps.executions.models import WorkflowExecution
from apps.executions.services.finish import finish
from apps.executions.services.parking import park
from apps.executions.store import run_store
from apps.workflows.core.parameters import bind, declare
from apps.workflows.core.plan import Plan

logger = logging.getLogger(__name__)
_LOST = (LeaseLost, OperationalError, InterfaceError)
"""What a worker cannot help: the execution is another's, or the database is away. Another goes on with it."""
_CANCEL_LOOK_SECONDS = 0.5
_CANCEL_GRACE_SECONDS = 1.2


def _own_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Seat:
    """Where a run sits. A warm worker's parent names it, tells of cancels and ends what does not stop; on an
    ordinary Prefect work pool (`alone`) a run looks for cancels itself and, at worst, ends its process."""

    owner: str = field(default_factory=_own_name)
    cancel: threading.Event = field(default_factory=threading.Event)
    claimed: Callable[[float | None], None] = lambda _: None
    """Called once nobody else can have it, with the seconds that its workflow leaves for work."""
    alone: bool = True


SEAT: ContextVar[Seat | None] = ContextVar("seat", default=None)
RUNNING: ContextVar[Session | None] = ContextVar("session", default=None)


class Session:
    """An execution that this worker has claimed."""

    def __init__(self, taken: Taken, seat: Seat) -> None:
        self.execution = execution = taken.execution
        self.lease = lease = taken.lease
        self.seat = seat
        execution.version = versions.known(execution.version_id)
        plan = Plan.from_json(execution.plan)
        declared, _ = declare(execution.version.parameters)
        parameters = bind(declared, execution.parameters).values
        self._host = DatabaseHost(execution, lease=lease, parameters=parameters, cancel=seat.cancel, new=taken.new)
        self._crew = Crew()
        rows = StageRow.objects.filter(execution=execution)
        finished = {} if taken.new else {row.stage_id: StageResult.from_json(row.result) for row in rows}
        preview = execution.preview or {}
        self._engine = Execution(
            plan,
            host=self._crew.host(self._host, final=_LOST),
            store=run_store(execution.id, unbounded=execution.kind == WorkflowExecution.Kind.PREVIEW),
            finished=finished,
            parked=self._host.parked,
            given=given_of(preview),
            sample=preview.get("sample"),
            most_rows=settings.CROSS_JOIN_ROWS,
        )
        self._stages = {stage.id: stage for stage in plan.stages}
        self._broken: BaseException | None = None

    def run_all(self, run: Callable[[str], object]) -> ExecutionStatus:
        """Drive the execution to its end, or to where it pauses; `run` is called with the id of each stage
        and calls `self.run`, from within a Prefect task or not. Raises LeaseLost, and OperationalError or
        InterfaceError where the database is away; an error of UZO's own fails the execution."""
        try:
            try:
                run_abreast(self._engine, self._crew, lambda stage: run(stage.id), self._check)
            finally:
                self._crew.close()
            return self._conclude()
        except _LOST:
            raise
        except Exception as error:
            return _fail(self.lease, error)

    def _check(self) -> None:
        """Raise what broke a stage: Prefect turns an exception of a task into a state."""
        if self._broken is not None:
            self.seat.cancel.set()  # for those that still run
            raise self._broken

    def run(self, stage_id: str) -> StageResult | None:
        """Run one stage and make it true; None where it has parked, or is not to begin. Raises as `run_all`
        does, and whatever is wrong with UZO itself."""
        try:
            return self._engine.run(self._stages[stage_id])
        except BaseException as error:
            self._broken = error
            raise

    def _conclude(self) -> ExecutionStatus:
        """Write how it ended, or why it pauses."""
        outcome = self._engine.outcome
        assert outcome is not None
        if outcome.status == ExecutionStatus.PAUSED:
            return park(self.lease, outcome)
        status = ExecutionStatus(outcome.status)
        error = outcome.error
        body = None if error is None else bodies.error_body(error.code, error.message, error.remedy)
        if body is not None and outcome.failed_node is not None:
            body["node_id"] = outcome.failed_node
        preview = self.execution.kind == WorkflowExecution.Kind.PREVIEW
        with transaction.atomic():
            if status is ExecutionStatus.SUCCESS and preview:
                previews.publish_sample(self.execution, lease=self.lease)
            finish(self.execution, status=status, error=body, warnings=outcome.warnings, nodes=self._host.nodes)
        return status


def end(lease: Lease, *, status: ExecutionStatus, **how: Any) -> ExecutionStatus:
    """Bring an execution to its end under the lease. Raises LeaseLost."""
    with transaction.atomic():
        finish(leases.hold(lease), status=status, **how)
    return status


@contextmanager
def claimed(execution_id: UUID, schema: str) -> Iterator[Session | None]:
    """Claim the execution and hold its lease within; None where there is nothing to do: another holds it,
    it is over, or claiming it showed that it is to end at once."""
    seat = SEAT.get() or Seat()
    taken = leases.take(execution_id, seat.owner)
    if taken is None:
        yield None
        return
    seat.claimed(taken.seconds_left)
    if _ended_at_once(taken):
        yield None
        return
    keeper = _Keeper(schema, taken, seat)
    keeper.start()
    try:
        session = _open(taken, seat)
        token = RUNNING.set(session)
        try:
            yield session
        finally:
            RUNNING.reset(token)
    finally:
        keeper.stop()


def _open(taken: Taken, seat: Seat) -> Session | None:
    try:
        return Session(taken, seat)
    except _LOST:
        raise
    except Exception as error:
        _fail(taken.lease, error)
        return None


def _fail(lease: Lease, error: Exception) -> ExecutionStatus:
    """End an execution that UZO's own code cannot run: another worker would fail at it in the same way."""
    logger.error("execution %s failed in the worker's own code", lease.execution_id, exc_info=error)
    failure = Failure.of(error)
    body = bodies.error_body(failure.code, failure.message, failure.remedy)
    return _end_failed(lease, body)


def _end_failed(lease: Lease, error: dict[str, str]) -> ExecutionStatus:
    """Fail an execution in any case: where even its proper end fails, its row alone is closed, or workers
    would take it up for ever. Raises LeaseLost."""
    try:
        return end(lease, status=ExecutionStatus.FAILED, error=error)
    except _LOST:
        raise
    except Exception:
        logger.exception("execution %s could not be ended properly; nobody is told", lease.execution_id)
        leases.close(lease, error)
        return ExecutionStatus.FAILED


def _ended_at_once(taken: Taken) -> bool:
    lease = taken.lease
    if taken.execution.cancel_requested_at is not None:
        end(lease, status=ExecutionStatus.CANCELLED)
        return True
    if lease.recoveries > leases.MAX_RECOVERIES:
        error = bodies.error_body(
            "worker_lost",
            f"{lease.recoveries} workers were lost at the same stage",
            "Look at the operator's logs for the reason (memory, a crash of a driver), then run it again",
        )
        _end_failed(lease, error)
        return True
    return False


class _Keeper(threading.Thread):
    """Renews the lease beside the work, and hears of a cancel in PostgreSQL if nobody else tells of it.

    It opens a database connection only when there is something to ask: most executions are over before.
    """

    def __init__(self, schema: str, taken: Taken, seat: Seat) -> None:
        super().__init__(name="lease", daemon=True)
        self._schema, self._lease, self._seat = schema, taken.lease, seat
        self._timeout = taken.timeout
        self._ends_at = None if taken.seconds_left is None else time.monotonic() + taken.seconds_left
        self._over = threading.Event()

    def stop(self) -> None:
        self._over.set()
        self.join(timeout=5)

    def run(self) -> None:
        pause = settings.EXECUTION_LEASE_SECONDS / 4
        if self._seat.alone:
            pause = min(pause, _CANCEL_LOOK_SECONDS)
        cancelled_at: float | None = None
        try:
            while not self._over.wait(pause):
                now = time.monotonic()
                if self._renew() and cancelled_at is None:
                    cancelled_at = now
                    self._seat.cancel.set()
                if not self._seat.alone:
                    continue  # its parent looks after that
                if cancelled_at and now - cancelled_at > _CANCEL_GRACE_SECONDS:
                    self._end_by_force(status=ExecutionStatus.CANCELLED)
                elif self._ends_at is not None and now > self._ends_at:
                    self._end_by_force(status=ExecutionStatus.FAILED, error=bodies.timeout_body(self._timeout or 0))
        except LeaseLost:
            # Whoever has it now goes on; what this worker still commits is refused.
            self._seat.cancel.set()
        finally:
            connection.close()

    def _renew(self) -> bool:
        try:
            with schema_context(self._schema):
                return leases.renew(self._lease)
        except DatabaseError as error:
            logger.warning("the lease of %s could not be renewed: %s", self._lease.execution_id, error)
            connection.close()
            return False

    def _end_by_force(self, **how: Any) -> None:
        with schema_context(self._schema):
            end(self._lease, **how)
        logger.warning("execution %s did not stop: its process ends", self._lease.execution_id)
        os._exit(1)


def running() -> Session:
    """The session of the flow that this task belongs to."""
    session = RUNNING.get()
    assert session is not None
    return session
