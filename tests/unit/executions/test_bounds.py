"""What would take too much is refused before it hurts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import apps.transforms.nodes
from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.nodes.registry import load
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import compile_plan
from tests.e2e.client import edge, node
from tests.unit.harbour import node as harbour

load(apps.transforms.nodes)


def crossed(folder: Path, *, most_rows: int, then: dict[str, Any] | None = None) -> Execution:
    """Three ships' rows with two, each with each."""
    nodes = [
        harbour("ida", "ship", cargo=[1, 2, 3]),
        harbour("eva", "ship", cargo=[1, 2]),
        node("pairs", "transform", "join", joinType="cross"),
    ]
    edges = [edge("ida", "pairs", target_handle="left"), edge("eva", "pairs", target_handle="right")]
    if then is not None:
        nodes.append(then)
        edges.append(edge("pairs", then["id"]))
    analysis = analyse({"nodes": nodes, "edges": edges})
    assert analysis.problems == ()
    execution = Execution(
        compile_plan(analysis),
        host=FakeHost(),
        store=RunStore(folder).of_execution("harbour", "run-1"),
        most_rows=most_rows,
    )
    execution.run_all()
    return execution


@pytest.mark.parametrize("then", [None, node("few", "transform", "filter", expression="n = 1")], ids=["last", "fused"])
def test_t59_a_cross_join_that_would_explode_fails_before_it_runs(tmp_path: Path, then: dict[str, Any] | None) -> None:
    execution = crossed(tmp_path, most_rows=5, then=then)
    state = execution.states["pairs"]
    assert (str(state.status), state.error and state.error.code) == ("failed", "too_many_rows")
    assert state.error is not None
    assert state.error.message == "3 × 2 rows would come to 6, and 5 is the most"
    assert "UZO_CROSS_JOIN_ROWS" in state.error.remedy
    assert {str(execution.states[name].status) for name in ("ida", "eva")} == {"success"}


def test_one_within_the_limit_runs(tmp_path: Path) -> None:
    execution = crossed(tmp_path, most_rows=6)
    assert execution.outcome is not None
    assert execution.outcome.status == "success"
    assert execution.states["pairs"].rows_out == 6
