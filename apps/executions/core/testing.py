"""An in-memory house for the engine, for tests of it and of node types."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from apps.executions.core.host import Host
from apps.executions.core.iterations import Iteration
from apps.executions.core.records import NodeState, Parking, StageResult
from apps.kernel.errors import NodeError

T = TypeVar("T")


class FakeHost(Host):
    """Remembers what the engine told it. `cancel_when(host)` is asked each time the engine asks."""

    def __init__(
        self,
        *,
        parameters: Mapping[str, Any] | None = None,
        connectors: Mapping[str, Any] | None = None,
        cancel_when: Callable[[FakeHost], bool] | None = None,
    ) -> None:
        self._parameters = dict(parameters or {})
        self._connectors = dict(connectors or {})
        self._cancel_when = cancel_when
        self.told: list[NodeState] = []
        self.logs: list[tuple[str, str, str]] = []
        self.committed: list[StageResult] = []
        self.traced: dict[tuple[str, str], dict[int, Iteration]] = {}
        self.on_iteration: Callable[[Iteration], None] = lambda _: None
        self.parked: dict[str, Parking] = {}
        self.asked_to_pause = False

    @property
    def execution_id(self) -> str:
        return "execution-1"

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self._parameters

    @property
    def within(self) -> str:
        return ""

    def connector(self, connector_id: str) -> Any:
        if connector_id not in self._connectors:
            raise NodeError("There is no such connector", code="missing_connector")
        return self._connectors[connector_id]

    def node_changed(self, state: NodeState) -> None:
        self.told.append(state)

    def nodes_changed(self, states: Sequence[NodeState]) -> None:
        self.told.extend(states)

    def log(self, node_id: str, level: str, message: str) -> None:
        self.logs.append((node_id, level, message))

    def cancelled(self) -> bool:
        return self._cancel_when is not None and self._cancel_when(self)

    def pausing(self) -> bool:
        return self.asked_to_pause

    def park_stage(self, parking: Parking) -> None:
        self.parked[parking.stage_id] = parking

    def commit_stage(self, result: StageResult) -> None:
        self.parked.pop(result.stage_id, None)
        self.committed.append(StageResult.from_json(result.as_json()))

    def iterations(self, node_id: str, within: str) -> Mapping[int, Iteration]:
        return dict(self.traced.get((node_id, within), {}))

    def commit_iteration(self, iteration: Iteration) -> None:
        state = Iteration.read_state(json.loads(json.dumps(iteration.state_as_json())))
        known = self.traced.setdefault((iteration.node_id, iteration.within), {})
        known[iteration.number] = replace(iteration, **state)
        self.on_iteration(iteration)

    def perform(self, action: Callable[[Any], T]) -> T:
        return action(self)

    def statuses(self, node_id: str) -> list[str]:
        """The states that were told of a node, in order."""
        return [str(state.status) for state in self.told if state.node_id == node_id]
