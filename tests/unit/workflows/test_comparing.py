"""What changed between two versions of a diagram, told node by node."""

from __future__ import annotations

import copy
from typing import Any

from apps.workflows.core.comparing import compare


def node(id: str, **config: Any) -> dict[str, Any]:
    return {"id": id, "position": {"x": 0, "y": 0}, "data": {"label": id.title(), "config": config}}


def edge(source: str, target: str, id: str = "e") -> dict[str, Any]:
    return {"id": id, "source": source, "target": target, "sourceHandle": "output", "targetHandle": "input"}


FERRIES: dict[str, Any] = {
    "nodes": [node("read", table="ferries"), node("late", expression="delay > 5"), node("sort", by=["port"])],
    "edges": [edge("read", "late", "a"), edge("late", "sort", "b")],
}


def test_a_diagram_is_the_same_as_itself_however_its_edges_and_ids_are_ordered() -> None:
    other = copy.deepcopy(FERRIES)
    other["edges"] = [{**each, "id": f"x{number}"} for number, each in enumerate(reversed(other["edges"]))]
    other["viewport"] = {"x": 4, "y": 2, "zoom": 1}
    assert compare(FERRIES, other)["same"] is True


def test_added_removed_changed_and_moved_nodes_are_told_by_name() -> None:
    other = copy.deepcopy(FERRIES)
    del other["nodes"][2]
    other["nodes"][1]["data"]["config"]["expression"] = "delay > 10"
    other["nodes"][0]["position"] = {"x": 40, "y": 0}
    other["nodes"].append(node("count", groupBy=[]))
    other["edges"] = [edge("read", "late"), edge("late", "count")]
    told = compare(FERRIES, other)
    assert told["same"] is False
    assert [each["node_id"] for each in told["nodes"]["added"]] == ["count"]
    assert told["nodes"]["removed"] == [{"node_id": "sort", "label": "Sort"}]
    assert told["nodes"]["moved"] == [{"node_id": "read", "label": "Read"}]
    assert told["nodes"]["changed"] == [
        {
            "node_id": "late",
            "label": "Late",
            "changes": [{"field": "config.expression", "before": "delay > 5", "after": "delay > 10"}],
        }
    ]
    assert [(each["source"], each["target"]) for each in told["edges"]["added"]] == [("late", "count")]
    assert [(each["source"], each["target"]) for each in told["edges"]["removed"]] == [("late", "sort")]


def test_a_setting_that_comes_or_goes_has_one_side_only() -> None:
    before, after = {"nodes": [node("late", n=5)]}, {"nodes": [node("late", offset=None)]}
    [changed] = compare(before, after)["nodes"]["changed"]
    assert changed["changes"] == [{"field": "config.n", "before": 5}, {"field": "config.offset", "after": None}]


def test_the_order_of_keys_alone_is_a_change_since_it_orders_columns() -> None:
    before = {"nodes": [node("derive", expressions={"a": "1", "b": "2"})]}
    after = {"nodes": [node("derive", expressions={"b": "2", "a": "1"})]}
    [changed] = compare(before, after)["nodes"]["changed"]
    assert [each["field"] for each in changed["changes"]] == ["config.expressions"]


def test_one_and_true_and_one_point_zero_are_three_values() -> None:
    values = [1, True, 1.0]
    for before in values:
        for after in values:
            told = compare({"nodes": [node("limit", n=before)]}, {"nodes": [node("limit", n=after)]})
            assert told["same"] is (type(before) is type(after))


def test_parameters_and_notes_count_too() -> None:
    told = compare(FERRIES, FERRIES, ({"port": {"type": "string"}, "day": {}}, {"port": {"type": "int64"}, "hour": {}}))
    assert told["parameters"] == {"added": ["hour"], "removed": ["day"], "changed": ["port"]}
    assert compare(FERRIES, {**FERRIES, "annotations": [{"id": "note"}]})["same"] is False


def test_a_draft_that_is_hardly_a_diagram_can_be_compared() -> None:
    assert compare({}, {"nodes": [{"id": "x"}, "?"], "edges": [None]})["nodes"]["added"][0]["label"] == "x"
