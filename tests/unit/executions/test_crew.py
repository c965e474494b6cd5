"""Stages side by side: at once where they may, each asking the house over one thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from apps.executions.core.crew import Crew, abreast, run_abreast
from apps.executions.core.engine import Execution
from apps.executions.core.records import NodeState, StageResult
from apps.executions.core.states import NodeStatus
from apps.executions.core.store import RunStore
from apps.executions.core.supervision import ExecutionCancelled
from apps.executions.core.testing import FakeHost
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import Plan, Stage, compile_plan
from tests.unit.harbour import diagram, node, rows


class OneThreadHost(FakeHost):
    """A house whose connection belongs to the thread that opened it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.owner = threading.get_ident()
        self.strangers: list[str] = []

    def _here(self, name: str) -> None:
        if threading.get_ident() != self.owner:
            self.strangers.append(name)

    def connector(self, connector_id: str) -> Any:
        self._here("connector")
        return super().connector(connector_id)

    def nodes_changed(self, states: Sequence[NodeState]) -> None:
        self._here("nodes_changed")
        super().nodes_changed(states)

    def commit_stage(self, result: StageResult) -> None:
        self._here("commit_stage")
        super().commit_stage(result)


FLEET = diagram(
    [
        node("ida", "ship", cargo=[1, 2]),
        node("una", "ship", cargo=[2, 3]),
        node("both", "stack"),
        node("west", "quay"),
    ],
    "ida -> both",
    "una -> both",
    "both -> west",
)


def begin(drawn: Mapping[str, Any], folder: Path, crew: Crew, host: FakeHost) -> tuple[Execution, RunStore]:
    store = RunStore(folder).of_execution("harbour", "run-1")
    return Execution(compile_plan(analyse(drawn)), host=crew.host(host), store=store), store


def test_independent_stages_run_at_once_and_dependent_ones_after_them(tmp_path: Path) -> None:
    crew, host = Crew(), OneThreadHost(connectors={"quay": []})
    execution, store = begin(FLEET, tmp_path, crew, host)
    together = threading.Barrier(2, timeout=20)

    def run(stage: Stage) -> None:
        if stage.nodes[0] in ("ida", "una"):
            together.wait()  # breaks unless both are here
        execution.run(stage)

    run_abreast(execution, crew, run)
    crew.close()
    assert execution.outcome is not None
    assert execution.outcome.status == "success"
    assert rows(execution, store, "west") == [1, 2, 2, 3]
    assert [result.stage_id for result in host.committed][2:] == [stage.id for stage in execution.plan.stages[2:]]


def test_the_house_is_asked_on_the_thread_that_waits(tmp_path: Path) -> None:
    crew, host = Crew(), OneThreadHost(connectors={"quay": []})
    execution, _ = begin(FLEET, tmp_path, crew, host)
    run_abreast(execution, crew, execution.run)
    crew.close()
    assert host.strangers == []
    assert len(host.committed) == len(execution.plan.stages)


def test_what_is_skipped_on_several_threads_is_committed_once(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship"), node("una", "ship"), node("reef", "wreck", continueOnError=True), node("bank", "wreck"),
         node("lost", "add"), node("gone", "add")],
        "ida -> reef", "una -> bank", "reef -> lost", "bank -> gone",
    )  # fmt: skip
    crew, host = Crew(), OneThreadHost()
    execution, _ = begin(drawn, tmp_path, crew, host)
    run_abreast(execution, crew, execution.run)
    crew.close()
    committed = [result.stage_id for result in host.committed]
    assert sorted(committed) == sorted(stage.id for stage in execution.plan.stages)
    assert execution.outcome is not None
    assert execution.outcome.failed_node == "bank"


def test_a_host_that_refuses_ends_the_run_and_all_that_ran_beside(tmp_path: Path) -> None:
    class Gone(Exception):
        pass

    class LosingHost(OneThreadHost):
        def commit_stage(self, result: StageResult) -> None:
            raise Gone

    crew, host = Crew(), LosingHost()
    execution, _ = begin(FLEET, tmp_path, crew, host)
    with pytest.raises(Gone):
        run_abreast(execution, crew, execution.run)
    crew.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "uzo-stage"]
    assert host.committed == []


def test_a_node_that_fails_since_the_house_is_away_has_not_failed(tmp_path: Path) -> None:
    """The house is back before the stage ends: what it would be told then is not true."""

    class Away(Exception):
        pass

    class RestartingHost(FakeHost):
        def connector(self, connector_id: str) -> Any:
            raise Away

    crew, host = Crew(), RestartingHost(connectors={"quay": []})
    store = RunStore(tmp_path).of_execution("harbour", "run-1")
    plan = compile_plan(analyse(diagram([node("ida", "ship", cargo=[1]), node("west", "quay")], "ida -> west")))
    execution = Execution(plan, host=crew.host(host, final=(Away,)), store=store)
    with pytest.raises(Away):
        run_abreast(execution, crew, execution.run)
    crew.close()
    told = [state.status for result in host.committed for state in result.nodes]
    assert NodeStatus.FAILED not in told


def test_a_closed_crew_lets_nobody_tell_anything() -> None:
    crew, host = Crew(), FakeHost()
    refused: list[bool] = []

    def tell() -> None:
        try:
            crew.host(host).log("ida", "info", "too late")
        except ExecutionCancelled:
            refused.append(True)

    crew.close()
    thread = threading.Thread(target=tell)
    thread.start()
    thread.join()
    assert refused == [True]
    assert host.logs == []


def plan_of(*nodes: dict[str, Any]) -> Plan:
    return compile_plan(analyse(diagram(nodes)))


def joining(plan: Plan, running: int = 0) -> list[str]:
    return [stage.nodes[0] for stage in abreast(plan, plan.stages[running:], plan.stages[:running])]


def harbour_node(node_id: str, operation: str, connector: str) -> dict[str, Any]:
    drawn = node(node_id, operation)
    drawn["data"]["connectorId"] = connector
    return drawn


def test_what_only_reads_shares_a_connector() -> None:
    plan = plan_of(harbour_node("ida", "ship", "kiel"), harbour_node("una", "ship", "kiel"))
    assert joining(plan) == ["ida", "una"]


def test_what_acts_has_its_connector_for_itself() -> None:
    drawn = diagram(
        [node("ida", "ship"), harbour_node("west", "quay", "kiel"), harbour_node("east", "quay", "kiel"),
         harbour_node("oslo", "quay", "oslo")],
        "ida -> west", "ida -> east", "ida -> oslo",
    )  # fmt: skip
    assert joining(compile_plan(analyse(drawn)), running=1) == ["west", "oslo"]


def test_no_more_than_four_run_at_once() -> None:
    plan = plan_of(*(node(f"ship{number}", "ship") for number in range(7)))
    assert len(joining(plan)) == 4
    assert len(joining(plan, running=3)) == 1
