"""The board: what every node of one execution came to, and what that lets run next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from apps.executions.core.dataset import Dataset
from apps.executions.core.records import NodeState, StageResult
from apps.executions.core.states import NodeStatus
from apps.executions.core.store import RunStore
from apps.kernel.errors import NodeError
from apps.nodes.registry import find
from apps.nodes.types import EffectNodeType
from apps.workflows.core.plan import Plan, PlanEdge, Port, Stage


class Board:
    """Knows the results so far; decides nothing but what follows from them."""

    def __init__(self, plan: Plan, given: Mapping[Port, Dataset]) -> None:
        self._plan = plan
        self._given = given
        self.states: dict[str, NodeState] = {}
        self.results: dict[str, StageResult] = {}
        self.datasets: dict[Port, Dataset] = dict(given)
        self._scalars: dict[str, Mapping[str, Any]] = {}
        self._branches: dict[str, tuple[str, ...]] = {}
        self._failed: NodeState | None = None
        self._open = {stage.id: stage for stage in plan.stages}
        self._waits_for = {stage.id: len(stage.after) for stage in plan.stages}
        self._behind: dict[str, list[str]] = defaultdict(list)
        self._unblocked = {stage.id: stage for stage in plan.stages if not stage.after}
        for stage in plan.stages:
            for before in stage.after:
                self._behind[before].append(stage.id)
        self._incoming: dict[str, list[PlanEdge]] = defaultdict(list)
        for edge in plan.edges:
            self._incoming[edge.target].append(edge)

    def settle(self, result: StageResult) -> None:
        """Take in the result of a stage."""
        self.results[result.stage_id] = result
        self._unblocked.pop(result.stage_id, None)
        if self._open.pop(result.stage_id, None) is not None:
            for stage_id in self._behind[result.stage_id]:
                self._waits_for[stage_id] -= 1
                if not self._waits_for[stage_id] and stage_id in self._open:
                    self._unblocked[stage_id] = self._open[stage_id]
        for state in result.nodes:
            if state.status is NodeStatus.FAILED and not self._answered_for(state.node_id):
                self._failed = self._failed or state
        self.states.update((state.node_id, state) for state in result.nodes)
        self.datasets.update(result.datasets)
        self._scalars.update(result.scalars)
        self._branches.update(result.branches)

    @property
    def failed(self) -> NodeState | None:
        """The first node whose failure nobody handles."""
        return self._failed

    @property
    def open(self) -> list[Stage]:
        """Stages that are not over, in the order of the plan."""
        return list(self._open.values())

    @property
    def unblocked(self) -> list[Stage]:
        """Stages that are not over and wait for no other."""
        return list(self._unblocked.values())

    @property
    def handled_failures(self) -> list[NodeState]:
        return [
            state
            for state in self.states.values()
            if state.status is NodeStatus.FAILED
            and self._plan.nodes[state.node_id].handled
            and self._plan.nodes[state.node_id].loop is None
        ]

    def _answered_for(self, node_id: str) -> bool:
        """Whether a failure of the node is handled, or is its loop's business."""
        node = self._plan.nodes[node_id]
        return node.handled or node.loop is not None

    @property
    def warnings(self) -> int:
        """What nodes warned of without failing: rules of a check that rows broke."""
        return sum(sum(result.warnings.values()) for result in self.results.values())

    def incoming(self, node_id: str) -> list[PlanEdge]:
        return self._incoming[node_id]

    def reached(self, stage: Stage) -> frozenset[str]:
        """The nodes of a stage that rows, or the turn, come to: the others are skipped."""
        reached: set[str] = set()
        own = set(stage.nodes)
        for node_id in stage.nodes:
            if all(self._ran(source) for source in self._plan.nodes[node_id].waits if source not in own):
                alive = [
                    edge.source in reached if edge.source in own and edge.port not in self._given else self._live(edge)
                    for edge in self._incoming[node_id]
                ]
                if not alive or (any(alive) if self._takes_any(node_id) else all(alive)):
                    reached.add(node_id)
        return frozenset(reached)

    def _takes_any(self, node_id: str) -> bool:
        node = self._plan.nodes[node_id]
        node_type = find(node.category, node.operation)
        return isinstance(node_type, EffectNodeType) and node_type.any_input

    def _ran(self, node_id: str) -> bool:
        state = self.states.get(node_id)
        return state is not None and state.status is NodeStatus.SUCCESS

    def _live(self, edge: PlanEdge) -> bool:
        if edge.port in self._given:
            return True
        state = self.states.get(edge.source)
        if state is None:
            return False
        if edge.source_port == "error":
            return state.status is NodeStatus.FAILED and edge.port in self.datasets
        if state.status is not NodeStatus.SUCCESS:
            return False
        taken = self._branches.get(edge.source)
        return taken is None or edge.source_port in taken

    def inputs_of(self, stage: Stage) -> dict[str, list[tuple[PlanEdge, Dataset | None]]]:
        """For each node of a stage the edges that bring it rows. The dataset is None for an edge inside
        the stage, and for one whose source has no rows to give (a control node without an input)."""
        own = set(stage.nodes)
        return {
            node_id: [
                (edge, self.datasets.get(edge.port))
                for edge in self._incoming[node_id]
                if edge.source in own or self._live(edge)
            ]
            for node_id in stage.nodes
        }

    def scalars_of(self, stage: Stage, store: RunStore) -> dict[str, dict[str, Any]]:
        """For each node that reads upstream scalars: their values by name."""
        return {
            node_id: {name: self._scalar(source, name, store) for name, source in node.scalars.items()}
            for node_id in stage.nodes
            if (node := self._plan.nodes[node_id]).scalars and all(map(self._ran, node.scalars.values()))
        }

    def _scalar(self, source: str, name: str, store: RunStore) -> Any:
        set_by_node = self._scalars.get(source, {})
        if name in set_by_node:
            return set_by_node[name]
        port = self._plan.nodes[source].primary
        dataset = self.datasets.get((source, port)) if port is not None else None
        if dataset is None or len(dataset.schema) != 1 or dataset.rows > 1:
            shape = "no rows" if dataset is None else f"{dataset.rows:,} rows of {len(dataset.schema)} columns"
            return ScalarMissing(name, shape)
        return store.scan(dataset).collect().item() if dataset.rows else None


class ScalarMissing:
    """A `{{ name }}` whose upstream gave no single value; a node that uses it fails."""

    def __init__(self, name: str, shape: str) -> None:
        self.name = name
        self.shape = shape

    def error(self) -> NodeError:
        return NodeError(
            f"{{{{ {self.name} }}}} should be one value, but its node gave {self.shape}",
            code="not_scalar",
            remedy="Aggregate it to one row and select one column first.",
        )


def check_scalars(values: Iterable[Any]) -> None:
    """Raise NodeError `not_scalar` if one of the values is missing."""
    for value in values:
        if isinstance(value, ScalarMissing):
            raise value.error()
