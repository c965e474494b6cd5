"""The house as one iteration of a loop finds it: what the loop's own house says, over its desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from apps.executions.core.host import Host
from apps.executions.core.iterations import Iteration
from apps.executions.core.records import NodeState, Parking, StageResult
from apps.executions.core.supervision import Desk

T = TypeVar("T")


class IterationHost(Host):
    """Lives on the iteration's own thread; what only the house's thread may do goes over `desk`.

    `iteration` is what is to be kept of it: stages that are over, and what parked. `keeps` says whether that
    is made true stage by stage: where the body is one stage, the iteration itself is.
    """

    def __init__(
        self,
        outer: Host,
        desk: Desk,
        *,
        iteration: Iteration,
        parameters: Mapping[str, Any],
        keeps: bool,
        tell: Callable[[Sequence[NodeState]], None],
    ) -> None:
        self._outer = outer
        self._desk = desk
        self._parameters = parameters
        self._keeps = keeps
        self._tell = tell
        self.iteration = iteration

    @property
    def execution_id(self) -> str:
        """Names the iteration over these very rows: a write that was made of others is not taken for this one."""
        each = self.iteration
        return f"{self._outer.execution_id}:{each.node_id}:{each.number}:{each.fingerprint[:16]}"

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self._parameters

    @property
    def within(self) -> str:
        each = self.iteration
        return f"{each.within}{each.node_id}:{each.number}/"

    def connector(self, connector_id: str) -> Any:
        return self._desk.ask(lambda: self._outer.connector(connector_id))

    def node_changed(self, state: NodeState) -> None:
        self._tell([state])

    def nodes_changed(self, states: Sequence[NodeState]) -> None:
        self._tell(states)

    def log(self, node_id: str, level: str, message: str) -> None:
        text = f"Iteration {self.iteration.number + 1}: {message}"
        self._desk.ask(lambda: self._outer.log(node_id, level, text))

    def cancelled(self) -> bool:
        return self._desk.closed or self._outer.cancelled()

    def pausing(self) -> bool:
        return self._outer.pausing()

    def park_stage(self, parking: Parking) -> None:
        self._keep(replace(self.iteration, parked={**self.iteration.parked, parking.stage_id: parking}))

    def commit_stage(self, result: StageResult) -> None:
        parked = {stage: each for stage, each in self.iteration.parked.items() if stage != result.stage_id}
        done = replace(
            self.iteration, stages={**self.iteration.stages, result.stage_id: result}, parked=parked
        )  # fmt: skip
        if self._keeps:
            self._keep(done)
        else:
            self.iteration = done

    def iterations(self, node_id: str, within: str) -> Mapping[int, Iteration]:
        return self._desk.ask(lambda: self._outer.iterations(node_id, within))

    def commit_iteration(self, iteration: Iteration) -> None:
        self._desk.ask(lambda: self._outer.commit_iteration(iteration))

    def perform(self, action: Callable[[Any], T]) -> T:
        return self._desk.ask(lambda: self._outer.perform(action))

    def _keep(self, iteration: Iteration) -> None:
        self._desk.ask(lambda: self._outer.commit_iteration(iteration))
        self.iteration = iteration
