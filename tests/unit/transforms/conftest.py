"""What the tests of transforms share."""

from __future__ import annotations

import pytest

import apps.transforms.nodes
from apps.nodes.registry import load


@pytest.fixture(scope="session", autouse=True)
def _every_transform_is_registered() -> None:
    load(apps.transforms.nodes)
