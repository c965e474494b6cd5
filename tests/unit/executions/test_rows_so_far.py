"""Rows that pass while a stage runs: what is told of them, and how often."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from apps.executions.core import rows_so_far
from apps.executions.core.progress import MAX_LISTED_NODES, progress
from apps.executions.core.records import NodeState
from apps.executions.core.rows_so_far import RowsSoFar
from apps.executions.core.states import NodeStatus

RUNNING = [NodeState(name, NodeStatus.RUNNING) for name in ("read", "filter", "write")]


class Listener:
    """Remembers each telling."""

    def __init__(self) -> None:
        self.tellings: list[list[NodeState]] = []

    def __call__(self, states: Sequence[NodeState]) -> None:
        self.tellings.append(list(states))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_so_far, "PROGRESS_SECONDS", 0)


@pytest.mark.usefixtures("at_once")
def test_rows_of_several_nodes_are_told_together_and_only_what_is_new() -> None:
    heard = Listener()
    so_far = RowsSoFar(RUNNING, heard)
    so_far.look()
    so_far.note("read", rows_out=100)
    so_far.note("write", rows_in=40)
    so_far.look()
    so_far.look()
    so_far.note("write", rows_in=70)
    so_far.look()
    assert [[(state.node_id, state.rows_in, state.rows_out) for state in told] for told in heard.tellings] == [
        [("read", None, 100), ("write", 40, None)],
        [("write", 70, None)],
    ]


@pytest.mark.usefixtures("at_once")
def test_what_one_node_knows_of_its_work_goes_for_its_whole_stage_which_is_never_over_before_it_says_so() -> None:
    heard = Listener()
    so_far = RowsSoFar(RUNNING, heard)
    so_far.note("read", part=0.25)
    so_far.look()
    so_far.note("read", part=1.7)
    so_far.look()
    assert [{state.part for state in told} for told in heard.tellings] == [{0.25}, {0.99}]


@pytest.mark.usefixtures("at_once")
def test_rows_that_others_count_are_asked_for() -> None:
    heard = Listener()
    so_far = RowsSoFar(RUNNING, heard)
    so_far.count(lambda: {"filter": 7})
    so_far.look()
    assert [(state.node_id, state.rows_out) for state in heard.tellings[0]] == [("filter", 7)]


def test_nothing_is_told_twice_within_half_a_second() -> None:
    heard = Listener()
    so_far = RowsSoFar(RUNNING, heard)
    so_far.note("read", rows_out=100)
    so_far.look()
    assert heard.tellings == []


@pytest.mark.usefixtures("at_once")
def test_a_stage_of_very_many_nodes_says_nothing_on_its_way() -> None:
    heard = Listener()
    so_far = RowsSoFar([NodeState(str(n), NodeStatus.RUNNING) for n in range(MAX_LISTED_NODES + 1)], heard)
    so_far.note("7", rows_out=100)
    so_far.look()
    assert heard.tellings == []


def test_a_node_that_runs_counts_as_far_as_it_is_done() -> None:
    over, waiting = NodeState("read", NodeStatus.SUCCESS), NodeState("store", NodeStatus.PENDING, part=0.9)
    half = NodeState("write", NodeStatus.RUNNING, part=0.5)
    loop = NodeState("each", NodeStatus.RUNNING, iterations={"total": 8, "finished": 2, "failed": 0})
    unknown = NodeState("sum", NodeStatus.RUNNING)
    assert progress([over, waiting]) == 0.5
    assert progress([over, half]) == 0.75
    assert progress([loop]) == 0.25
    assert progress([over, unknown]) == 0.5


def test_how_much_is_done_travels_with_a_state() -> None:
    half = NodeState("write", NodeStatus.RUNNING, part=0.5)
    assert half.as_json()["part"] == 0.5
    assert NodeState.from_json(half.as_json()) == half
    assert "part" not in NodeState("write", NodeStatus.RUNNING).as_json()
