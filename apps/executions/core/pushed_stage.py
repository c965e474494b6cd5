"""Running a chain from a read to a write in one go, and step by step where that is better or was not possible.

In one go no more is kept than the first rows of what was written, or all where they are few: the rows go from
database to database, or stream through. Then only the write, which counts what arrives, or each node that a
batch passed, knows its rows. Where one go ends in doubt (the
source's SQL failed on a value) nothing has been written, and the steps tell what is true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from apps.connectors.nodes.chains import Chain, Moved, Part, PartFailedError, Pulled, Undecided
from apps.connectors.nodes.moving import move
from apps.executions.core.dataset import Dataset
from apps.executions.core.effect_stage import run_effect_stage
from apps.executions.core.fused_stage import run_fused_stage
from apps.executions.core.records import NodeState, StageResult
from apps.executions.core.rows_so_far import RowsSoFar
from apps.executions.core.run_context import NodeRun
from apps.executions.core.stage_run import StageRun, failed, typed
from apps.executions.core.states import NodeStatus
from apps.executions.core.store import RunStore
from apps.executions.core.supervision import Desk, supervise
from apps.kernel.clock import now
from apps.kernel.errors import Gone, NodeError
from apps.nodes.types import LazyNodeType
from apps.workflows.core.plan import PlanEdge, Port, Stage


def run_pushed_stage(run: StageRun) -> StageResult:
    """Run the chain. A failure is in the result."""
    try:
        return _run(run)
    finally:
        _aside(run).clear()


def _run(run: StageRun) -> StageResult:
    if set(run.stage.nodes) != run.reached:
        return _step_by_step(run)
    started = now()
    running = [NodeState(node_id, NodeStatus.RUNNING, started_at=started) for node_id in run.stage.nodes]
    so_far = RowsSoFar(running, run.tell)
    run.tell(running)
    try:
        moved, datasets = supervise(
            lambda desk: _move(run, desk, so_far), cancelled=run.host.cancelled, look=so_far.look
        )
    except PartFailedError as error:
        return _failed(run, error, started)
    except Undecided as reason:
        run.host.log(run.stage.nodes[-1], "debug", f"once more, step by step: {reason}")
        return _step_by_step(run)
    if isinstance(moved, Moved):
        first = _kept(run, {port: _begun(dataset, moved.result.rows) for port, dataset in datasets.items()})
        return StageResult(run.stage.id, tuple(_moved_states(run, moved, started, first)), first)
    if isinstance(moved, Pulled):
        return _written(run, _pulled_states(run, moved, started), datasets)
    return _step_by_step(run)


def _move(run: StageRun, desk: Desk, so_far: RowsSoFar) -> tuple[Moved | Pulled | None, dict[Port, Dataset]]:
    contexts: list[NodeRun] = []
    try:
        parts = [_part(run, desk, so_far, node_id, contexts) for node_id in run.stage.nodes]
        moved = move(Chain(parts[0], parts[1:-1], parts[-1]))
        datasets = {
            (context.node_id, port): dataset for context in contexts for port, dataset in context.datasets.items()
        }
        return moved, datasets
    finally:
        for context in contexts:
            context.close()


def _part(run: StageRun, desk: Desk, so_far: RowsSoFar, node_id: str, contexts: list[NodeRun]) -> Part:
    node = run.plan.nodes[node_id]
    try:
        values = run.values_for(node_id)
        node_type, config = typed(node, values.parameters)
    except Exception as error:
        raise PartFailedError(node_id, error) from error
    part = replace(run, store=_aside(run))
    contexts.append(part.context(node, values, desk, attempt=1, so_far=so_far))
    return Part(config, contexts[-1], node_type if isinstance(node_type, LazyNodeType) else None)


def _begun(dataset: Dataset, rows: int) -> Dataset:
    """The beginning of what was written, which had so many rows."""
    return dataset if dataset.rows == rows else replace(dataset, of=rows)


def _moved_states(run: StageRun, moved: Moved, started: datetime, first: Mapping[Port, Dataset]) -> list[NodeState]:
    """A node knows its rows in from the one before it; the write counts what arrives."""
    states: list[NodeState] = []
    finished, last = now(), run.stage.nodes[-1]
    before: int | None = 0
    for node_id in run.stage.nodes:
        rows = moved.result.rows if node_id == last else moved.rows.get(node_id)
        states.append(
            NodeState(
                node_id,
                NodeStatus.SUCCESS,
                started_at=started,
                finished_at=finished,
                rows_in=rows if node_id == last else before,
                rows_out=rows,
                pushed_down=moved.pushed or rows is None,
                bytes=sum(dataset.bytes for dataset in first.values()) if node_id == last and first else None,
            )
        )
        before = rows
    return states


def _pulled_states(run: StageRun, pulled: Pulled, started: datetime) -> list[NodeState]:
    """Of the nodes before the write, the last one knows its rows."""
    done = NodeState("", NodeStatus.SUCCESS, started_at=started, finished_at=now(), pushed_down=True)
    first, *_ = nodes = run.stage.nodes[:-1]
    return [
        replace(
            done,
            node_id=node_id,
            rows_in=0 if node_id == first else None,
            rows_out=pulled.rows if node_id == pulled.node_id else None,
        )
        for node_id in nodes
    ]


def _written(run: StageRun, before: list[NodeState], datasets: dict[Port, Dataset]) -> StageResult:
    """The write, of rows that lie here."""
    node_id = run.stage.nodes[-1]
    stage = Stage(f"{run.stage.id}.3", "effect", ((node_id,),), outputs=((node_id, "output"),))
    inputs = {node_id: _arriving(run, node_id, datasets)}
    part = replace(run, stage=stage, store=_aside(run), reached=frozenset({node_id}), inputs=inputs)
    run.tell(before)
    result = run_effect_stage(part)
    assert isinstance(result, StageResult)  # a write does not park
    return StageResult(run.stage.id, (*before, *result.nodes), _kept(run, {**datasets, **result.datasets}))


def _kept(run: StageRun, datasets: dict[Port, Dataset]) -> dict[Port, Dataset]:
    """Those that stay after the run; the others are removed, nobody can ask for them. What was written is not
    undone because its rows cannot be kept."""
    kept: dict[Port, Dataset] = {}
    for port, dataset in datasets.items():
        if port in run.plan.kept:
            try:
                kept[port] = run.store.take_over(dataset)
            except (NodeError, Gone) as error:
                run.host.log(port[0], "warning", f"Its rows are not kept: {error.message}")
    return kept


def _aside(run: StageRun) -> RunStore:
    """Where the rows between the steps lie."""
    return run.store.below("chains", run.stage.id)


def _failed(run: StageRun, error: PartFailedError, started: datetime) -> StageResult:
    """One node failed, and what was begun was rolled back: those before it did what they could, those behind
    have not run."""
    nodes = run.stage.nodes
    place = nodes.index(error.node_id)
    states = [
        NodeState(node_id, NodeStatus.SUCCESS, started_at=started, finished_at=now(), pushed_down=True)
        for node_id in nodes[:place]
    ]
    states.append(failed(error.node_id, error.error, started, attempt=1))
    states += [NodeState(node_id, NodeStatus.SKIPPED) for node_id in nodes[place + 1 :]]
    return StageResult(run.stage.id, tuple(states))


# Step by step -------------------------------------------------------------------------------------------------


def _step_by_step(run: StageRun) -> StageResult:
    """The read, its transforms as one plan, the write: as stages of their own, which share this one's result."""
    stages = _steps_of(run)
    plan = replace(
        run.plan,
        stages=tuple(each for one in run.plan.stages for each in (stages if one.id == run.stage.id else [one])),
    )
    states: list[NodeState] = []
    datasets: dict[Port, Dataset] = {}
    warnings: dict[str, int] = {}
    lost = False
    for stage in stages:
        reached = run.reached & set(stage.nodes)
        if lost or not reached:
            states += [NodeState(node_id, NodeStatus.SKIPPED) for node_id in stage.nodes]
            lost = True
            continue
        inputs = {node_id: _arriving(run, node_id, datasets) for node_id in stage.nodes}
        part = replace(run, stage=stage, plan=plan, store=_aside(run), reached=reached, inputs=inputs)
        result = run_fused_stage(part) if stage.kind == "fused" else run_effect_stage(part)
        assert isinstance(result, StageResult)  # neither a read nor a write parks
        states += result.nodes
        datasets.update(result.datasets)
        warnings.update(result.warnings)
        lost = any(state.status is not NodeStatus.SUCCESS for state in result.nodes)
    return StageResult(run.stage.id, tuple(states), _kept(run, datasets), warnings=warnings)


def _steps_of(run: StageRun) -> list[Stage]:
    first, *between, last = run.stage.nodes
    wanted = [(first, tuple(run.plan.nodes[first].schemas))]
    stages = [Stage(f"{run.stage.id}.1", "effect", ((first,),), outputs=tuple((first, port) for port in wanted[0][1]))]
    if between:
        output = (between[-1], "output")
        stages.append(Stage(f"{run.stage.id}.2", "fused", _cut(between), (stages[-1].id,), (output,)))
    stages.append(Stage(f"{run.stage.id}.3", "effect", ((last,),), (stages[-1].id,), ((last, "output"),)))
    return stages


def _cut(nodes: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    from apps.workflows.core.compiling import SEGMENT_NODES

    return tuple(tuple(nodes[at : at + SEGMENT_NODES]) for at in range(0, len(nodes), SEGMENT_NODES))


def _arriving(run: StageRun, node_id: str, datasets: dict[Port, Dataset]) -> list[tuple[PlanEdge, Dataset | None]]:
    return [(edge, datasets.get(edge.port)) for edge, _ in run.inputs[node_id]]
