"""A node that waits for long parks: its stage stays open, and it is asked again with what it left."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

import apps.executions.nodes
from apps.executions.core import parking
from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.kernel import clock
from apps.nodes.registry import load, register
from apps.nodes.types import Frames, Parked, RunContext, RunResult
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import compile_plan
from tests.unit.harbour import Quay, diagram, node

load(apps.executions.nodes)


@register
class Lock(Quay):
    """Waits for the lock keeper: the connector `keeper`, a list of the ships that may pass."""

    operation = "lock"
    has_external_effect: ClassVar[bool] = False

    def run(self, config: Any, inputs: Frames, context: RunContext) -> RunResult | Parked:
        asked = (context.parked_state or {"asked": 0})["asked"] + 1
        if context.node_id not in context.connector("keeper"):
            return Parked("approval", state={"asked": asked})
        context.forward("output")
        return RunResult(scalars={"asked": asked})


class House:
    """A host, a store and a plan, in which one worker after another sits."""

    def __init__(self, folder: Path, drawn: dict[str, Any], **connectors: Any) -> None:
        self.plan = compile_plan(analyse(drawn))
        self.store = RunStore(folder).of_execution("harbour", "run-1")
        self.host = FakeHost(connectors={"quay": [], **connectors})

    def sit(self) -> Execution:
        """A new worker, which knows what the others left, works as far as it gets."""
        execution = Execution(
            self.plan,
            host=self.host,
            store=self.store,
            finished={result.stage_id: result for result in self.host.committed},
            parked=dict(self.host.parked),
            luck=lambda: 0.0,
        )
        execution.run_all()
        return execution


def statuses(execution: Execution) -> dict[str, str]:
    return {node_id: str(state.status) for node_id, state in execution.states.items()}


def locked() -> dict[str, Any]:
    drawn = [node("ida", "ship", cargo=[1]), node("gate", "lock"), node("q", "quay"), node("dry", "ship", cargo=[5])]
    return diagram(drawn, "ida -> gate", "gate -> q")


def test_it_parks_once_nothing_else_can_run_and_its_node_stays_running(tmp_path: Path) -> None:
    house = House(tmp_path, locked(), keeper=[])
    execution = house.sit()
    assert execution.outcome is not None
    assert (execution.outcome.status, execution.outcome.waiting_for) == ("paused", "approval")
    assert execution.outcome.wake_at is None
    assert statuses(execution) == {"ida": "success", "gate": "running", "q": "pending", "dry": "success"}


def test_another_worker_goes_on_with_what_the_node_left(tmp_path: Path) -> None:
    keeper: list[str] = []
    house = House(tmp_path, locked(), keeper=keeper)
    began = house.sit().states["gate"].started_at
    house.sit()
    keeper.append("gate")
    execution = house.sit()
    assert execution.outcome is not None
    assert execution.outcome.status == "success"
    [scalars] = [result.scalars["gate"] for result in house.host.committed if result.scalars]
    assert scalars == {"asked": 3}
    assert execution.states["gate"].started_at == began
    assert house.host.parked == {}
    assert [result.stage_id for result in house.host.committed].count("s1") == 1, "what was finished ran once"


def test_it_can_be_cancelled_where_it_waits(tmp_path: Path) -> None:
    house = House(tmp_path, locked(), keeper=[])
    house.sit()
    house.host._cancel_when = lambda _: True
    execution = house.sit()
    assert execution.outcome is not None
    assert execution.outcome.status == "cancelled"
    assert statuses(execution)["gate"] == "cancelled"


def test_a_failure_elsewhere_ends_what_waits(tmp_path: Path) -> None:
    drawn = diagram([*locked()["nodes"], node("sunk", "wreck")], "ida -> gate", "gate -> q", "dry -> sunk")
    execution = House(tmp_path, drawn, keeper=[]).sit()
    assert execution.outcome is not None
    assert (execution.outcome.status, execution.outcome.failed_node) == ("failed", "sunk")
    assert statuses(execution)["gate"] == "skipped"


def wait(**config: Any) -> dict[str, Any]:
    return node("w", "wait", category="control", **config)


def test_a_long_wait_parks_until_its_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path, diagram([wait(seconds=3600)]))
    began = clock.now()
    paused = house.sit().outcome
    assert paused is not None
    assert (paused.status, paused.waiting_for) == ("paused", "wait")
    assert paused.wake_at is not None
    assert timedelta(seconds=3599) < paused.wake_at - began < timedelta(seconds=3610)

    again = house.sit().outcome  # woken too early: it waits for the same moment
    assert again is not None
    assert again.wake_at == paused.wake_at

    at(monkeypatch, paused.wake_at)
    over = house.sit().outcome
    assert over is not None
    assert over.status == "success"


def test_a_short_wait_stays_where_it_is(tmp_path: Path) -> None:
    house = House(tmp_path, diagram([wait(seconds=0.2)]))
    over = house.sit().outcome
    assert over is not None
    assert over.status == "success"
    assert house.host.parked == {}


def test_the_time_limit_of_a_node_goes_on_while_it_is_parked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path, diagram([wait(seconds=3600, timeout=60)]))
    paused = house.sit().outcome
    assert paused is not None
    assert paused.wake_at is not None
    assert paused.wake_at - clock.now() <= timedelta(seconds=60)
    at(monkeypatch, paused.wake_at)
    over = house.sit().outcome
    assert over is not None
    assert over.error is not None
    assert (over.status, over.error.code) == ("failed", "timeout")


def test_a_node_cannot_keep_more_than_64_kb_while_it_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lock, "run", lambda *_: Parked("approval", state={"all": "x" * 70_000}))
    over = House(tmp_path, locked()).sit().outcome
    assert over is not None
    assert over.error is not None
    assert over.error.code == "parked_state_too_large"


def test_asked_to_pause_it_finishes_what_runs_and_begins_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, diagram([node("ida", "ship", cargo=[1]), node("q", "quay")], "ida -> q"))
    commit = house.host.commit_stage

    def pause_after(result: Any) -> None:
        commit(result)
        house.host.asked_to_pause = True

    house.host.commit_stage = pause_after  # type: ignore[method-assign]
    paused = house.sit()
    assert paused.outcome is not None
    assert (paused.outcome.status, paused.outcome.waiting_for) == ("paused", "resume")
    assert statuses(paused) == {"ida": "success", "q": "pending"}

    house.host.asked_to_pause, house.host.commit_stage = False, commit  # type: ignore[method-assign]
    over = house.sit().outcome
    assert over is not None
    assert over.status == "success"


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let it be that moment for nodes and parkings."""
    later = moment + timedelta(milliseconds=1)
    monkeypatch.setattr(parking, "now", lambda: later)
    monkeypatch.setattr("apps.executions.nodes.wait.now", lambda: later)
