"""About samples: what their columns hold, and how the sides of a join fit. Effects never."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.executions import previews, services
from apps.kernel.errors import Invalid, NotFound, Unprocessable
from tests.db.executions.conftest import chain
from tests.db.executions.test_preview import tables_of
from tests.e2e.client import edge, node

Make = Callable[..., Any]
SHIPS = [
    {"ship": "Ida", "quay": "north"},
    {"ship": "Emma", "quay": "north"},
    {"ship": "Otto", "quay": "west"},
    {"ship": "Lost", "quay": None},
]
QUAYS = [{"name": "north", "metres": 1}, {"name": "south", "metres": 3}, {"name": "north", "metres": 2}]


def join(**config: Any) -> dict[str, Any]:
    return node("moor", "transform", "join", **{"leftOn": ["quay"], "rightOn": ["name"], **config})


@pytest.fixture
def counted(owner: Any, work: Make) -> Make:
    def counted(workflow: Any, mock_inputs: Any = None) -> dict[str, Any]:
        execution = services.start_matches(
            viewer=owner, workflow_id=workflow.pk, node_id="moor", mock_inputs=mock_inputs
        )
        done = work(execution)
        assert (done.status, done.kind) == ("success", "preview"), done.error
        body = previews.last_matches(workflow.pk, "moor")
        assert body.pop("at")
        return body

    return counted


@pytest.mark.parametrize(
    ("kind", "rows"), [("inner", 4), ("left", 6), ("right", 5), ("outer", 7), ("full", 7), ("semi", 2), ("anti", 2)]
)
def test_the_sides_of_a_join_are_counted_whatever_its_kind(
    workflow_of: Make, counted: Make, kind: str, rows: int
) -> None:
    workflow = workflow_of([join(joinType=kind)], [])
    assert counted(workflow, {"left": SHIPS, "right": QUAYS}) == {
        "left": 4,
        "right": 3,
        "rows": rows,
        "matched_left": 2,
        "matched_right": 2,
        "sampled": False,
    }


def test_a_cross_join_has_rows_but_no_matches(workflow_of: Make, counted: Make) -> None:
    workflow = workflow_of([join(joinType="cross", leftOn=[], rightOn=[])], [])
    found = counted(workflow, {"left": SHIPS, "right": QUAYS})
    assert (found["rows"], found["matched_left"], found["matched_right"]) == (12, None, None)


@pytest.mark.parametrize("by_name", [False, True])
def test_what_is_counted_is_what_arrives_by_edges_or_by_name(
    workflow_of: Make, counted: Make, quays: Any, warehouse: Any, owner: Any, by_name: bool
) -> None:
    names = {"inputVariable": "ships", "rightVariable": "deep"} if by_name else {}
    nodes = [
        node("ships", "connector", "read", connector=str(quays.pk), table="quays.csv"),
        node("deep", "transform", "filter", expression="metres > 2"),
        join(leftOn=["quay"], rightOn=["quay"], **names),
        node("store", "connector", "write", connector=str(warehouse.pk), table="moored", mode="replace"),
    ]
    edges = [edge("ships", "deep"), edge("moor", "store")]
    if not by_name:
        edges += [edge("ships", "moor", target_handle="left"), edge("deep", "moor", target_handle="right")]
    found = counted(workflow_of(nodes, edges))
    assert (found["left"], found["right"], found["rows"]) == (3, 2, 2)
    assert (found["matched_left"], found["matched_right"]) == (2, 2)
    assert tables_of(warehouse, owner) == []


def test_only_a_join_is_counted_and_only_one_without_problems(workflow_of: Make, owner: Any) -> None:
    workflow = workflow_of([join(leftOn=[], rightOn=[]), node("deep", "transform", "filter", expression="TRUE")], [])

    def code(node_id: str, **options: Any) -> str:
        with pytest.raises((Unprocessable, NotFound, Invalid)) as refusal:
            services.start_matches(viewer=owner, workflow_id=workflow.pk, node_id=node_id, **options)
        return str(refusal.value.code)

    assert code("deep") == "not_a_join"
    assert code("moor") == "workflow_invalid"
    assert code("gone") == "not_found"
    assert code("moor", mock_inputs={"input": SHIPS}) == "invalid"


def test_the_drawn_workflow_is_left_as_it_is(workflow_of: Make, counted: Make) -> None:
    from apps.workflows.models import WorkflowVersion

    workflow = workflow_of([join()], [])
    before = list(WorkflowVersion.objects.filter(workflow=workflow).values_list("diagram", flat=True))
    counted(workflow, {"left": SHIPS, "right": QUAYS})
    assert list(WorkflowVersion.objects.filter(workflow=workflow).values_list("diagram", flat=True)) == before


def test_statistics_are_of_all_rows_of_the_last_sample_not_only_of_those_shown(
    workflow_of: Make, owner: Any, work: Make
) -> None:
    workflow = workflow_of(*chain(node("deep", "transform", "filter", expression="metres > 1")))
    with pytest.raises(NotFound) as refusal:
        previews.last_statistics(workflow.pk, "deep")
    assert refusal.value.code == "no_preview"
    rows = [{"metres": each % 5} for each in range(50)]
    work(
        services.start_preview(
            viewer=owner, workflow_id=workflow.pk, node_id="deep", mock_inputs={"input": rows}, limit=1
        )
    )
    found = previews.last_statistics(workflow.pk, "deep")
    assert (found["rows"], found["sampled"]) == (30, False)
    [metres] = found["columns"]
    assert (metres["min"], metres["max"], metres["mean"], metres["distinct"]) == (2, 4, 3.0, 3)
    assert metres["histogram"] == {"low": 2, "high": 4, "counts": [10, 10, 10]}
