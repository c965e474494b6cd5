"""The one table of moves."""

from __future__ import annotations

import pytest

from apps.executions.core.states import (
    EXECUTION_MOVES,
    NODE_MOVES,
    OVER,
    ExecutionStatus,
    NodeStatus,
    transition,
)
from apps.kernel.errors import Conflict


def test_every_state_has_its_row() -> None:
    assert set(EXECUTION_MOVES) == set(ExecutionStatus)
    assert set(NODE_MOVES) == set(NodeStatus)


@pytest.mark.parametrize("over", sorted(OVER))
def test_what_is_over_cannot_be_cancelled_any_more(over: ExecutionStatus) -> None:
    with pytest.raises(Conflict) as refused:
        transition(over, ExecutionStatus.CANCELLED)
    assert refused.value.code == "already_finished"


def test_success_is_final() -> None:
    assert EXECUTION_MOVES[ExecutionStatus.SUCCESS] == frozenset()
    assert NODE_MOVES[NodeStatus.SUCCESS] == frozenset()


def test_a_queued_execution_cannot_succeed_without_running() -> None:
    with pytest.raises(Conflict):
        transition(ExecutionStatus.QUEUED, ExecutionStatus.SUCCESS)
    assert transition(ExecutionStatus.QUEUED, ExecutionStatus.RUNNING) is ExecutionStatus.RUNNING
