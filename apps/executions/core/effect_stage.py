"""Running an effect: one node that acts, with its attempts."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl

from apps.executions.core.backoff import backoff
from apps.executions.core.lowering import Frames
from apps.executions.core.node_failures import explain, may_pass
from apps.executions.core.parking import is_too_late, not_in_a_preview, park, seconds_left, waits_in_place
from apps.executions.core.records import Failure, NodeState, Parking, StageResult
from apps.executions.core.rows_so_far import RowsSoFar
from apps.executions.core.run_context import NodeRun
from apps.executions.core.stage_run import StageRun, error_port, failed, typed
from apps.executions.core.states import NodeStatus
from apps.executions.core.supervision import Desk, pause, supervise, timed_out
from apps.kernel.clock import now
from apps.kernel.errors import NodeError
from apps.nodes.config import NodeConfig
from apps.nodes.types import EffectNodeType, Parked, RunResult
from apps.workflows.core.parameters import as_json
from apps.workflows.core.plan import PlanNode

MOST_BYTES = 32_768
"""What a value may take, as JSON."""


def run_effect_stage(run: StageRun) -> StageResult | Parking:
    """Run one acting node, again if it fails for a reason that may pass. A failure is in the result.
    A node that parks for long leaves its stage unfinished."""
    [node_id] = run.stage.nodes
    node = run.plan.nodes[node_id]
    parked = run.parked
    started, attempt = (now(), 0) if parked is None else (parked.started_at, parked.attempt - 1)
    while True:
        attempt += 1
        state = NodeState(node_id, NodeStatus.RUNNING, started_at=started, attempt=attempt)
        run.tell([state])
        retries, delay = 0, 0.0
        try:
            node_type, config = typed(node, run.values_for(node_id).parameters)
            retries, delay = config.retry_count, config.retry_delay
            assert isinstance(node_type, EffectNodeType)
            return _until_over_or_parked(run, node, node_type, config, state, parked)
        except Exception as error:
            parked = None
            reason = explain(error) or error
            if not may_pass(reason) or attempt > retries:
                state = failed(node_id, reason, started, attempt=attempt)
                return StageResult(run.stage.id, (state,), error_port(run, state))
            wait = backoff(delay, attempt, run.luck())
            run.host.log(
                node_id, "warning", f"Attempt {attempt} failed ({Failure.of(reason).code}); next in {wait:.1f} s"
            )
            pause(wait, run.host.cancelled)


def _until_over_or_parked(  # noqa: PLR0917
    run: StageRun,
    node: PlanNode,
    node_type: EffectNodeType,
    config: NodeConfig,
    state: NodeState,
    parked: Parking | None,
) -> StageResult | Parking:
    """One attempt, with the short waits in it."""
    since = now() if parked is None else parked.since
    while True:
        if parked is not None and is_too_late(parked, config.timeout):
            raise timed_out(config.timeout or 0)
        answer = _attempt(run, node, node_type, config, state, parked)
        if isinstance(answer, StageResult):
            return answer
        if run.sample is not None:
            raise not_in_a_preview()
        assert state.started_at is not None
        parked = park(
            answer,
            stage_id=run.stage.id,
            node_id=node.id,
            started_at=state.started_at,
            since=since,
            attempt=state.attempt,
            timeout=config.timeout,
        )
        if not waits_in_place(parked):
            return parked
        pause(seconds_left(parked) or 0, run.host.cancelled)


def _attempt(  # noqa: PLR0917
    run: StageRun,
    node: PlanNode,
    node_type: EffectNodeType,
    config: NodeConfig,
    state: NodeState,
    parked: Parking | None,
) -> StageResult | Parked:
    so_far = RowsSoFar([state], run.tell)

    def work(desk: Desk) -> tuple[RunResult | Parked, NodeRun]:
        context = run.context(node, run.values_for(node.id), desk, attempt=state.attempt, parked=parked, so_far=so_far)
        try:
            if node.bypass is not None:
                rows = context.forward(node.primary or "output", node.bypass)
                return RunResult(rows_in=rows, rows_out=rows), context
            return node_type.run(config, _frames(run, node.id), context), context
        finally:
            context.close()

    result, context = supervise(work, cancelled=run.host.cancelled, timeout=config.timeout, look=so_far.look)
    if isinstance(result, Parked):
        return result
    _require_small(result)
    rows_in, rows_out = _rows(run, node, result, context)
    finished = replace(
        state,
        status=NodeStatus.SUCCESS,
        finished_at=now(),
        rows_in=rows_in,
        rows_out=rows_out,
        pushed_down=rows_out is None and bool(context.datasets),
        bytes=sum(dataset.bytes for dataset in context.datasets.values()) if context.datasets else None,
    )
    return StageResult(
        run.stage.id,
        (finished,),
        {(node.id, port): dataset for port, dataset in context.datasets.items()},
        {node.id: dict(result.scalars)} if result.scalars else {},
        {node.id: result.branches} if result.branches is not None else {},
    )


def _require_small(result: RunResult) -> None:
    """Values travel with what is told of a stage, where no large data belongs."""
    for name, value in result.scalars.items():
        size = len(json.dumps(as_json(value)))
        if size > MOST_BYTES:
            raise NodeError(
                f"The value of {name!r} takes {size:,} bytes, and {MOST_BYTES:,} is the most",
                code="value_too_large",
                remedy="Keep large values in rows: a variable is for a number, a date, a name.",
            )


def _frames(run: StageRun, node_id: str) -> Frames:
    frames: dict[str, list[pl.LazyFrame]] = {}
    for edge, dataset in run.inputs[node_id]:
        if dataset is not None:
            frames.setdefault(edge.target_port, []).append(run.scan(edge.port, dataset))
    return frames


def _rows(run: StageRun, node: PlanNode, result: RunResult, context: NodeRun) -> tuple[int | None, int | None]:
    arriving = [dataset.rows for _, dataset in run.inputs[node.id] if dataset is not None]
    rows_in = result.rows_in if result.rows_in is not None else sum(arriving)
    rows_out = result.rows_out
    if rows_out is None and node.primary is not None and node.primary in context.datasets:
        rows_out = context.datasets[node.primary].rows
    return rows_in, rows_out
