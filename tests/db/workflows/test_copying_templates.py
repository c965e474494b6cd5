"""Templates from the API: what is offered to whom, and what a copy makes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.workflows.models import Workflow
from apps.workspaces.models import Job
from tests.db.connectors.conftest import open_vault, own_storage

__all__ = ["open_vault", "own_storage"]

DUPLICATES = "/api/v1/templates/remove-duplicates"
MESSAGES = b"event_id,received_at,payload\nE1,2013-01-01T10:00:00Z,{}\nE1,2013-01-01T10:05:00Z,{}\n"


@pytest.fixture
def port_office(owner: Any) -> Any:
    """A connector of files with the file that the template reads."""
    from apps.connectors.services import create_connector, store_file

    connector = create_connector(viewer=owner, name="Port office", connector_type="files", config={})
    store_file(viewer=owner, connector=connector, name="flight_messages.csv", chunks=[MESSAGES])
    return connector


def slots(answer: Any) -> dict[str, Any]:
    return {slot["name"]: slot for slot in answer.json()["slots"]}


def test_templates_are_found_by_category_and_by_all_words(api: Any, viewer: Any) -> None:
    vera = api(viewer)
    everything = vera.get("/api/v1/templates?page_size=200").json()
    assert everything["count"] == len(everything["results"]) >= 12
    assert [each["name"] for each in everything["results"]] == sorted(each["name"] for each in everything["results"])
    windows = vera.get("/api/v1/templates?category=Windows").json()["results"]
    assert {each["id"] for each in windows} == {"busiest-routes", "trend-of-departures"}
    found = vera.get("/api/v1/templates?search=excel+MONTHLY").json()["results"]
    assert [each["id"] for each in found] == ["excel-report"]
    assert vera.get("/api/v1/templates?search=zeppelin").json()["count"] == 0
    assert vera.get("/api/v1/templates?colour=red").json()["code"] == "unknown_filter"


def test_a_slot_offers_only_connectors_that_one_may_use(
    api: Any, owner: Any, viewer: Any, grant: Any, port_office: Any
) -> None:
    offered = slots(api(owner).get(DUPLICATES))["files"]
    assert offered["proposed"] == str(port_office.pk)
    assert offered["choices"] == [{"id": str(port_office.pk), "name": "Port office"}]
    grant(viewer, port_office, "read")
    none = slots(api(viewer).get(DUPLICATES))["files"]
    assert (none["choices"], none["proposed"]) == ([], None)
    assert api(owner).get("/api/v1/templates/no-such-thing").status_code == 404


def test_the_connector_of_the_demos_name_is_proposed_before_others(api: Any, owner: Any, port_office: Any) -> None:
    from apps.connectors.services import create_connector

    uploaded = create_connector(viewer=owner, name="Uploaded files", connector_type="files", config={})
    offered = slots(api(owner).get(DUPLICATES))["files"]
    assert [each["name"] for each in offered["choices"]] == ["Port office", "Uploaded files"]
    assert offered["proposed"] == str(uploaded.pk)


def test_the_list_costs_as_many_queries_however_many_connectors_there_are(
    api: Any, owner: Any, port_office: Any, django_assert_max_num_queries: Any
) -> None:
    from apps.connectors.services import create_connector

    for number in range(5):
        create_connector(viewer=owner, name=f"Pier {number}", connector_type="files", config={})
    olive = api(owner)
    olive.get("/api/v1/templates")
    with django_assert_max_num_queries(6):
        assert olive.get("/api/v1/templates?page_size=200").status_code == 200


def test_a_copy_is_a_workflow_without_problems_whose_nodes_use_what_was_chosen(
    api: Any, owner: Any, place: Any, port_office: Any
) -> None:
    body = {"job_id": str(place.job.pk), "connectors": {"files": str(port_office.pk)}}
    answer = api(owner).post(f"{DUPLICATES}/copy", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["name"], made["job_id"], made["problems"]) == ("Remove duplicates", str(place.job.pk), [])
    named = [node["data"].get("connectorId") for node in made["workflow_diagram"]["nodes"]]
    assert set(named) == {str(port_office.pk), None}
    assert answer["ETag"] == '"1"'


def test_a_copy_into_a_folder_makes_a_job_for_it_and_brings_its_companions(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    body = {"folder_id": str(place.folder.pk), "name": "JFK or LGA?"}
    answer = olive.post("/api/v1/templates/compare-airports/copy", body)
    assert answer.status_code == 201, answer.content
    job = Job.objects.get(pk=answer.json()["job_id"])
    assert (job.name, job.folder_id) == ("Compare two airports", place.folder.pk)
    made = {workflow.name: workflow for workflow in Workflow.objects.filter(job=job)}
    assert set(made) == {"JFK or LGA?", "Summary of an airport"}
    summary = str(made["Summary of an airport"].pk)
    nodes = answer.json()["workflow_diagram"]["nodes"]
    assert [node["data"]["config"].get("workflowId") for node in nodes] == [summary, summary, None, None]


def test_a_slot_left_empty_makes_a_draft_that_says_so(api: Any, owner: Any, place: Any) -> None:
    answer = api(owner).post(f"{DUPLICATES}/copy", {"job_id": str(place.job.pk)})
    assert answer.status_code == 201
    assert {"missing_connector"} <= {problem["code"] for problem in answer.json()["problems"]}


def test_a_key_makes_one_copy_however_often_it_is_sent(api: Any, owner: Any, place: Any) -> None:
    olive, body = api(owner), {"job_id": str(place.job.pk)}
    first = olive.post(f"{DUPLICATES}/copy", body, headers={"Idempotency-Key": "copy-1"})
    again = olive.post(f"{DUPLICATES}/copy", body, headers={"Idempotency-Key": "copy-1"})
    assert (first.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert first.json()["id"] == again.json()["id"]
    assert Workflow.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({}, "job_id", "invalid"),
        ({"job_id": str(uuid4())}, "job_id", "not_found"),
        ({"folder_id": str(uuid4())}, "folder_id", "not_found"),
    ],
)
def test_a_copy_needs_a_place_that_one_can_see(api: Any, owner: Any, said: Any, field: str, code: str) -> None:
    answer = api(owner).post(f"{DUPLICATES}/copy", said)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_wrong_connectors_are_named_one_by_one_and_nothing_is_made(
    api: Any, owner: Any, place: Any, port_office: Any
) -> None:
    wrong = {"flights_db": str(port_office.pk), "files": str(uuid4()), "moon": str(port_office.pk)}
    body = {"folder_id": str(place.folder.pk), "connectors": wrong}
    answer = api(owner).post("/api/v1/templates/excel-report/copy", body)
    assert answer.status_code == 400
    said = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert said == {"connectors.flights_db": "invalid", "connectors.files": "not_found", "connectors.moon": "invalid"}
    assert not Workflow.objects.exists()


def test_who_may_only_read_a_job_cannot_copy_into_it_nor_use_a_connector_that_they_only_see(
    api: Any, viewer: Any, place: Any, grant: Any, port_office: Any
) -> None:
    grant(viewer, place.job, "read")
    vera, body = api(viewer), {"job_id": str(place.job.pk)}
    assert vera.post(f"{DUPLICATES}/copy", body).status_code == 403
    grant(viewer, place.job, "write")
    grant(viewer, port_office, "read")
    refused = vera.post(f"{DUPLICATES}/copy", {**body, "connectors": {"files": str(port_office.pk)}})
    assert [error["code"] for error in refused.json()["errors"]] == ["not_found"]
    grant(viewer, port_office, "execute")
    assert vera.post(f"{DUPLICATES}/copy", {**body, "connectors": {"files": str(port_office.pk)}}).status_code == 201
