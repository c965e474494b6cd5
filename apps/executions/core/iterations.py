"""Iterations of a loop: what is known of each, so that none that is over runs again. JSON in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from apps.executions.core.dataset import Dataset
from apps.executions.core.records import Failure, NodeState, Parking, StageResult
from apps.executions.core.states import NodeStatus
from apps.workflows.core.plan import Port

MAX_TRACED_NODES = 100
"""Nodes of the body that an iteration says something of; in larger bodies only those that failed."""


@dataclass(frozen=True, slots=True)
class Iteration:
    """One iteration of the loop `node_id`.

    `within` says which iterations of the loops around it the loop is in: empty outside of loops. `number`
    counts from 0. `fingerprint` stands for all that it depends on: an iteration with another one is none of
    this run. `nodes` is its trace. While it is not over, `stages` and `parked` are what it has come to.
    `datasets` are the ports that are put together when the loop is over.
    """

    node_id: str
    within: str
    number: int
    fingerprint: str
    status: NodeStatus
    started_at: datetime | None = None
    finished_at: datetime | None = None
    rows_in: int | None = None
    rows_out: int | None = None
    error: Failure | None = None
    failed_node: str | None = None
    warnings: int = 0
    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    datasets: Mapping[Port, Dataset] = field(default_factory=dict)
    stages: Mapping[str, StageResult] = field(default_factory=dict)
    parked: Mapping[str, Parking] = field(default_factory=dict)

    @property
    def all_datasets(self) -> list[Dataset]:
        """Rows that this iteration, or going on with it, needs."""
        of_stages = [each for result in self.stages.values() for each in result.datasets.values()]
        return [*self.datasets.values(), *of_stages]

    def state_as_json(self) -> dict[str, Any]:
        """What going on with it, or putting its rows together, needs beside its columns in the trace."""
        return {
            "datasets": [[*port, dataset.as_json()] for port, dataset in self.datasets.items()],
            "stages": [result.as_json() for result in self.stages.values()],
            "parked": [_parking_json(parking) for parking in self.parked.values()],
        }

    @staticmethod
    def read_state(value: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that `state_as_json` wrote."""
        stages = [StageResult.from_json(each) for each in value.get("stages", ())]
        parked = [_parking_from_json(each) for each in value.get("parked", ())]
        return {
            "datasets": {(node, port): Dataset.from_json(each) for node, port, each in value.get("datasets", ())},
            "stages": {each.stage_id: each for each in stages},
            "parked": {each.stage_id: each for each in parked},
        }


def trace(states: Mapping[str, NodeState]) -> dict[str, dict[str, Any]]:
    """The nodes of an iteration in brief."""
    few = len(states) <= MAX_TRACED_NODES
    brief: dict[str, dict[str, Any]] = {}
    for node_id, state in states.items():
        if few or state.status is NodeStatus.FAILED:
            error = state.error
            brief[node_id] = {
                "status": str(state.status),
                "duration_ms": state.duration_ms,
                "rows_in": state.rows_in,
                "rows_out": state.rows_out,
                "error": None if error is None else {"code": error.code, "message": error.message[:500]},
            }
    return brief


def _parking_json(parking: Parking) -> dict[str, Any]:
    body = {each.name: getattr(parking, each.name) for each in fields(Parking)}
    for name in ("until", "started_at", "since"):
        body[name] = None if body[name] is None else body[name].isoformat()
    return {**body, "state": dict(parking.state)}


def _parking_from_json(body: Mapping[str, Any]) -> Parking:
    moments = {
        name: None if body[name] is None else datetime.fromisoformat(body[name])
        for name in ("until", "started_at", "since")
    }
    return Parking(**{**body, **moments})
