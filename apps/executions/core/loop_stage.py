"""Running a loop: its body, a plan of its own, once for every batch of rows, by the same engine.

What an iteration came to is made true when it is over, and within it stage by stage, so that a worker
that is lost costs no iteration twice. Iterations run side by side on threads of their own; whatever they
want from the house goes over one desk.
"""

from __future__ import annotations

import contextvars
import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from apps.executions.core.backoff import backoff
from apps.executions.core.dataset import Dataset
from apps.executions.core.iterations import Iteration, trace
from apps.executions.core.loop_host import IterationHost
from apps.executions.core.loop_rows import together
from apps.executions.core.loop_tally import Tally
from apps.executions.core.node_failures import explain, may_pass
from apps.executions.core.parking import is_too_late, park
from apps.executions.core.records import RESUME, URGENCY, Failure, NodeState, Outcome, Parking, StageResult
from apps.executions.core.rows_so_far import PROGRESS_SECONDS
from apps.executions.core.stage_run import StageRun, error_port, failed, typed
from apps.executions.core.states import NodeStatus
from apps.executions.core.store import RunStore
from apps.executions.core.supervision import Desk, ExecutionCancelled, pause, supervise, timed_out
from apps.kernel.clock import now
from apps.kernel.errors import NodeError, TransientNodeError
from apps.nodes.config import NodeConfig
from apps.nodes.loops import DONE, EACH, LoopNodeType, LoopSpec
from apps.nodes.types import Parked
from apps.workflows.core.parameters import as_json, type_of
from apps.workflows.core.plan import Port, Stage

_OVER = (NodeStatus.SUCCESS, NodeStatus.FAILED)


def iterations_store(store: RunStore, stage: Stage) -> RunStore:
    """Where the iterations of a loop keep their rows until it is over."""
    return store.below("loops", stage.id)


def run_loop_stage(run: StageRun) -> StageResult | Parking:
    """Run a loop, again if it fails for a reason that may pass. A failure is in the result."""
    [loop_id], body = run.stage.segments
    if loop_id not in run.reached:
        return StageResult(run.stage.id, tuple(NodeState(each, NodeStatus.SKIPPED) for each in run.stage.nodes))
    parked = run.parked
    started, attempt = (now(), 0) if parked is None else (parked.started_at, parked.attempt - 1)
    while True:
        attempt += 1
        state = NodeState(loop_id, NodeStatus.RUNNING, started_at=started, attempt=attempt)
        run.tell([state])
        retries, delay, rounds = 0, 0.0, None
        try:
            values = run.values_for(loop_id)
            node_type, config = typed(run.plan.nodes[loop_id], values.parameters)
            retries, delay = config.retry_count, config.retry_delay
            assert isinstance(node_type, LoopNodeType)
            rounds = _Rounds(run, state, node_type.loop(config), config)
            return rounds.run()
        except Exception as error:
            if rounds is not None and error is rounds.broken:
                raise  # not the loop's fault, but the house's, or ours
            reason = explain(error) or error
            if not may_pass(reason) or attempt > retries:
                state = failed(loop_id, reason, started, attempt=attempt)
                bodies = [NodeState(each, NodeStatus.SKIPPED) for each in body]
                if rounds is not None:
                    state, bodies = replace(state, iterations=rounds.counts), rounds.tally.over()
                return StageResult(run.stage.id, (state, *bodies), error_port(run, state))
            wait = backoff(delay, attempt, run.luck())
            run.host.log(
                loop_id, "warning", f"Attempt {attempt} failed ({Failure.of(reason).code}); next in {wait:.1f} s"
            )
            pause(wait, run.host.cancelled)


class _Rounds:
    """One attempt of a loop."""

    def __init__(self, run: StageRun, state: NodeState, spec: LoopSpec, config: NodeConfig) -> None:
        assert run.stage.body is not None
        self._run = run
        self._state = state
        self._spec = spec
        self._timeout = config.timeout
        self._since = now() if run.parked is None else run.parked.since
        self._plan = run.stage.body
        self._loop_id = state.node_id
        self._store = iterations_store(run.store, run.stage)
        self._rows, self._given = self._arrived()
        self._outer = {name: value for each in run.stage.nodes for name, value in run.values_of(each).items()}
        self._lock = threading.Lock()
        self._told_at = 0.0
        self._over: dict[int, Iteration] = {}
        self._paused: list[Outcome] = []
        self._failed: Iteration | None = None
        self._total = -(-self._rows.rows // spec.batch_size)
        self.tally = Tally(run.stage.segments[1])
        self._fault: Exception | None = None
        self.broken: BaseException | None = None

    @property
    def counts(self) -> dict[str, int]:
        wrong = sum(1 for each in self._over.values() if each.status is NodeStatus.FAILED)
        return {"total": self._total, "finished": len(self._over), "failed": wrong}

    def run(self) -> StageResult | Parking:
        if self._total > self._spec.max_iterations:
            raise NodeError(
                f"{self._rows.rows:,} rows make {self._total:,} iterations; {self._spec.max_iterations:,} are allowed",
                code="too_many_iterations",
                remedy="Filter or aggregate before the loop, or raise batchSize or maxIterations.",
            )
        if self._run.parked is not None and is_too_late(self._run.parked, self._timeout):
            raise timed_out(self._timeout or 0)
        return supervise(self._work, cancelled=self._run.host.cancelled, timeout=self._timeout)

    # In the loop's own thread

    def _work(self, desk: Desk) -> StageResult | Parking:
        mark = self._fingerprint()
        host = self._run.host
        known = desk.ask(lambda: host.iterations(self._loop_id, host.within))
        mine = {number: each for number, each in known.items() if each.fingerprint == mark and number < self._total}
        for number, each in mine.items():
            if each.status is NodeStatus.SUCCESS or (each.status is NodeStatus.FAILED and self._spec.goes_on):
                self._over[number] = each
                self.tally.ended(number, each.nodes)
        self._tell(desk, at_once=True)
        left = iter([number for number in range(self._total) if number not in self._over])
        self._run_side_by_side(desk, left, mine, mark)
        if (error := self.broken or self._fault) is not None:
            raise error
        if self._failed is not None:
            raise self._failure(self._failed)
        if self._paused or len(self._over) < self._total:
            return self._parking()
        return self._result()

    def _run_side_by_side(self, desk: Desk, left: Iterator[int], known: Mapping[int, Iteration], mark: str) -> None:
        def work() -> None:
            try:
                while (number := self._next(left)) is not None:
                    if not self._iterate(desk, number, known.get(number), mark):
                        return
            except (NodeError, pl.exceptions.PolarsError, MemoryError) as error:  # of the batch, not of the body
                self._fault = self._fault or error
            except BaseException as error:
                self.broken = self.broken or error

        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(work,), name="uzo-loop", daemon=True)
            for _ in range(min(self._spec.concurrency, max(1, self._total - len(self._over))))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
                desk.check()

    def _next(self, left: Iterator[int]) -> int | None:
        with self._lock:
            ended = self.broken or self._fault or self._failed
            if ended is not None or self._run.host.pausing():
                return None
            return next(left, None)

    # In a thread of the iterations

    def _iterate(self, desk: Desk, number: int, known: Iteration | None, mark: str) -> bool:
        """Run one iteration; False where it has parked, so that its place stays taken."""
        from apps.executions.core.engine import Execution  # which runs stages, loops among them

        store = self._store.below(f"i{number}")
        rows = self._batch(store, number)
        iteration = Iteration(
            node_id=self._loop_id,
            within=self._run.host.within,
            number=number,
            fingerprint=mark,
            status=NodeStatus.RUNNING,
            started_at=now(),
            rows_in=rows.rows,
        )
        if known is not None:  # what failed in it runs again, what was finished does not
            cut_short = known.status is NodeStatus.RUNNING
            finished = {id: each for id, each in known.stages.items() if cut_short or _is_good(each)}
            parked = known.parked if cut_short else {}
            iteration = replace(iteration, started_at=known.started_at, stages=finished, parked=parked)
        values = {**self._run.host.parameters, **self._outer, **self._item(rows)}
        host = IterationHost(
            self._run.host,
            desk,
            iteration=iteration,
            parameters=values,
            keeps=len(self._plan.stages) > 1,
            tell=lambda states: self._note(desk, number, states),
        )
        self._began(desk, iteration)
        execution = Execution(
            replace(self._plan, parameter_types={**self._outer_types(), **self._plan.parameter_types}),
            host=host,
            store=store,
            finished=iteration.stages,
            parked=iteration.parked,
            given={**self._given, (self._loop_id, EACH): rows},
            luck=self._run.luck,
        )
        outcome = execution.run_all()
        if outcome.status == "paused":
            with self._lock:
                self._paused.append(outcome)
            return False
        self._end(desk, host.iteration, outcome, execution.states, execution.results)
        return True

    def _end(
        self,
        desk: Desk,
        iteration: Iteration,
        outcome: Outcome,
        states: Mapping[str, NodeState],
        results: Mapping[str, StageResult],
    ) -> None:
        if outcome.status == "cancelled":
            raise ExecutionCancelled
        wanted = {*self._plan.kept, *self._collected()}
        found = {
            port: each for result in results.values() for port, each in result.datasets.items() if port in wanted
        }  # fmt: skip
        leaving = [each for port, each in found.items() if not self._collected() or port in self._collected()]
        status = NodeStatus(outcome.status)
        resumable = status is NodeStatus.FAILED and not self._spec.goes_on
        iteration = replace(
            iteration,
            status=status,
            finished_at=now(),
            rows_out=sum(each.rows for each in leaving),
            error=outcome.error,
            failed_node=outcome.failed_node,
            warnings=outcome.warnings,
            nodes=trace(states),
            datasets=found,
            stages=iteration.stages if resumable else {},
            parked={},
        )
        desk.ask(lambda: self._run.host.commit_iteration(iteration))
        with self._lock:
            self._over[iteration.number] = iteration
            self.tally.ended(iteration.number, iteration.nodes)
            if resumable:
                self._failed = self._failed or iteration
        if resumable or status is NodeStatus.FAILED:
            text = _said_of(iteration)
            desk.ask(lambda: self._run.host.log(self._loop_id, "warning", text))
        self._tell(desk)

    def _note(self, desk: Desk, number: int, states: Sequence[NodeState]) -> None:
        with self._lock:
            self.tally.began(number, states)
        self._tell(desk)

    def _began(self, desk: Desk, iteration: Iteration) -> None:
        """Short iterations are seen once they are over; it is not worth while to write each of them twice."""
        with self._lock:
            due = time.monotonic() - self._told_at >= PROGRESS_SECONDS
        if due:
            desk.ask(lambda: self._run.host.commit_iteration(iteration))

    def _tell(self, desk: Desk, *, at_once: bool = False) -> None:
        with self._lock:
            if not at_once and time.monotonic() - self._told_at < PROGRESS_SECONDS:
                return
            self._told_at = time.monotonic()
            done = sum(each.rows_in or 0 for each in self._over.values())
            states = [replace(self._state, rows_in=done, iterations=self.counts), *self.tally.now_running()]
        desk.ask(lambda: self._run.tell(states))

    # What goes in

    def _arrived(self) -> tuple[Dataset, dict[Port, Dataset]]:
        loop_id = self._state.node_id
        rows = [dataset for _, dataset in self._run.inputs[loop_id] if dataset is not None]
        if not rows:
            raise NodeError("Nothing arrived at the loop", code="missing_input")
        given = {
            edge.port: dataset
            for node_id in self._run.stage.segments[1]
            for edge, dataset in self._run.inputs[node_id]
            if dataset is not None and edge.port in self._plan.given
        }
        return rows[0], given

    def _batch(self, store: RunStore, number: int) -> Dataset:
        [edge] = [edge for edge, dataset in self._run.inputs[self._loop_id] if dataset is not None]
        frame = self._run.scan(edge.port, self._rows).slice(number * self._spec.batch_size, self._spec.batch_size)
        return store.write_frame(frame, self._run.plan.nodes[self._loop_id].schemas.get(EACH))

    def _item(self, rows: Dataset) -> dict[str, Any]:
        if self._spec.item is None:
            return {}
        row = self._store.scan(rows).collect().row(0, named=True)
        return {f"{self._spec.item}.{name}": value for name, value in row.items()}

    def _outer_types(self) -> dict[str, Any]:
        return {name: type_of(value) for name, value in self._outer.items()}

    def _fingerprint(self) -> str:
        """Of all that iterations depend on: if it changes (a newer version, other rows), they run again."""
        depends = {
            "plan": self._plan.as_json(),
            "batch": self._spec.batch_size,
            "rows": self._rows.digest,
            "given": sorted([*port, each.digest] for port, each in self._given.items()),
            "values": {name: as_json(value) for name, value in {**self._run.host.parameters, **self._outer}.items()},
        }
        return hashlib.sha256(json.dumps(depends, sort_keys=True, default=str).encode()).hexdigest()

    # What comes out

    def _collected(self) -> tuple[Port, ...]:
        collect = self._spec.collect
        if collect is None:
            return ()
        return ((collect, self._plan.nodes[collect].primary or "output"),)

    def _parking(self) -> Parking:
        """It waits for what its iterations wait for; if a person paused it, for nothing."""
        reason: Any = "wait"
        until: datetime | None = now()
        if self._paused and all(each.waiting_for != RESUME for each in self._paused):
            reason = min((str(each.waiting_for) for each in self._paused), key=URGENCY.index)
            until = min((each.wake_at for each in self._paused if each.wake_at is not None), default=None)
        assert self._state.started_at is not None
        return park(
            Parked(reason, until),
            stage_id=self._run.stage.id,
            node_id=self._loop_id,
            started_at=self._state.started_at,
            since=self._since,
            attempt=self._state.attempt,
            timeout=self._timeout,
        )

    def _result(self) -> StageResult:
        datasets: dict[Port, Dataset] = {}
        for port in sorted({*self._plan.kept, *self._collected()}):
            parts = [found for each in sorted(self._over) if (found := self._over[each].datasets.get(port)) is not None]
            planned = self._plan.nodes[port[0]].schemas.get(port[1])
            datasets[port] = together(parts, planned, self._store, self._run.store)
        done = datasets[self._collected()[0]] if self._collected() else self._rows
        counts = self.counts
        state = replace(
            self._state,
            status=NodeStatus.SUCCESS,
            finished_at=now(),
            rows_in=self._rows.rows,
            rows_out=done.rows,
            bytes=sum(each.bytes for each in datasets.values()) or None,
            iterations=counts,
        )
        warned = counts["failed"] + sum(each.warnings for each in self._over.values())
        return StageResult(
            self._run.stage.id,
            (state, *self.tally.over()),
            {**datasets, (self._loop_id, DONE): done},
            warnings={self._loop_id: warned} if warned else {},
        )

    def _failure(self, iteration: Iteration) -> NodeError:
        error = iteration.error
        kind = TransientNodeError if error is not None and error.transient else NodeError
        remedy = error.remedy if error is not None else ""
        return kind(_said_of(iteration, self._total), code="iteration_failed", remedy=remedy)


def _said_of(iteration: Iteration, total: int | None = None) -> str:
    error = iteration.error
    which = f"Iteration {iteration.number + 1}" + (f" of {total:,}" if total is not None else "")
    said = "" if error is None else f": {iteration.failed_node}: {error.code}: {error.message}"
    return f"{which} failed{said}"


def _is_good(result: StageResult) -> bool:
    return all(node.status is NodeStatus.SUCCESS for node in result.nodes)
