"""Previews run what is stale and nothing else: counted by the nodes that ran."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.connectors.models import Connector
from apps.connectors.services.connectors import change_connector
from apps.executions import previews, services
from apps.executions.models import NodeExecution, SourceSample, StoredOutput
from apps.kernel import clock
from apps.workflows.services.saving import save_workflow
from tests.db.executions.conftest import chain
from tests.e2e.client import node

Make = Callable[..., Any]
STEPS = [f"step{number}" for number in range(1, 20)]


def drawn(connector: str, *, times: int = 1) -> Any:
    """A read and nineteen steps; the tenth multiplies."""
    nodes = [node("read", "connector", "read", connector=connector, table="quays.csv")]
    for number, name in enumerate(STEPS, 1):
        if number == 10:
            nodes.append(node(name, "transform", "derive", expressions={"metres": f"metres * {times}"}))
        elif number % 2:
            nodes.append(node(name, "transform", "derive", expressions={f"c{number}": f"metres + {number}"}))
        else:
            nodes.append(node(name, "transform", "filter", expression="metres > 0"))
    return chain(*nodes)


@pytest.fixture(autouse=True)
def no_hurry(settings: Any) -> None:
    """Whoever renews the lease does not see into the test's transaction."""
    settings.EXECUTION_LEASE_SECONDS = 600


@pytest.fixture
def tide(workflow_of: Make, quays: Any) -> Any:
    return workflow_of(*drawn(str(quays.pk)))


@pytest.fixture
def look(tide: Any, owner: Any, work: Make) -> Callable[..., list[str]]:
    """Previews a node; answers the nodes that ran, in order."""

    def preview(node_id: str, **how: Any) -> list[str]:
        execution = work(services.start_preview(viewer=owner, workflow_id=tide.pk, node_id=node_id, **how))
        assert (execution.status, execution.error) == ("success", None)
        order = {"read": 0, **{name: place for place, name in enumerate(STEPS, 1)}}
        return sorted(
            NodeExecution.objects.filter(execution=execution).values_list("node_id", flat=True), key=order.get
        )

    return preview


def redraw(workflow: Any, owner: Any, nodes: Any) -> None:
    drawn_nodes, edges = nodes
    saved = save_workflow(workflow=workflow, by=owner, changes={}, diagram={"nodes": drawn_nodes, "edges": edges})
    workflow.version = saved.workflow.version


def metres(workflow: Any, node_id: str) -> list[Any]:
    shown = previews.last_preview(workflow.pk, node_id)
    place = [column["name"] for column in shown["columns"]].index("metres")
    return [row[place] for row in shown["rows"]]


def test_a_change_in_the_middle_runs_that_node_and_what_lies_behind_it(
    tide: Any, owner: Any, quays: Any, look: Make
) -> None:
    assert look("step19") == ["read", *STEPS]
    assert look("step19") == ["step19"], "nothing has changed: only what is looked at runs"
    redraw(tide, owner, drawn(str(quays.pk), times=3))
    assert look("step19") == STEPS[9:]
    assert metres(tide, "step19") == [3, 9, 15]
    redraw(tide, owner, drawn(str(quays.pk)))
    assert look("step19") == ["step19"], "what it was before is still there"
    assert metres(tide, "step19") == [1, 3, 5]


def test_any_node_of_a_chain_that_was_seen_runs_alone(look: Make) -> None:
    look("step19")
    for name in ("step1", "step10", "step18"):
        assert look(name) == [name]


def test_what_is_drawn_differently_but_means_the_same_is_not_stale(
    tide: Any, owner: Any, quays: Any, look: Make
) -> None:
    look("step19")
    nodes, edges = copy.deepcopy(drawn(str(quays.pk)))
    for each in nodes:
        each["position"] = {"x": 7, "y": 7}
        each["data"]["label"] = "other"
        each["data"]["config"]["retryCount"] = 0
    redraw(tide, owner, (nodes, edges))
    assert look("step19") == ["step19"]


def test_rows_in_place_of_an_input_are_known_by_what_they_are(look: Make) -> None:
    look("step19")
    rows = [{"quay": "west", "metres": 8, **{f"c{number}": number for number in (1, 3, 5, 7)}}]
    assert look("step8", mock_inputs={"input": rows}) == ["step8"]


def test_a_sample_that_is_too_old_is_read_again_and_its_age_is_told(
    tide: Any, look: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began)
    look("step3")
    [sample] = SourceSample.objects.filter(node_id="read", port="output")
    shown = previews.last_preview(tide.pk, "step3")
    assert shown["read_at"] == shown["at"]
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=9))
    assert look("step3") == ["step3"]
    again = previews.last_preview(tide.pk, "step3")
    assert again["read_at"] == shown["at"] < again["at"]
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=11))
    assert look("step3") == ["read", "step1", "step2", "step3"]
    assert SourceSample.objects.get(pk=sample.pk).at > sample.at
    assert look("step3") == ["step3"]


def test_a_connector_that_was_changed_since_is_read_again(
    workflow_of: Make, owner: Any, work: Make, warehouse: Any, quays: Any
) -> None:
    fill = chain(
        node("quays", "connector", "read", connector=str(quays.pk), table="quays.csv"),
        node("store", "connector", "write", connector=str(warehouse.pk), table="quays", mode="replace"),
    )
    assert work(services.start_execution(viewer=owner, workflow_id=workflow_of(*fill).pk)).status == "success"
    read = node("stored", "connector", "read", connector=str(warehouse.pk), table="quays")
    workflow = workflow_of(*chain(read, node("deep", "transform", "filter", expression="metres > 2")))

    def ran() -> set[str]:
        execution = work(services.start_preview(viewer=owner, workflow_id=workflow.pk, node_id="deep"))
        return set(NodeExecution.objects.filter(execution=execution).values_list("node_id", flat=True))

    assert ran() == {"stored", "deep"}
    assert ran() == {"deep"}
    for file in ("other.sqlite", "store.sqlite"):
        row = Connector.objects.get(pk=warehouse.pk)
        change_connector(viewer=owner, connector=row, changes={"config": {"file": file}})
    assert "stored" in ran()


def test_rows_that_are_gone_are_made_again(look: Make, run_folder: Any) -> None:
    look("step5")
    [row] = StoredOutput.objects.filter(address__in=StoredOutput.objects.values("address")).order_by("-at")[:1]
    for path in run_folder.rglob("*.arrow"):
        if row.name.endswith(path.name):
            path.unlink()
    for name in ("step5", "step4"):
        assert look(name)[-1] == name


def test_looking_again_asks_the_database_little(look: Make) -> None:
    look("step19")
    with CaptureQueriesContext(connection) as asked:
        look("step19")
    assert len(asked) < 60, "\n".join(query["sql"][:150] for query in asked)
