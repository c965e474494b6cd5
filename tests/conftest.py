"""What every test shares: throttles that do not count our own haste, and a second try for whole processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_OF_WHOLE_PROCESSES = (_HERE / "e2e", _HERE / "drills")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that start, kill and time real processes get one more try, which the summary shows as RERUN: what
    is broken fails twice, what a busy machine delayed does not throw a whole run away."""
    for item in items:
        if any(folder in item.path.parents for folder in _OF_WHOLE_PROCESSES):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def generous_throttles() -> Iterator[None]:
    """Thousands of requests a second from one address are an attack in the field and a test here."""
    from django.conf import settings
    from django.test import override_settings

    rates = {"user": "1000000/min", "anon": "1000000/min"}
    with override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}):
        yield
