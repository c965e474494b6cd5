"""Previews: one node on rows that were given, or on a sample, without effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.executions import previews, services
from apps.kernel.errors import Invalid, NotFound
from apps.kernel.events import publish as really_publish
from tests.db.executions.conftest import chain
from tests.e2e.client import node

Make = Callable[..., Any]


def deep() -> dict[str, Any]:
    return node("deep", "transform", "filter", expression="metres > 2")


@pytest.fixture
def tide(workflow_of: Make) -> Any:
    return workflow_of(*chain(deep(), node("wait", "control", "wait", seconds=60)))


ROWS = [{"quay": "north", "metres": 1}, {"quay": "south", "metres": 3}, {"quay": "east", "metres": 5}]


def test_rows_that_are_given_are_filtered_and_shown(tide: Any, owner: Any, work: Make) -> None:
    execution = work(
        services.start_preview(viewer=owner, workflow_id=tide.pk, node_id="deep", mock_inputs={"input": ROWS})
    )
    assert (execution.status, execution.kind) == ("success", "preview")
    shown = previews.last_preview(tide.pk, "deep")
    assert shown.pop("at")
    assert shown == {
        "columns": [{"name": "quay", "type": "string"}, {"name": "metres", "type": "int64"}],
        "rows": [["south", 3], ["east", 5]],
        "row_count": 2,
        "sampled": False,
        "read_at": None,
    }


def test_a_preview_says_that_it_saw_only_the_first_rows_of_a_file(
    workflow_of: Make, quays: Any, owner: Any, work: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    workflow = workflow_of(*chain(read, deep()))
    for rows, sampled in ((2, True), (4, False)):
        monkeypatch.setattr(previews, "SAMPLE_ROWS", rows)
        work(services.start_preview(viewer=owner, workflow_id=workflow.pk, node_id="deep"))
        assert previews.last_preview(workflow.pk, "deep")["sampled"] is sampled


def test_the_sample_is_sent_to_who_watches_as_much_as_fits(
    tide: Any, owner: Any, work: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(previews, "publish", lambda event: (sent.append(event), really_publish(event)))
    rows = [{"quay": "x" * 500, "metres": 9}] * 500
    work(
        services.start_preview(
            viewer=owner, workflow_id=tide.pk, node_id="deep", mock_inputs={"input": rows}, limit=1000
        )
    )
    [event] = sent
    assert event.sample["truncated"]
    assert 0 < len(event.sample["rows"]) < 500
    assert event.sample["row_count"] == 500


def test_the_limit_is_kept(tide: Any, owner: Any, work: Make) -> None:
    work(
        services.start_preview(viewer=owner, workflow_id=tide.pk, node_id="deep", mock_inputs={"input": ROWS}, limit=1)
    )
    assert previews.last_preview(tide.pk, "deep")["rows"] == [["south", 3]]


def test_before_the_first_there_is_none(tide: Any) -> None:
    with pytest.raises(NotFound) as refusal:
        previews.last_preview(tide.pk, "deep")
    assert refusal.value.code == "no_preview"


def test_rows_that_do_not_fit_are_named(tide: Any, owner: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        services.start_preview(viewer=owner, workflow_id=tide.pk, node_id="deep", mock_inputs={"left": ROWS})
    assert refusal.value.errors[0].field == "mock_inputs.left"


def test_a_node_that_is_not_there_is_not_found(tide: Any, owner: Any) -> None:
    with pytest.raises(NotFound):
        services.start_preview(viewer=owner, workflow_id=tide.pk, node_id="low")


def test_t40_a_preview_of_a_write_shows_its_rows_and_writes_nothing(
    workflow_of: Make, owner: Any, work: Make, quays: Any, warehouse: Any
) -> None:
    workflow = workflow_of(
        *chain(
            node("quays", "connector", "read", connector=str(quays.pk), table="quays.csv"),
            node("store", "connector", "write", connector=str(warehouse.pk), table="quays", mode="replace"),
        )
    )
    execution = work(services.start_preview(viewer=owner, workflow_id=workflow.pk, node_id="store"))
    assert (execution.status, execution.error) == ("success", None)
    assert previews.last_preview(workflow.pk, "store")["row_count"] == 3
    assert tables_of(warehouse, owner) == []
    assert work(services.start_execution(viewer=owner, workflow_id=workflow.pk)).status == "success"
    assert tables_of(warehouse, owner) == ["quays"]


def tables_of(connector: Any, viewer: Any) -> list[str]:
    from apps.connectors.sdk import ConnectorError
    from apps.connectors.selectors import open_connector

    opened = open_connector(viewer, connector.pk)
    try:
        return [table.name for table in opened.discover(None)]
    except ConnectorError as error:
        if "no file" in error.message:  # nothing was ever written
            return []
        raise
    finally:
        opened.close()


def test_the_second_preview_of_a_chain_reads_no_source(
    workflow_of: Make, owner: Any, work: Make, quays: Any, warehouse: Any
) -> None:
    fill = chain(
        node("quays", "connector", "read", connector=str(quays.pk), table="quays.csv"),
        node("store", "connector", "write", connector=str(warehouse.pk), table="quays", mode="replace"),
    )
    assert work(services.start_execution(viewer=owner, workflow_id=workflow_of(*fill).pk)).status == "success"
    read = node("stored", "connector", "read", connector=str(warehouse.pk), table="quays")
    workflow = workflow_of(*chain(read, deep()))
    first = services.start_preview(viewer=owner, workflow_id=workflow.pk, node_id="deep")
    assert [each["id"] for each in first.plan["nodes"]] == ["stored", "deep"]
    assert work(first).status == "success"
    again = services.start_preview(viewer=owner, workflow_id=workflow.pk, node_id="deep")
    assert [each["id"] for each in again.plan["nodes"]] == ["deep"]
    assert work(again).status == "success"
    assert previews.last_preview(workflow.pk, "deep")["rows"] == [["south", 3], ["=east", 5]]


def test_a_preview_ends_in_a_transaction_of_its_own(office: Any, work: Make) -> None:
    execution = office.preview(deep(), node_id="deep", mock_inputs={"input": ROWS})
    assert office.call(work, execution).status == "success"
    assert office.call(previews.last_preview, execution.workflow_id, "deep")["rows"] == [["south", 3], ["east", 5]]
