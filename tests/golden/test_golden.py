"""The golden workflows, straight through the transforms."""

from __future__ import annotations

import pytest

import apps.transforms.nodes
from apps.nodes.registry import all_types, load
from tests.golden.runner import all_names, assert_same_rows, load_golden, run_directly

load(apps.transforms.nodes)
NAMES = all_names()


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_workflow_gives_the_rows_that_duckdb_gives(name: str) -> None:
    golden = load_golden(name)
    assert_same_rows(golden, run_directly(golden))


def test_there_are_enough_of_them_and_they_cover_every_transform_and_kind_of_join() -> None:
    goldens = [load_golden(name) for name in NAMES]
    assert len(goldens) >= 30
    transforms = {each.operation for each in all_types() if each.category == "transform"}
    assert transforms <= set().union(*(golden.operations for golden in goldens))
    kinds = {
        node["data"]["config"].get("joinType", "inner")
        for golden in goldens
        for node in golden.diagram["nodes"]
        if node["data"]["config"]["operation"] == "join"
    }
    assert kinds == {"inner", "left", "right", "outer", "full", "semi", "anti", "cross", "asof"}
