"""Which finished stages another sitting may take over: after a failure, in a newer version, in a retry.

A result stays true where nothing in or above its stage has changed, and it holds what is wanted of it now.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from apps.executions.core.dataset import Dataset
from apps.executions.core.pruning import columns_needed
from apps.executions.core.records import StageResult
from apps.executions.core.states import NodeStatus
from apps.workflows.core.parameters import as_json
from apps.workflows.core.plan import Plan, Port, Stage

Results = Mapping[str, StageResult]
_WORD = re.compile(r"\w+")
_NO_PLAN = Plan({}, (), ())


def still_true(plan: Plan, results: Results) -> dict[str, StageResult]:
    """Results that an execution keeps when it goes on after a failure or a cancel: of stages that finished, and
    are not behind one that did not. A failure that was handled is a result like any other: what it led to has
    happened. What was skipped is decided again."""
    broken = {stage.id for stage in plan.stages if stage.id in results and _is_broken(plan, results[stage.id])}
    lost = broken | behind(plan, broken)
    return {id: each for id, each in results.items() if id not in lost and not _is_skipped(each)}


def _is_broken(plan: Plan, result: StageResult) -> bool:
    return any(
        node.status is NodeStatus.CANCELLED
        or (node.status is NodeStatus.FAILED and not plan.nodes[node.node_id].handled)
        for node in result.nodes
    )


def _is_skipped(result: StageResult) -> bool:
    return all(node.status is NodeStatus.SKIPPED for node in result.nodes)


def behind(plan: Plan, stage_ids: Collection[str]) -> set[str]:
    """Stages that come after one of these, however far."""
    after: set[str] = set()
    for stage in plan.stages:  # in an order that respects `after`
        if any(before in stage_ids or before in after for before in stage.after):
            after.add(stage.id)
    return after


def above(plan: Plan, results: Results, node_id: str) -> dict[str, StageResult]:
    """Results without those of the node's stage and of all that comes after it: for a run from there on.

    Raises KeyError for a node that the plan does not have.
    """
    here = {stage.id for stage in plan.stages if node_id in stage.nodes}
    if not here:
        raise KeyError(node_id)
    again = here | behind(plan, here)
    return {id: each for id, each in results.items() if id not in again}


def carried_over(
    old: Plan,
    new: Plan,
    results: Results,
    *,
    parameters: tuple[Mapping[str, Any], Mapping[str, Any]],
    changed_connectors: Mapping[str, Collection[str]],
) -> dict[str, StageResult]:
    """Results of the old plan as results of the new one, by its stages, where nothing in or above them changed.

    `parameters`: values under the old and the new version. `changed_connectors`: for each old stage, the
    connectors that were changed after it had finished.
    """
    before = fingerprints(old, parameters[0], changed_connectors)
    known = {before[stage.id]: stage for stage in old.stages}
    stages = {stage.id: stage for stage in new.stages}
    carried: dict[str, StageResult] = {}
    for stage_id, digest in fingerprints(new, parameters[1], {}).items():
        same = known.get(digest)
        result = results.get(same.id) if same is not None else None
        if same is None or result is None:
            continue
        stage = stages[stage_id]
        if set(stage.outputs) <= set(same.outputs) and _has_columns(new, stage, result.datasets, parameters[1]):
            carried[stage_id] = replace(result, stage_id=stage_id)
    return carried


def fingerprints(
    plan: Plan, parameters: Mapping[str, Any], changed_connectors: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """For each stage a digest of all that its result depends on: its nodes with their configuration and the
    parameters they name, the connectors, what comes in from where, and the same of all stages above. Names of
    stages, positions and labels are no part of it, nor is what is stored of the result."""
    body = with_revisions(plan, (), _NO_PLAN).as_json()
    nodes = {node["id"]: node for node in body["nodes"]}
    stages = {stage["id"]: stage for stage in body["stages"]}
    incoming: dict[str, list[Any]] = defaultdict(list)
    for edge in plan.edges:
        incoming[edge.target].append([edge.source, edge.source_port, edge.target, edge.target_port])
    digests: dict[str, str] = {}
    for stage in plan.stages:
        shape = {name: value for name, value in stages[stage.id].items() if name not in ("id", "after", "outputs")}
        own = [nodes[node_id] for node_id in stage.nodes]
        text = json.dumps([shape, own], sort_keys=True, default=str)
        digests[stage.id] = _digest(
            text,
            [incoming[node_id] for node_id in stage.nodes],
            sorted(digests[before] for before in stage.after),
            {name: as_json(parameters[name]) for name in sorted(set(_WORD.findall(text)) & set(parameters))},
            sorted(changed_connectors.get(stage.id, ())),
        )
    return digests


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _has_columns(plan: Plan, stage: Stage, datasets: Mapping[Port, Dataset], parameters: Mapping[str, Any]) -> bool:
    """Whether rows that were read without the columns that nobody needed have those that someone needs now."""
    for port, dataset in datasets.items():
        node = plan.nodes.get(port[0])
        planned = node.schemas.get(port[1]) if node is not None and port in stage.outputs else None
        if planned is None or planned.dynamic:
            continue
        stored = set(dataset.schema.names)
        if not set(planned.names) <= stored:
            needed = columns_needed(plan, port[0], parameters)
            if needed is None or not set(needed) <= stored:
                return False
    return True


def with_revisions(plan: Plan, run_again: Iterable[str], old: Plan) -> Plan:
    """The plan, in which each of these nodes, which had finished and will run again, has a revision of its
    own: what it does outside UZO is then not taken for done. Others keep that of the old plan."""
    again = set(run_again)
    nodes = {}
    for node_id, node in plan.nodes.items():
        before = old.nodes[node_id].revision if node_id in old.nodes else 0
        nodes[node_id] = replace(node, revision=before + (node_id in again))
    stages = tuple(
        stage if stage.body is None else replace(stage, body=with_revisions(stage.body, again, old))
        for stage in plan.stages
    )
    return replace(plan, nodes=nodes, stages=stages)
