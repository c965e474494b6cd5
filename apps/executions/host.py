"""The house that the engine runs in: PostgreSQL under a lease, events, connectors by the author's right."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from django.db import transaction

from apps.connectors.selectors import Connectors
from apps.executions import bodies, iterations, leases, node_rows, references, stage_rows
from apps.executions.core.forecast import History
from apps.executions.core.iterations import Iteration
from apps.executions.core.progress import MAX_LISTED_NODES, progress
from apps.executions.core.records import NodeState, Parking, StageResult
from apps.executions.core.states import NODE_OVER, NodeStatus
from apps.executions.events import ExecutionProgressed, LogWritten, NodesChanged
from apps.executions.leases import Lease
from apps.executions.logs import LogBook
from apps.executions.models import NodeExecution, ParkedStage, WorkflowExecution
from apps.executions.moves import copy_node
from apps.executions.progress import history_of, progress_of, states_of
from apps.kernel.events import publish

T = TypeVar("T")
_PROGRESS_SECONDS = 0.25
_WONDER_SECONDS = 0.5


class DatabaseHost:
    """Implements `apps.executions.core.host.Host`. Use it in the tenant's schema, on one thread.

    Whatever it writes is checked against the lease's fencing token in the same transaction, so a worker
    that lost its lease writes nothing more: LeaseLost ends its run.
    """

    def __init__(
        self,
        execution: WorkflowExecution,
        *,
        lease: Lease,
        parameters: Mapping[str, Any],
        cancel: threading.Event,
        new: bool = False,
    ) -> None:
        """`new`: nothing of it has begun, so that there is nothing to read."""
        self._execution = execution
        self._lease = lease
        self._parameters = parameters
        self._cancel = cancel
        self._pausing = execution.pause_requested_at is not None
        self.parked = {
            row.stage_id: Parking(
                row.stage_id, row.node_id, row.reason, row.until, row.state, row.started_at, row.since, row.attempt
            )
            for row in ([] if new else ParkedStage.objects.filter(execution=execution))
        }
        self._connectors: Connectors | None = None
        self._log = LogBook(execution)
        self._rows: dict[str, NodeExecution] = {
            row.node_id: row for row in ([] if new else NodeExecution.objects.filter(execution=execution))
        }
        # Attempts of earlier workers, and before a resume: what a node that is parked counted is its own still.
        self._tried = {
            row.node_id: row.attempt
            for row in self._rows.values()
            if row.status in {NodeStatus.PENDING, NodeStatus.RUNNING}
        }
        for parking in self.parked.values():
            self._tried[parking.node_id] = max(0, self._tried.get(parking.node_id, 0) - parking.attempt)
        self._told: dict[str, dict[str, Any]] = {}
        self._progressed_at = 0.0
        self._about: dict[str, Any] = {
            "execution_id": execution.id,
            "workflow_id": execution.workflow_id,
            "preview": execution.kind == WorkflowExecution.Kind.PREVIEW,
        }
        self._history = History() if self._about["preview"] else history_of(execution.workflow_id)
        self._began = time.monotonic()

    @property
    def execution_id(self) -> str:
        return str(self._execution.id)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self._parameters

    @property
    def nodes(self) -> Collection[NodeExecution]:
        """Rows of the nodes that have one, as they are in the database: nobody else writes them under the lease."""
        return self._rows.values()

    @property
    def within(self) -> str:
        return ""

    def connector(self, connector_id: str) -> Any:
        """Raises NodeError `missing_connector` where the version's author may not use it (any more)."""
        if self._connectors is None:
            named = {node.get("connector_id") for node in self._execution.plan["nodes"]}
            self._connectors = Connectors(self._execution.version.author, named - {None})
        return self._connectors.open(connector_id)

    def node_changed(self, state: NodeState) -> None:
        self.nodes_changed([state])

    def nodes_changed(self, states: Sequence[NodeState]) -> None:
        changed = self._changed(states)
        if not changed:
            return  # the stage's commit has told it
        with transaction.atomic():
            self._pausing = node_rows.write_under(self._lease, changed)
            self._tell_nodes(changed)
            self._tell_progress()

    def log(self, node_id: str, level: str, message: str) -> None:
        self._write_log(node_id, level, message)

    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def pausing(self) -> bool:
        """As the execution's row said when something was last written to it: after each stage at the latest."""
        return self._pausing

    def park_stage(self, parking: Parking) -> None:
        with transaction.atomic():
            execution = self._hold()
            ParkedStage.objects.update_or_create(
                execution_id=execution.id,
                stage_id=parking.stage_id,
                defaults={
                    name: getattr(parking, name)
                    for name in ("node_id", "reason", "until", "state", "started_at", "since", "attempt")
                },
            )
        self.parked[parking.stage_id] = parking

    def commit_stage(self, result: StageResult) -> None:
        changed = self._changed(result.nodes)
        self._execution.progress = progress(states_of(self._execution, self._rows.values()))
        with transaction.atomic():
            self._pausing = leases.advance(
                self._lease, progress=self._execution.progress, forecast=self._execution.forecast
            )
            if result.stage_id in self.parked:
                ParkedStage.objects.filter(execution_id=self._execution.id, stage_id=result.stage_id).delete()
            stage_rows.write(self._lease, result)
            references.hold(self._execution.id, result.datasets.values())
            node_rows.write(self._execution.id, changed)
            self._tell_nodes(changed)
            self._tell_progress()
        for node in result.nodes:
            if node.error is not None:
                self._write_log(node.node_id, "error", f"{node.error.code}: {node.error.message}")

    def iterations(self, node_id: str, within: str) -> Mapping[int, Iteration]:
        return iterations.known(self._execution.id, node_id, within)

    def commit_iteration(self, iteration: Iteration) -> None:
        with transaction.atomic():
            execution = self._hold()
            iterations.write(execution.id, iteration)
            references.hold(execution.id, iteration.all_datasets)
            if execution.recoveries:
                WorkflowExecution.objects.filter(id=execution.id).update(recoveries=0)

    def perform(self, action: Callable[[WorkflowExecution], T]) -> T:
        """The action is called with the execution, whose row is locked and whose plan is deferred."""
        with transaction.atomic():
            return action(self._hold())

    def _hold(self) -> WorkflowExecution:
        execution = leases.hold(self._lease)
        self._pausing = execution.pause_requested_at is not None
        return execution

    def _changed(self, states: Sequence[NodeState]) -> list[NodeExecution]:
        """Rows of the nodes of which this is news."""
        changed = []
        for state in states:
            body = state.as_json()
            if self._told.get(state.node_id) == body:
                continue
            self._told[state.node_id] = body
            row = self._rows.get(state.node_id) or NodeExecution(execution=self._execution, node_id=state.node_id)
            copy_state(state, row, tried=self._tried.get(state.node_id, 0))
            self._rows[state.node_id] = row
            changed.append(row)
        return changed

    def _tell_nodes(self, changed: Sequence[NodeExecution]) -> None:
        if changed:
            publish(NodesChanged(**self._about, nodes=[bodies.node_body(row) for row in changed]))

    def _tell_progress(self) -> None:
        now = time.monotonic()
        if self._about["preview"] or now - self._progressed_at < _PROGRESS_SECONDS:
            return
        self._progressed_at = now
        self._recall_nodes(now)
        body = progress_of(self._execution, self._rows.values(), self._history)
        if self._execution.forecast is None:
            self._execution.forecast = body["forecast"]  # as it was told first; kept with the next stage
        publish(ExecutionProgressed(**self._about, progress=body))

    def _recall_nodes(self, now: float) -> None:
        """Read what each node took before, once the run is long enough for somebody to wonder."""
        wanted = self._history.whole and not self._history.nodes and now - self._began >= _WONDER_SECONDS
        if wanted and len(self._execution.plan.get("nodes", ())) <= MAX_LISTED_NODES:
            self._history = history_of(self._execution.workflow_id, nodes=True)

    def _write_log(self, node_id: str | None, level: str, message: str) -> None:
        with transaction.atomic():
            for line in self._log.write(node_id, level, message):
                publish(LogWritten(**self._about, line=bodies.log_body(line)))


def copy_state(state: NodeState, row: NodeExecution, *, tried: int = 0) -> None:
    """Give a node's row what the engine told of it; `tried` are attempts before the engine began to count."""
    copy_node(row, state.status)
    row.started_at, row.finished_at, row.duration_ms = state.started_at, state.finished_at, state.duration_ms
    row.rows_in, row.rows_out, row.pushed_down = state.rows_in, state.rows_out, state.pushed_down
    row.bytes, row.attempt = state.bytes, tried + state.attempt
    row.iterations = None if state.iterations is None else dict(state.iterations)
    row.part = state.part
    error = state.error
    row.error = None if error is None else bodies.error_body(error.code, error.message, error.remedy)
    if state.status in NODE_OVER and row.finished_at is not None and row.duration_ms is None and row.started_at:
        row.duration_ms = round((row.finished_at - row.started_at).total_seconds() * 1000)
