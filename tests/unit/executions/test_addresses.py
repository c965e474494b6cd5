"""Addresses: the same one is the same rows, and a change moves those of all that lies behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.executions.core.addresses import Origin, origins
from apps.executions.core.store import RunStore
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import Plan, Port, compile_plan
from tests.unit.harbour import diagram, node

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHIP = ("ida", "output")


def fleet(*, add: int = 1, more: int = 2, **config: Any) -> dict[str, Any]:
    return diagram(
        [
            node("ida", "ship", cargo=[1, 2]),
            node("a", "add", add=add, **config),
            node("b", "add", add=more),
            node("c", "add", add=3),
            node("d", "add", add=3),
        ],
        "ida -> a",
        "a -> b",
        "b -> c",
        "a -> d",
    )


def plan_of(drawn: dict[str, Any], **given: Any) -> Plan:
    return Plan.from_json(compile_plan(analyse(drawn, values=given), materialise=True).as_json())


def addresses(plan: Plan, root: str = "two loads", **values: Any) -> dict[str, str]:
    found = origins(plan, {SHIP: Origin(root)}, values)
    return {node_id: origin.address for (node_id, port), origin in found.items() if port == "output"}


def moved(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {node_id for node_id in one if one[node_id] != other[node_id]}


def test_a_change_moves_its_node_and_what_lies_behind_it() -> None:
    before = addresses(plan_of(fleet()))
    assert before.keys() == {"ida", "a", "b", "c", "d"}
    assert moved(before, addresses(plan_of(fleet(more=5)))) == {"b", "c"}
    assert moved(before, addresses(plan_of(fleet(add=5)))) == {"a", "b", "c", "d"}
    assert moved(before, addresses(plan_of(fleet()), root="other loads")) == {"ida", "a", "b", "c", "d"}


def test_what_changes_no_row_moves_nothing() -> None:
    before = addresses(plan_of(fleet()))
    assert moved(before, addresses(plan_of(fleet(keepOutput=True, retryCount=0, outputVariable="sum")))) == set()


@pytest.mark.parametrize(("name", "same"), [("load", False), ("other", True)])
def test_only_a_parameter_that_is_named_matters(name: str, same: bool) -> None:
    plan = plan_of(fleet(add="{{ load }}"), load=1)  # type: ignore[arg-type]
    values = {"load": 1, "other": 1}
    assert (addresses(plan, **values) == addresses(plan, **{**values, name: 2})) is same
    assert addresses(plan, **values) != addresses(plan, **{**values, "load": "1"}), "text is not a number"


def test_behind_a_source_that_is_not_known_nothing_is() -> None:
    assert origins(plan_of(fleet()), {}, {}) == {}


def test_behind_what_acts_or_decides_nothing_is_known() -> None:
    drawn = diagram([node("ida", "ship"), node("quay", "quay"), node("a", "add", add=1)], "ida -> quay", "quay -> a")
    found = origins(plan_of(drawn), {SHIP: Origin("loads")}, {})
    assert set(found) == {SHIP}


def test_in_a_preview_what_would_act_hands_its_rows_on_under_their_address() -> None:
    drawn = diagram([node("ida", "ship"), node("quay", "quay"), node("a", "add", add=1)], "ida -> quay", "quay -> a")
    plan = compile_plan(analyse(drawn), targets=["a"], materialise=True)
    found = origins(plan, {SHIP: Origin("loads")}, {})
    assert found["quay", "output"].address == "loads"
    assert ("a", "output") in found


def test_it_matters_from_whom_rows_come() -> None:
    def behind(ship: str) -> str:
        ships = [node("ida", "ship"), node("eva", "ship")]
        drawn = diagram([*ships, node("all", "add", add=1)], f"{ship} -> all")
        plan = plan_of(drawn)
        roots: dict[Port, Origin] = {("ida", "output"): Origin("one"), ("eva", "output"): Origin("two")}
        return origins(plan, roots, {})["all", "output"].address

    assert behind("ida") != behind("eva")


def test_the_oldest_source_and_any_that_was_cut_are_told() -> None:
    plan = plan_of(fleet())
    old, cut = NOON - timedelta(minutes=9), Origin("loads", sampled=True, read_at=NOON)
    assert origins(plan, {SHIP: cut}, {})["c", "output"].read_at == NOON
    assert origins(plan, {SHIP: cut}, {})["c", "output"].sampled
    roots = {SHIP: cut, ("a", "output"): Origin("a", read_at=old)}
    found = origins(plan, roots, {})
    assert (found["d", "output"].read_at, found["d", "output"].sampled) == (old, False)
    assert Origin.from_json(cut.as_json()) == cut


def test_rows_from_outside_are_known_by_what_they_are(tmp_path: Path) -> None:
    store = RunStore(tmp_path).of_execution("harbour", "run-1")
    one, same, other = (store.write_frame(pl.LazyFrame({"n": rows})) for rows in ([1], [1], [2]))
    assert Origin.of_content(one) == Origin.of_content(same) != Origin.of_content(other)
