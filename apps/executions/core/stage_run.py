"""What running one stage needs, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from apps.executions.core.board import check_scalars
from apps.executions.core.dataset import Dataset
from apps.executions.core.host import Host
from apps.executions.core.node_failures import explain
from apps.executions.core.pruning import columns_needed
from apps.executions.core.records import Failure, NodeState, Parking
from apps.executions.core.rows_so_far import RowsSoFar
from apps.executions.core.run_context import LowerValues, NodeRun
from apps.executions.core.states import NodeStatus
from apps.executions.core.store import RunStore
from apps.executions.core.supervision import Desk
from apps.kernel.clock import now
from apps.kernel.errors import NodeError
from apps.nodes.columns import Schema
from apps.nodes.config import NodeConfig
from apps.nodes.registry import find
from apps.nodes.types import NodeType
from apps.transforms.schemas import remember
from apps.workflows.core.analysis import ERROR_SCHEMA
from apps.workflows.core.node_config import read_config
from apps.workflows.core.parameters import type_of
from apps.workflows.core.plan import Plan, PlanEdge, PlanNode, Port, Stage
from apps.workflows.core.templating import fill

MOST_ROWS = 1_000_000_000
"""What a join of each row with each may come to, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class StageRun:
    """All that a stage needs. `reached`: its nodes that run; `inputs`: for each node the edges that bring
    it rows, with their dataset; `scalars`: upstream scalars by node; `parked`: what its node left when it
    parked, with an earlier worker or a moment ago."""

    stage: Stage
    plan: Plan
    host: Host
    store: RunStore
    reached: frozenset[str]
    inputs: Mapping[str, list[tuple[PlanEdge, Dataset | None]]]
    scalars: Mapping[str, Mapping[str, Any]]
    sample: int | None
    luck: Callable[[], float]
    tell: Callable[[Sequence[NodeState]], None]
    parked: Parking | None = None
    most_rows: int = MOST_ROWS

    def values_for(self, node_id: str) -> LowerValues:
        """Typed values by name; raises NodeError `not_scalar`."""
        scalars = self.scalars.get(node_id, {})
        check_scalars(scalars.values())
        types = {**self.plan.parameter_types, **{name: type_of(value) for name, value in scalars.items()}}
        return LowerValues({**self.host.parameters, **scalars}, types)

    def values_of(self, node_id: str) -> Mapping[str, Any]:
        """Upstream scalars that a node names; raises NodeError `not_scalar`."""
        scalars = self.scalars.get(node_id, {})
        check_scalars(scalars.values())
        return scalars

    def scan(self, port: Port, dataset: Dataset) -> pl.LazyFrame:
        """Rows of a port, with all the columns that it was planned to have: those that nobody needs may
        not have been read, and are null."""
        frame, planned = self.store.scan(dataset), self.planned(port)
        if planned is None or planned.dynamic or len(planned) <= len(dataset.schema):
            return remember(frame, dataset.schema)
        stored = {column.name: column for column in dataset.schema}
        missing = [column for column in planned if column.name not in stored]
        if len(planned) != len(stored) + len(missing):
            return remember(frame, dataset.schema)
        padded = frame.with_columns(
            [pl.lit(None, dtype=column.type.to_polars()).alias(column.name) for column in missing]
        )
        # What was read may have another type by now than what was planned.
        return remember(padded.select(planned.names), Schema(tuple(stored.get(each.name, each) for each in planned)))

    def planned(self, port: Port) -> Schema | None:
        node = self.plan.nodes.get(port[0])
        return node.schemas.get(port[1]) if node is not None else None

    def context(
        self,
        node: PlanNode,
        values: LowerValues,
        desk: Desk,
        *,
        attempt: int,
        parked: Parking | None = None,
        so_far: RowsSoFar,
        condition: tuple[str, Mapping[str, Any]] | None = None,
    ) -> NodeRun:
        inputs: dict[str, list[Dataset]] = {}
        for edge, dataset in self.inputs[node.id]:
            if dataset is not None:
                inputs.setdefault(edge.target_port, []).append(dataset)
        return NodeRun(
            node=node,
            values=values,
            attempt=attempt,
            parked_state=None if parked is None else parked.state,
            inputs=inputs,
            sample=self.sample,
            prune=lambda: columns_needed(self.plan, node.id, self.host.parameters),
            host=self.host,
            store=self.store,
            desk=desk,
            so_far=so_far,
            condition=condition,
        )


def typed(node: PlanNode, values: Mapping[str, Any]) -> tuple[NodeType, NodeConfig]:
    """The node's type and its config with values in place of names; raises NodeError `invalid_config`
    where a value does not fit, `unknown_operation` for a type that this installation does not have."""
    node_type = find(node.category, node.operation)
    if node_type is None:
        raise NodeError(f"There is no {node.category}.{node.operation} here", code="unknown_operation")
    config = read_config(node_type.Config, fill(node.config, node_type.Config, values.__getitem__))
    if isinstance(config, NodeConfig):
        return node_type, config
    problems = "; ".join(f"{problem.field}: {problem.message}" for problem in config)
    raise NodeError(f"The config does not fit its values: {problems}", code="invalid_config")


def failed(node_id: str, error: BaseException, started: datetime, *, attempt: int) -> NodeState:
    """The state of a node that failed just now."""
    failure = Failure.of(explain(error) or error)
    return NodeState(node_id, NodeStatus.FAILED, started_at=started, finished_at=now(), attempt=attempt, error=failure)


def error_port(run: StageRun, state: NodeState) -> dict[Port, Dataset]:
    """The row that leaves by the error port, where an edge leaves from it."""
    node = run.plan.nodes[state.node_id]
    if not node.error_port or state.error is None:
        return {}
    row = {
        "node_id": [state.node_id],
        "code": [state.error.code],
        "message": [state.error.message],
        "attempt": [state.attempt],
        "at": [state.finished_at],
    }
    frame = pl.LazyFrame(row, schema=ERROR_SCHEMA.to_polars())
    return {(state.node_id, "error"): run.store.write_frame(frame, ERROR_SCHEMA)}
