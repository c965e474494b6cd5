"""The engine: runs the stages of a plan, node by node true to what each means alone.

    execution = Execution(plan, host=host, store=store)
    while execution.outcome is None:
        for stage in execution.ready():
            execution.run(stage)

`ready` and `run` may be called from several threads; a stage runs on the thread that calls `run`.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from apps.executions.core.board import Board
from apps.executions.core.dataset import Dataset
from apps.executions.core.effect_stage import run_effect_stage
from apps.executions.core.fused_stage import run_fused_stage
from apps.executions.core.host import Host
from apps.executions.core.loop_stage import iterations_store, run_loop_stage
from apps.executions.core.pushed_stage import run_pushed_stage
from apps.executions.core.records import RESUME, NodeState, Outcome, Parking, StageResult
from apps.executions.core.records import parked as parked_outcome
from apps.executions.core.stage_run import MOST_ROWS, StageRun
from apps.executions.core.states import NodeStatus
from apps.executions.core.store import RunStore
from apps.executions.core.supervision import ExecutionCancelled
from apps.kernel.clock import now
from apps.workflows.core.plan import Plan, Port, Stage

_RUNNERS = {
    "fused": run_fused_stage,
    "effect": run_effect_stage,
    "loop": run_loop_stage,
    "pushed": run_pushed_stage,
}


class Execution:
    """One run of a plan.

    `finished`: results of stages that a worker committed before it was lost, failures among them: what
    is committed never runs again, and an execution that had failed stays so. `parked`: what stages left
    that parked with an earlier worker; their nodes are asked again. `given`: datasets of the
    plan's `given` ports. `sample`: in a preview, the rows wanted from a read. `luck` gives numbers from 0
    to 1 for the jitter of retries. `most_rows`: what a cross join may come to.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        host: Host,
        store: RunStore,
        finished: Mapping[str, StageResult] | None = None,
        parked: Mapping[str, Parking] | None = None,
        given: Mapping[Port, Dataset] | None = None,
        sample: int | None = None,
        luck: Callable[[], float] = random.random,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._plan = plan
        self._host = host
        self._store = store
        self._sample = sample
        self._luck = luck
        self._most_rows = most_rows
        self._lock = threading.RLock()
        self._board = Board(plan, given or {})
        self._running: set[str] = set()
        self._closing: set[str] = set()
        self._left = dict(parked or {})
        self._parked: dict[str, Parking] = {}
        self._cancelled = False
        for stage in plan.stages:
            result = (finished or {}).get(stage.id)
            if result is not None:
                self._board.settle(result)
        for parking in self._left.values():
            if parking.stage_id not in self._board.results:
                self._board.states[parking.node_id] = NodeState(
                    parking.node_id, NodeStatus.RUNNING, started_at=parking.started_at, attempt=parking.attempt
                )

    @property
    def plan(self) -> Plan:
        return self._plan

    @property
    def states(self) -> Mapping[str, NodeState]:
        """The last state of each node."""
        with self._lock:
            return {
                node_id: self._board.states.get(node_id) or NodeState(node_id, NodeStatus.PENDING)
                for node_id in self._plan.nodes
            }

    @property
    def results(self) -> Mapping[str, StageResult]:
        """Results of the stages that are over."""
        with self._lock:
            return dict(self._board.results)

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or that it is paused; None while a stage is running or may yet run."""
        with self._lock:
            if self._running:
                return None
            warnings = len(self._board.handled_failures) + self._board.warnings
            if self._board.open:
                return self._paused(warnings)
            if self._cancelled:
                return Outcome("cancelled", warnings=warnings)
            failed = self._board.failed
            if failed is not None:
                return Outcome("failed", failed.error, failed.node_id, warnings)
            return Outcome("success", warnings=warnings)

    def _paused(self, warnings: int) -> Outcome | None:
        if self._cancelled or self._board.failed is not None or self._host.cancelled():
            return None  # `ready` closes what is open
        if self._host.pausing():
            return Outcome("paused", warnings=warnings, waiting_for=RESUME)
        if any(stage.id not in self._parked for stage in self._board.unblocked):
            return None
        return parked_outcome(self._parked.values(), warnings)

    def ready(self) -> list[Stage]:
        """Stages that may run now, side by side. Those that nothing reaches any more are skipped here,
        and all that is left once the execution has failed or is cancelled."""
        while True:
            with self._lock:
                ready, closing = self._look()
                self._closing.update(result.stage_id for result in closing)
            if not closing:
                return ready
            # Without the lock: the host may be another thread, which is about to look here itself.
            for result in closing:
                self._commit(result)

    def _look(self) -> tuple[list[Stage], list[StageResult]]:
        """What may run, and what is to be closed unrun; closing it may let more of either come up."""
        if self._board.open and not self._cancelled and self._host.cancelled():
            self._cancelled = True  # what is complete already stays what it is
        if self._cancelled or self._board.failed is not None:
            left = [] if self._running else [stage for stage in self._board.open if stage.id not in self._closing]
            return [], [self._stopped(stage, self._left_as) for stage in left]
        if self._host.pausing():
            return [], []
        ready: list[Stage] = []
        closing: list[StageResult] = []
        for stage in self._board.unblocked:
            if stage.id in self._running or stage.id in self._closing or stage.id in self._parked:
                continue
            if self._board.reached(stage):
                ready.append(stage)
            else:
                closing.append(self._stopped(stage, NodeStatus.SKIPPED))
        return ready, closing

    def run(self, stage: Stage) -> StageResult | None:
        """Run one stage that was ready, commit it and answer its result. A node that fails is in the
        result, not raised; what the host raises is. A stage that is over by now, because another one of
        those that were ready failed the execution, is not run any more. None: it has parked, or it has not
        begun since the execution is to pause."""
        with self._lock:
            if stage.id in self._board.results:
                return self._board.results[stage.id]
            if stage.id in self._closing:
                return self._stopped(stage, self._left_as)
            if self._host.pausing():
                return None
            self._running.add(stage.id)
            run = StageRun(
                stage=stage,
                plan=self._plan,
                host=self._host,
                store=self._store,
                reached=self._board.reached(stage),
                inputs=self._board.inputs_of(stage),
                scalars=self._board.scalars_of(stage, self._store),
                sample=self._sample,
                luck=self._luck,
                tell=self._tell,
                parked=self._left.get(stage.id),
                most_rows=self._most_rows,
            )
        try:
            try:
                result: StageResult | Parking
                result = _RUNNERS[stage.kind](run)
            except ExecutionCancelled:
                with self._lock:
                    self._cancelled = True
                result = self._stopped(stage, NodeStatus.CANCELLED)
            if isinstance(result, Parking):
                self._park(result)
                return None
            self._commit(result)
            if stage.kind == "loop" and result.nodes[0].status is NodeStatus.SUCCESS:  # else they are for a resume
                iterations_store(self._store, stage).clear()
            return result
        finally:
            with self._lock:
                self._running.discard(stage.id)
            self.ready()  # skips what this stage made unreachable, closes what it ended

    def run_all(self) -> Outcome:
        """Run every stage, one after the other, until it is over or paused."""
        while (outcome := self.outcome) is None:
            for stage in self.ready()[:1]:
                self.run(stage)
        return outcome

    def _park(self, parking: Parking) -> None:
        self._host.park_stage(parking)
        with self._lock:
            self._parked[parking.stage_id] = parking

    def _tell(self, states: Sequence[NodeState]) -> None:
        with self._lock:
            self._board.states.update((state.node_id, state) for state in states)
        self._host.nodes_changed(states)

    @property
    def _left_as(self) -> NodeStatus:
        return NodeStatus.CANCELLED if self._cancelled else NodeStatus.SKIPPED

    def _stopped(self, stage: Stage, status: NodeStatus) -> StageResult:
        states: list[NodeState] = []
        for node_id in stage.nodes:
            known = self._board.states.get(node_id)
            if known is not None and known.status is NodeStatus.RUNNING:
                states.append(replace(known, status=status, finished_at=now()))
            else:
                states.append(NodeState(node_id, status))
        return StageResult(stage.id, tuple(states))

    def _commit(self, result: StageResult) -> None:
        self._host.commit_stage(result)
        with self._lock:
            self._board.settle(result)
        self._host.nodes_changed(result.nodes)
