"""The examples that the pages show beside a transform are configs that it takes, on the columns they name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import apps.transforms.nodes
from apps.nodes.columns import Column, DataType, Schema
from apps.nodes.registry import all_types, find, load
from apps.nodes.types import InferContext

load(apps.transforms.nodes)
EXAMPLES = json.loads(
    (Path(__file__).parents[3] / "apps/studio/frontend/src/graph/examples.json").read_text(encoding="utf-8")
)


def columns(types: dict[str, str]) -> Schema:
    return Schema.of(Column(name, DataType.parse(type_)) for name, type_ in types.items())


@pytest.mark.parametrize("operation", EXAMPLES)
def test_an_example_is_a_config_without_problems(operation: str) -> None:
    example: dict[str, Any] = EXAMPLES[operation]
    node_type = find("transform", operation)
    assert node_type is not None
    config = node_type.Config.model_validate({"operation": operation, **example["config"]})
    here = columns(example["columns"])
    inputs = {"left": [here], "right": [columns(example["right"])]} if "right" in example else {"input": [here]}
    inference = node_type.infer(config, inputs, InferContext(open_parameters=False))
    assert inference.problems == ()
    assert not inference.outputs["output"].dynamic


def test_every_transform_has_an_example() -> None:
    assert set(EXAMPLES) == {each.operation for each in all_types() if each.category == "transform"}
