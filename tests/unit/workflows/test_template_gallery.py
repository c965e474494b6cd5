"""Templates: whole, drawn so that they can be read, and bound to real connectors without a trace of the slots."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.workflows.core.template import bound, read
from apps.workflows.gallery import templates

BODY: dict[str, Any] = {
    "name": "Count the ferries",
    "description": "How many came?",
    "categories": ["Analysis"],
    "slots": [
        {"name": "port", "connector_type": "files", "label": "Port", "description": "", "suggested": "Port office"}
    ],
    "diagram": {
        "nodes": [
            {"id": "ferries", "data": {"connectorId": "port", "config": {"operation": "read", "table": "f.csv"}}},
            {"id": "more", "data": {"config": {"operation": "sub_workflow", "workflowId": "tides"}}},
        ],
        "edges": [],
    },
    "companions": [
        {"key": "tides", "name": "Tides", "description": "", "diagram": {"nodes": [], "edges": []}},
    ],
}


def test_slots_and_companions_become_ids_and_the_template_stays_as_it_is() -> None:
    template = read("ferries", BODY)
    before = json.dumps(template.diagram)
    made = bound(template.diagram, connectors={"port": "c-1"}, workflows={"tides": "w-1"})
    assert [node["data"].get("connectorId") for node in made["nodes"]] == ["c-1", None]
    assert made["nodes"][1]["data"]["config"]["workflowId"] == "w-1"
    assert json.dumps(template.diagram) == before


def test_an_empty_slot_leaves_no_name_behind_that_looks_like_a_connector() -> None:
    made = bound(read("ferries", BODY).diagram, connectors={}, workflows={"tides": "w-1"})
    assert "connectorId" not in made["nodes"][0]["data"]


@pytest.mark.parametrize("part", ["slots", "companions"])
def test_a_template_that_forgets_to_declare_what_its_nodes_name_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match=part):
        read("ferries", {**BODY, part: []})


def test_there_are_templates_for_every_room_and_each_says_what_it_is_for() -> None:
    found = templates().values()
    assert len(found) >= 12
    assert len({each.name for each in found}) == len(found)
    for each in found:
        assert len(each.description) > 40, each.id
        assert each.categories, each.id
        assert {slot.suggested for slot in each.slots} <= {"Flights database", "Warehouse", "Uploaded files"}, each.id
        assert all(slot.description for slot in each.slots), each.id
    drawn = [node["data"]["config"]["operation"] for each in found for one in each.diagrams for node in one["nodes"]]
    assert len(set(drawn)) >= 25


@pytest.mark.parametrize("id", sorted(templates()))
def test_a_template_is_drawn_from_left_to_right_without_overlaps(id: str) -> None:
    for drawn in templates()[id].diagrams:
        places = {node["id"]: (node["position"]["x"], node["position"]["y"]) for node in drawn["nodes"]}
        assert len(set(places.values())) == len(drawn["nodes"]), "two nodes lie on each other"
        for edge in drawn["edges"]:
            assert places[edge["source"]][0] <= places[edge["target"]][0], edge["id"]
        touched = {edge["source"] for edge in drawn["edges"]} | {edge["target"] for edge in drawn["edges"]}
        assert touched == set(places)
