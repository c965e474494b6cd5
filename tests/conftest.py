"""What every test shares: throttles that do not count our own haste, and a second try for whole stacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

_OF_WHOLE_STACKS = Path(__file__).parent / "e2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that drive a browser or a whole stack get one more try, which the summary shows as RERUN: what is
    broken fails twice, what a busy machine delayed does not throw a whole run away. Drills get none: a row
    lost once in a hundred runs is lost."""
    for item in items:
        if _OF_WHOLE_STACKS in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def generous_throttles() -> Iterator[None]:
    """Thousands of requests a second from one address are an attack in the field and a test here."""
    from django.conf import settings
    from django.test import override_settings

    rates = {"user": "1000000/min", "anon": "1000000/min"}
    with override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}):
        yield
