"""Running a fused stage: its lazy nodes as one plan, watched from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from typing import Any

import polars as pl

from apps.executions.core.backoff import backoff
from apps.executions.core.lowering import Frames, FusedPlan, FusedResult, LoweredNode
from apps.executions.core.node_failures import may_pass
from apps.executions.core.records import Failure, NodeState, StageResult
from apps.executions.core.rows_so_far import RowsSoFar
from apps.executions.core.run_context import LowerValues, NodeRun
from apps.executions.core.stage_run import StageRun, error_port, failed, typed
from apps.executions.core.states import NodeStatus
from apps.executions.core.supervision import NODE_THREAD, Desk, pause, supervise
from apps.kernel.clock import now
from apps.kernel.errors import NodeError
from apps.nodes.config import NodeConfig
from apps.nodes.types import EffectNodeType, LazyNodeType
from apps.transforms.failures import explain
from apps.transforms.nodes.checks import Check
from apps.workflows.core.plan import PlanEdge, PlanNode

_OPENED_AT_ONCE = 4
"""Sources of one plan that are opened side by side."""


def run_fused_stage(run: StageRun) -> StageResult:
    """Run the lazy nodes of a stage as one plan. Failures are in the result."""
    started = now()
    attempt = 0
    while True:
        attempt += 1
        running = [
            NodeState(node_id, NodeStatus.RUNNING, started_at=started, attempt=attempt)
            for node_id in run.stage.nodes
            if node_id in run.reached
        ]
        run.tell(running)
        fused = _attempt(run, running)
        if not _again(run, fused, attempt):
            break
    finished = now()
    states: list[NodeState] = []
    datasets = dict(fused.datasets)
    for node_id in run.stage.nodes:
        if node_id not in run.reached or node_id in fused.skipped:
            states.append(NodeState(node_id, NodeStatus.SKIPPED))
        elif node_id in fused.failures:
            state = failed(node_id, fused.failures[node_id], started, attempt=attempt)
            states.append(state)
            datasets |= error_port(run, state)
        else:
            states.append(_fused_state(run, node_id, fused, started, finished, attempt))
    for node_id, rules in fused.warnings.items():
        for name, count in rules.items():
            run.host.log(node_id, "warning", f"{count} {'row breaks' if count == 1 else 'rows break'} {name!r}")
    return StageResult(
        run.stage.id,
        tuple(states),
        datasets,
        warnings={node_id: len(rules) for node_id, rules in fused.warnings.items()},
    )


def _timeout(node: PlanNode) -> float | None:
    timeout = node.config.get("timeout")
    return float(timeout) if isinstance(timeout, int | float) else None


def _attempt(run: StageRun, running: Sequence[NodeState]) -> FusedResult:
    timeout = _timeout(run.plan.nodes[run.stage.nodes[0]]) if len(run.stage.nodes) == 1 else None
    so_far = RowsSoFar(running, run.tell)
    try:
        return supervise(
            lambda desk: _run_fused(run, desk, so_far),
            cancelled=run.host.cancelled,
            timeout=timeout,
            look=so_far.look,
        )
    except Exception as error:
        # The stage could not run at all (no room, no time): its first node says so for all of them.
        first, *others = [state.node_id for state in running]
        return FusedResult(failures={first: error}, skipped=set(others))


def _again(run: StageRun, fused: FusedResult, attempt: int) -> bool:
    """Whether to try again, after a pause: a node with retries stands alone in its stage, and failed for a
    reason that may pass."""
    [node_id, *others] = run.stage.nodes
    error = fused.failures.get(node_id)
    if others or error is None or not may_pass(error):
        return False
    _, config = typed(run.plan.nodes[node_id], run.values_for(node_id).parameters)
    if attempt > config.retry_count:
        return False
    wait = backoff(config.retry_delay, attempt, run.luck())
    run.host.log(node_id, "warning", f"Attempt {attempt} failed ({Failure.of(error).code}); next in {wait:.1f} s")
    pause(wait, run.host.cancelled)
    return True


def _fused_state(  # noqa: PLR0917
    run: StageRun, node_id: str, fused: FusedResult, started: datetime, finished: datetime, attempt: int
) -> NodeState:
    node = run.plan.nodes[node_id]
    edges = [edge for edge, _ in run.inputs[node_id]]
    rows_in = [fused.rows.get(edge.port) for edge in edges]
    known = [count for count in rows_in if count is not None]
    rows_out = fused.rows.get((node_id, node.primary)) if node.primary is not None else None
    stored = [dataset.bytes for (owner, _), dataset in fused.datasets.items() if owner == node_id]
    return NodeState(
        node_id,
        NodeStatus.SUCCESS,
        started_at=started,
        finished_at=finished,
        attempt=attempt,
        rows_in=sum(known) if edges and len(known) == len(edges) else (None if edges else 0),
        rows_out=rows_out,
        pushed_down=(bool(edges) and len(known) < len(edges)) or (node.primary is not None and rows_out is None),
        bytes=sum(stored) if stored else None,
    )


def _run_fused(run: StageRun, desk: Desk, so_far: RowsSoFar) -> FusedResult:
    lowered: dict[str, LoweredNode] = {}
    broken: dict[str, BaseException] = {}
    contexts: list[NodeRun] = []
    try:
        for node_id, prepared in _prepare_all(run, desk, so_far, contexts):
            if isinstance(prepared, LoweredNode):
                lowered[node_id] = prepared
            else:
                broken[node_id] = prepared
        skipped = _behind(run, broken)
        inputs = {edge.port: dataset for node_id in lowered for edge, dataset in run.inputs[node_id] if dataset}
        plan = FusedPlan(
            segments=[
                [lowered[node_id] for node_id in segment if node_id in lowered and node_id not in skipped]
                for segment in run.stage.segments
            ],
            inputs=inputs,
            outputs=frozenset(run.stage.outputs),
            store=run.store,
            scan=run.scan,
            check=desk.check,
            most_rows=run.most_rows,
        )
        so_far.count(plan.so_far)
        result = plan.run()
    finally:
        for context in contexts:
            context.close()
    result.failures.update(broken)
    result.skipped |= skipped
    return result


def _prepare_all(
    run: StageRun, desk: Desk, so_far: RowsSoFar, contexts: list[NodeRun]
) -> Iterator[tuple[str, LoweredNode | Exception]]:
    """Each node that is reached, or what is wrong with it. Sources are opened side by side: they wait for servers."""
    reached = [node_id for node_id in run.stage.nodes if node_id in run.reached]
    sources = [node_id for node_id in reached if not run.inputs[node_id]]
    with ThreadPoolExecutor(_OPENED_AT_ONCE, thread_name_prefix=NODE_THREAD) as pool:
        opened = {
            node_id: pool.submit(copy_context().run, _prepare, run, desk, so_far, node_id, contexts)
            for node_id in (sources if len(sources) > 1 else ())
        }
        for node_id in reached:
            try:
                if node_id in opened:
                    yield node_id, opened[node_id].result()
                else:
                    yield node_id, _prepare(run, desk, so_far, node_id, contexts)
            except Exception as error:
                yield node_id, error


def _behind(run: StageRun, broken: Collection[str]) -> set[str]:
    behind: set[str] = set()
    for node_id in run.stage.nodes:
        if any(edge.source in broken or edge.source in behind for edge, _ in run.inputs[node_id]):
            behind.add(node_id)
    return behind - set(broken)


def _prepare(run: StageRun, desk: Desk, so_far: RowsSoFar, node_id: str, contexts: list[NodeRun]) -> LoweredNode:
    node = run.plan.nodes[node_id]
    values = run.values_for(node_id)
    node_type, config = typed(node, values.parameters)
    edges = [edge for edge, _ in run.inputs[node_id]]
    if isinstance(node_type, LazyNodeType):
        return _lazy(node, node_type, config, edges, values)
    assert isinstance(node_type, EffectNodeType)
    context = run.context(node, values, desk, attempt=1, so_far=so_far, condition=_kept_by_reader(run, node_id))
    contexts.append(context)
    frames = node_type.scan(config, context)
    if frames is None:
        node_type.run(config, {}, context)
        frames = {port: run.scan((node_id, port), dataset) for port, dataset in context.datasets.items()}
    if run.sample is not None:
        frames = {port: frame.head(run.sample) for port, frame in frames.items()}
    scanned = frames
    return LoweredNode(
        node, edges, lambda _: scanned, changes_rows=True, is_scan=context.arrival is None, arrival=context.arrival
    )


def _kept_by_reader(run: StageRun, node_id: str) -> tuple[str, Mapping[str, Any]] | None:
    """What the one reader of a node keeps of its rows; None where there are several, or it keeps them all."""
    readers = [edge.target for edge in run.plan.edges if edge.source == node_id]
    if len(readers) != 1 or readers[0] not in run.reached:
        return None
    try:
        values = run.values_for(readers[0])
        node_type, config = typed(run.plan.nodes[readers[0]], values.parameters)
    except NodeError:
        return None  # it will fail with that itself
    condition = node_type.keeps(config) if isinstance(node_type, LazyNodeType) else None
    return None if condition is None else (condition, values.parameters)


def _lazy(
    node: PlanNode, node_type: LazyNodeType, config: NodeConfig, edges: list[PlanEdge], values: LowerValues
) -> LoweredNode:
    def explained(error: Exception, inputs: Frames) -> Exception:
        if isinstance(error, pl.exceptions.PolarsError | NodeError):
            return explain(error, node_type, config, inputs, values)
        return error

    def warnings(inputs: Frames) -> pl.LazyFrame:
        assert isinstance(node_type, Check)
        return node_type.failures(config, inputs, values)

    return LoweredNode(
        node,
        edges,
        lambda inputs: node_type.lower(config, inputs, values),
        changes_rows=node_type.changes_row_count or len(edges) != 1,
        reads_all=node_type.reads_all(config),
        explain=explained,
        warnings=warnings if isinstance(node_type, Check) else None,
        multiplied=node_type.multiplied(config),
    )
