"""What the engine asks of the house it runs in; Django's side implements it, tests use a fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from apps.executions.core.iterations import Iteration
from apps.executions.core.records import NodeState, Parking, StageResult

T = TypeVar("T")


class Host(Protocol):
    """Every method is called on the thread that called `Execution.run`, never on another."""

    @property
    def execution_id(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Typed values of the workflow's parameters, by name."""
        ...

    @property
    def within(self) -> str:
        """Which iterations of loops the plan is the body of; empty for the plan of an execution."""
        ...

    def connector(self, connector_id: str) -> Any:
        """Open a connector by the right of the version's author; raises NodeError `missing_connector`.
        The engine calls its `close()`, if it has one, once the node is over."""
        ...

    def node_changed(self, state: NodeState) -> None:
        """A hint for people who watch: what is true was told by `commit_stage`."""
        ...

    def nodes_changed(self, states: Sequence[NodeState]) -> None:
        """The same for many at once; a fused stage tells all its nodes together."""
        for state in states:
            self.node_changed(state)

    def log(self, node_id: str, level: str, message: str) -> None: ...

    def cancelled(self) -> bool:
        """Whether the execution is to stop. Asked ten times a second: answer from memory."""
        ...

    def pausing(self) -> bool:
        """Whether the execution is to pause: no stage begins any more. Answer from memory."""
        ...

    def park_stage(self, parking: Parking) -> None:
        """Keep what a parked stage left, in one transaction, until the stage is committed; raises as
        `commit_stage` does."""
        ...

    def commit_stage(self, result: StageResult) -> None:
        """Make a finished stage true, in one transaction; may raise where this worker lost its lease,
        which ends the run."""
        ...

    def iterations(self, node_id: str, within: str) -> Mapping[int, Iteration]:
        """What is known of the iterations of a loop, by number."""
        ...

    def commit_iteration(self, iteration: Iteration) -> None:
        """Make true what an iteration came to, in one transaction; raises as `commit_stage` does."""
        ...

    def perform(self, action: Callable[[Any], T]) -> T:
        """Have the house do something that the engine knows nothing of, in one transaction under the lease;
        the action is called with the house's own idea of the execution. Raises what it raises."""
        ...
