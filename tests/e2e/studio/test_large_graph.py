"""Hundreds of nodes: their outlines at once, the nodes themselves bit by bit, and none is forgotten."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo, diagram, edge, node

NODES = 450
SEEN = """
window.turns = [];
(function look() {
  const nodes = document.querySelectorAll(".react-flow__node").length;
  const outlines = document.querySelectorAll("path[data-category]").length;
  if (nodes !== window.turns.at(-1)?.nodes) window.turns.push({ nodes, outlines });
  requestAnimationFrame(look);
})();
"""


def test_a_large_graph_is_seen_whole_while_its_nodes_arrive(page: Page, owner: Uzo, demo: dict[str, Any]) -> None:
    first = node("flights", "connector", "read", connector=demo["demo_connector_id"], table="flights")
    steps = [node(f"step_{place}", "transform", "filter", expression=f"dep_delay > {place}") for place in range(NODES)]
    drawn = diagram([first, *steps], [edge("flights", step["id"]) for step in steps])
    for place, step in enumerate(steps):
        step["position"] = {"x": 300 * (1 + place // 25), "y": 100 * (place % 25)}
    job = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    workflow = owner.post(f"jobs/{job}/workflows", {"name": "Late by so much", "workflow_diagram": drawn})["id"]

    page.add_init_script(SEEN)
    page.goto(f"/workflows/{workflow}")
    expect(page.locator(".react-flow__node")).to_have_count(NODES + 1)
    expect(page.locator("path[data-category]")).to_have_count(0)
    turns = page.evaluate("window.turns")
    between = [turn for turn in turns if 0 < turn["nodes"] <= NODES]
    assert between, turns
    assert all(turn["outlines"] == 2 for turn in between), turns
    owner.http.delete(f"workflows/{workflow}")
