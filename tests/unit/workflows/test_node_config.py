"""What is wrong with a config is said at a path that is in the config, in words of this house."""

from __future__ import annotations

from typing import Any

import pytest

from apps.executions.nodes.wait import WaitConfig
from apps.nodes.config import NodeConfig
from apps.transforms.nodes.aggregates import AggregateConfig
from apps.workflows.core.node_config import read_config


def problems(model: type[NodeConfig], **config: Any) -> list[tuple[str | None, str]]:
    found = read_config(model, {"operation": "x", **config})
    assert isinstance(found, tuple)
    return [(problem.field, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("aggregations", "field"),
    [
        ({"late": {"column": "delay", "function": "quantile", "q": 2}}, "config.aggregations.late.q"),
        ({"late": {"column": "delay"}}, "config.aggregations.late.function"),
        ({"late": 5}, "config.aggregations.late"),
        ({"late": ["sum", 5]}, "config.aggregations.late.1"),
    ],
)
def test_alternatives_of_a_field_are_no_part_of_its_path(aggregations: Any, field: str) -> None:
    fields = [place for place, _ in problems(AggregateConfig, groupBy=[], aggregations=aggregations)]
    assert field in fields
    assert all("[" not in str(place) for place in fields)


def test_a_rule_of_our_own_is_told_in_its_own_words() -> None:
    assert problems(WaitConfig) == [("config", "give either seconds or until")]
