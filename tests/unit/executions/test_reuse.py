"""What finished stages are worth in another sitting: after a failure, in a newer version, from a node on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.executions.core.engine import Execution
from apps.executions.core.reuse import above, behind, carried_over, fingerprints, still_true, with_revisions
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import Plan, compile_plan
from tests.unit.harbour import diagram, execute, node


def plan_of(drawn: dict[str, Any], **given: Any) -> Plan:
    return Plan.from_json(compile_plan(analyse(drawn, values=given)).as_json())


def nodes_of(plan: Plan, stage_ids: Any) -> set[str]:
    return {node_id for stage in plan.stages if stage.id in stage_ids for node_id in stage.nodes}


def fleet(*, add: int = 1, more: tuple[dict[str, Any], ...] = (), edges: tuple[str, ...] = ()) -> dict[str, Any]:
    """Two ways from two ships; one is unloaded, one sinks."""
    return diagram(
        [
            node("ida", "ship", cargo=[1, 2]),
            node("load", "add", add=add),
            node("quay", "quay"),
            node("anna", "ship", cargo=[9]),
            node("wreck", "wreck"),
            node("below", "total"),
            *more,
        ],
        "ida -> load",
        "load -> quay",
        "anna -> wreck",
        "wreck -> below",
        *edges,
    )


def test_after_a_failure_what_finished_stays_and_what_failed_or_was_skipped_runs_again(tmp_path: Path) -> None:
    execution, _, _ = execute(fleet(), tmp_path)
    kept = still_true(execution.plan, execution.results)
    left = nodes_of(execution.plan, {stage.id for stage in execution.plan.stages} - set(kept))
    assert {"wreck", "below"} <= left
    assert "anna" not in left


def test_a_handled_failure_stays_with_what_it_led_to(tmp_path: Path) -> None:
    drawn = diagram(
        [node("ida", "ship", cargo=[1]), node("wreck", "wreck"), node("buoy", "quay"), node("port", "wreck")],
        "ida -> wreck",
        "wreck.error -> buoy",
        "ida -> port",
    )
    drawn["nodes"][2]["data"]["config"] = {"operation": "wreck", "continueOnError": True}
    execution, _, _ = execute(drawn, tmp_path)
    kept = nodes_of(execution.plan, still_true(execution.plan, execution.results))
    assert {"ida", "wreck"} <= kept
    assert "port" not in kept


def test_the_engine_goes_on_from_what_is_kept(tmp_path: Path) -> None:
    execution, host, store = execute(fleet(), tmp_path)
    unloaded = list(host.connector("quay"))
    kept = still_true(execution.plan, execution.results)
    again = Execution(execution.plan, host=host, store=store, finished=kept)
    again.run_all()
    assert again.outcome is not None
    assert again.outcome.failed_node == "wreck"
    assert host.statuses("anna").count("running") == 1, "what had finished did not run again"
    assert host.connector("quay")[: len(unloaded)] == unloaded


def test_moving_and_naming_change_nothing(tmp_path: Path) -> None:
    drawn, moved = fleet(), fleet()
    moved["nodes"].reverse()
    for each in moved["nodes"]:
        each["position"] = {"x": 7, "y": 7}
        each["data"]["label"] = "other"
    one, other = fingerprints(plan_of(drawn), {}, {}), fingerprints(plan_of(moved), {}, {})
    assert set(one.values()) == set(other.values())


def test_a_change_concerns_its_stage_and_all_below_and_nothing_else() -> None:
    old, new = plan_of(fleet()), plan_of(fleet(add=2))
    before, after = fingerprints(old, {}, {}), fingerprints(new, {}, {})
    unchanged = {stage.id for stage in new.stages if after[stage.id] in before.values()}
    assert nodes_of(new, unchanged) >= {"ida", "anna", "wreck", "below"}
    assert not nodes_of(new, unchanged) & {"load", "quay"}


@pytest.mark.parametrize(("name", "same"), [("least", False), ("other", True)])
def test_only_a_parameter_that_is_named_matters(name: str, same: bool) -> None:
    plan = plan_of(diagram([node("ida", "ship"), node("a", "above", above="{{ least }}")], "ida -> a"), least=1)
    values = {"least": 1, "other": 1}
    changed = fingerprints(plan, {**values, name: 2}, {})
    assert (fingerprints(plan, values, {}) == changed) is same


def test_a_connector_that_was_changed_since_makes_its_stage_stale() -> None:
    plan = plan_of(fleet())
    [stage] = [stage for stage in plan.stages if "ida" in stage.nodes]
    stale = fingerprints(plan, {}, {stage.id: ["harbour-db"]})
    changed = {id for id, digest in fingerprints(plan, {}, {}).items() if stale[id] != digest}
    assert changed == {stage.id} | behind(plan, {stage.id})


def test_a_newer_version_takes_over_what_it_left_alone_under_its_own_stage_names(tmp_path: Path) -> None:
    execution, _, _ = execute(fleet(), tmp_path)
    more = (node("eva", "ship", cargo=[5]), node("early", "quay"))
    new = plan_of(fleet(more=more, edges=("eva -> early",)))
    kept = still_true(execution.plan, execution.results)
    carried = carried_over(execution.plan, new, kept, parameters=({}, {}), changed_connectors={})
    assert nodes_of(new, carried) >= {"ida", "anna"}
    assert not nodes_of(new, carried) & {"wreck", "eva", "early"}
    assert all(result.stage_id == id for id, result in carried.items())


def wide(*more: dict[str, Any], edges: tuple[str, ...] = ()) -> dict[str, Any]:
    return diagram(
        [node("fleet", "fleet"), node("sum", "total"), node("quay", "quay"), *more],
        "fleet -> sum",
        "sum -> quay",
        *edges,
    )


def test_rows_read_without_a_column_that_is_needed_now_are_read_again(tmp_path: Path) -> None:
    execution, _, _ = execute(wide(), tmp_path)
    datasets = {port: each for result in execution.results.values() for port, each in result.datasets.items()}
    assert datasets["fleet", "output"].schema.names == ("n",)
    new = plan_of(wide(node("all", "quay"), edges=("fleet -> all",)))
    carried = carried_over(execution.plan, new, execution.results, parameters=({}, {}), changed_connectors={})
    assert "fleet" not in nodes_of(new, carried)
    same = carried_over(execution.plan, plan_of(wide()), execution.results, parameters=({}, {}), changed_connectors={})
    assert "fleet" in nodes_of(execution.plan, same)


def test_a_run_from_a_node_on_takes_over_what_lies_above_and_beside(tmp_path: Path) -> None:
    execution, _, _ = execute(fleet(), tmp_path)
    kept = nodes_of(execution.plan, above(execution.plan, execution.results, "quay"))
    assert "quay" not in kept
    assert {"ida", "anna"} <= kept
    with pytest.raises(KeyError):
        above(execution.plan, execution.results, "nobody")


def test_what_had_finished_and_runs_again_acts_under_another_key(tmp_path: Path) -> None:
    plan = plan_of(fleet())
    again = Plan.from_json(with_revisions(plan, ["quay"], plan).as_json())
    assert {id: each.revision for id, each in again.nodes.items() if each.revision} == {"quay": 1}
    assert with_revisions(again, ["quay"], again).nodes["quay"].revision == 2
    assert fingerprints(again, {}, {}) == fingerprints(plan, {}, {})
    host, store = FakeHost(connectors={"quay": []}), RunStore(tmp_path).of_execution("harbour", "run-1")
    Execution(again, host=host, store=store).run_all()
