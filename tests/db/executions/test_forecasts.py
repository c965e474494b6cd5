"""What is forecast of a run from the runs before it, and how wrong that was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.executions import host, selectors, services
from apps.executions.core.durations import Past
from apps.executions.models import WorkflowExecution
from apps.executions.progress import history_of
from tests.db.executions.conftest import chain
from tests.e2e.client import node

Make = Callable[..., Any]


@pytest.fixture
def workflow(workflow_of: Make, quays: Any) -> Any:
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    ebb, flood = (node(id, "control", "wait", seconds=0.05) for id in ("ebb", "flood"))
    longest = node("longest", "transform", "limit", n=2, retryCount=1)
    nodes, edges = chain(read, longest)
    return workflow_of([*nodes, ebb, flood], edges)


@pytest.fixture
def run(workflow: Any, owner: Any, work: Make) -> Callable[[], Any]:
    return lambda: work(services.start_execution(viewer=owner, workflow_id=workflow.pk))


def test_the_first_run_of_its_kind_is_not_forecast(run: Callable[[], Any]) -> None:
    first = run()
    assert first.status == "success"
    assert first.forecast is None or first.forecast["error"] is not None


def test_a_later_run_keeps_what_was_forecast_and_how_wrong_it_was(
    run: Callable[[], Any], api: Any, owner: Any, workflow: Any
) -> None:
    run()
    second = run()
    told = api(owner).get(f"/api/v1/executions/{second.pk}").json()["forecast"]
    assert told.keys() == {"expected_ms", "low_ms", "high_ms", "error"}
    assert 0 <= told["low_ms"] <= told["expected_ms"] <= told["high_ms"]
    actual = 1000 * (second.finished_at - second.started_at).total_seconds()
    assert told["error"] == pytest.approx(told["expected_ms"] / actual - 1, abs=0.01)
    [(kind, message, _)] = [
        each for each in selectors.snapshot(owner, second.pk, preview=False) if "progress" in each[0]
    ]
    assert (kind, message["forecast"]) == ("workflow_execution_progress", told)


def test_a_failed_run_has_no_error_of_its_forecast(workflow_of: Make, owner: Any, work: Make) -> None:
    failing = workflow_of(
        *chain(node("ebb", "control", "wait", seconds=0), node("reef", "control", "fail", message="x"))
    )
    WorkflowExecution.objects.create(
        workflow=failing, version=failing.versions.get(), status="success",
        started_at="2026-11-21T10:00:00Z", finished_at="2026-11-21T10:00:04Z",
    )  # fmt: skip
    failed = work(services.start_execution(viewer=owner, workflow_id=failing.pk))
    assert failed.status == "failed"
    assert failed.forecast["expected_ms"] == 4000
    assert failed.forecast["error"] is None


def test_the_history_tells_of_each_node_how_long_it_took_and_for_how_many_rows(
    run: Callable[[], Any], workflow: Any
) -> None:
    run(), run()
    known = history_of(workflow.pk, nodes=True)
    assert len(known.whole) == 2
    assert known.nodes.keys() == {"read", "longest", "ebb", "flood"}
    assert [past.rows for past in known.nodes["longest"]] == [3, 3]
    assert all(isinstance(past, Past) and past.ms >= 50 for past in known.nodes["ebb"])


def test_nodes_are_remembered_once_and_only_when_a_run_is_long(
    run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counting(workflow_id: Any, *, nodes: bool = False) -> Any:
        asked.append(nodes)
        return history_of(workflow_id, nodes=nodes)

    monkeypatch.setattr(host, "history_of", counting)
    monkeypatch.setattr(host, "_PROGRESS_SECONDS", 0)
    monkeypatch.setattr(host, "_WONDER_SECONDS", 3600)
    run(), run()
    assert asked == [False, False]
    monkeypatch.setattr(host, "_WONDER_SECONDS", 0)
    run()
    assert asked == [False, False, False, True]
