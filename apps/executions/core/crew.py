"""Stages side by side: each on a thread of its own, while one thread alone talks to the house.

A host's database connection belongs to the thread that opened it. So whatever a stage wants of the host
is done by the thread that waits for the crew; stages never notice.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from apps.executions.core.engine import Execution
from apps.executions.core.host import Host
from apps.executions.core.supervision import Desk
from apps.nodes.registry import find
from apps.nodes.types import EffectNodeType
from apps.workflows.core.plan import Plan, Stage

ABREAST = 4
"""Stages that run at once in one execution."""
_FROM_MEMORY = frozenset({"cancelled", "pausing"})
"""What a host answers without its connection."""
_END_SECONDS = 2.0


def _fine() -> None:
    """Nothing to check."""


class Crew:
    """Belongs to the thread that made it; only that thread starts, waits and closes."""

    def __init__(self) -> None:
        self._desk = Desk()
        self._owner = threading.get_ident()
        self._threads: dict[str, threading.Thread] = {}

    @property
    def running(self) -> frozenset[str]:
        """Keys of what was started and not yet waited for."""
        return frozenset(self._threads)

    def host(self, host: Host, *, final: tuple[type[BaseException], ...] = ()) -> Host:
        """The same host for use on any thread: its answers from memory directly, all else on the owner's. Once it
        has raised one of `final` it refuses all else with that: a node that asked, and failed by it, has not failed."""
        return _Distant(self, host, final)  # type: ignore[return-value]

    def start(self, key: str, work: Callable[[], object]) -> None:
        """Do `work` on a thread, in a copy of the present context."""
        context = contextvars.copy_context()

        def body() -> None:
            error: BaseException | None = None
            try:
                context.run(work)
            except BaseException as raised:
                error = raised
            self._desk.leave((key, error))

        self._threads[key] = threading.Thread(target=body, name="uzo-stage", daemon=True)
        self._threads[key].start()

    def wait(self) -> None:
        """Do what the running ask for until one of them is over; raises what it raised."""
        key, error = self._desk.serve()
        self._threads.pop(key).join()
        if error is not None:
            raise error

    def ask(self, action: Callable[[], Any]) -> Any:
        """Have the owner do something; raises what it raises, ExecutionCancelled once the crew is closed."""
        return action() if threading.get_ident() == self._owner else self._desk.ask(action)

    def close(self) -> None:
        """Refuse whatever is still asked for, so that nothing can be told any more; waits a moment for all to go."""
        self._desk.close()
        for thread in self._threads.values():
            thread.join(_END_SECONDS)
        self._threads.clear()


class _Distant:
    """A host behind a crew."""

    def __init__(self, crew: Crew, host: Host, final: tuple[type[BaseException], ...]) -> None:
        self._crew, self._host, self._final = crew, host, final
        self._lost: BaseException | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._host, name)
        if name in _FROM_MEMORY or not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._lost is not None:
                raise self._lost
            try:
                return self._crew.ask(lambda: found(*args, **kwargs))
            except self._final as error:
                self._lost = error
                raise

        return call


def run_abreast(
    execution: Execution, crew: Crew, run: Callable[[Stage], object], check: Callable[[], None] = _fine
) -> None:
    """Run an execution to its end, or to where it pauses: stages that may run at once do, one that is alone
    runs on this thread. `run` is called for each stage, on whichever thread, and calls `execution.run`.
    After each, `check` may raise. Raises what `run` raises; close the crew in any case."""
    stages = {stage.id: stage for stage in execution.plan.stages}
    while crew.running or execution.outcome is None:
        running = [stages[stage_id] for stage_id in crew.running]
        fresh = [stage for stage in execution.ready() if stage.id not in crew.running]
        joining = abreast(execution.plan, fresh, running)
        if len(joining) == 1 and not running:
            run(joining[0])
        elif joining:
            for stage in joining:
                crew.start(stage.id, partial(run, stage))
        elif running:
            crew.wait()
        check()


def abreast(plan: Plan, ready: Iterable[Stage], running: Iterable[Stage]) -> list[Stage]:
    """Those of the ready stages that may join the running ones, first come first.

    One that acts outside UZO has its connectors for itself: two writers of a file would refuse each other,
    and what reads a table while it is written would see one state or the other by chance.
    """
    together = list(running)
    joining: list[Stage] = []
    for stage in ready:
        if len(together) >= ABREAST:
            break
        if all(_get_along(plan, stage, other) for other in together):
            together.append(stage)
            joining.append(stage)
    return joining


def _get_along(plan: Plan, one: Stage, other: Stage) -> bool:
    if not (_acts(plan, one) or _acts(plan, other)):
        return True
    return not _connectors(plan, one) & _connectors(plan, other)


def _acts(plan: Plan, stage: Stage) -> bool:
    if stage.kind == "fused":
        return False
    for node_id in stage.nodes:
        node_type = find(plan.nodes[node_id].category, plan.nodes[node_id].operation)
        if isinstance(node_type, EffectNodeType) and node_type.has_external_effect:
            return True
    return False


def _connectors(plan: Plan, stage: Stage) -> set[str]:
    return {node.connector_id for node_id in stage.nodes if (node := plan.nodes[node_id]).connector_id is not None}
