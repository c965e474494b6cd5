"""What every test shares: throttles that do not count our own haste."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def generous_throttles() -> Iterator[None]:
    """Thousands of requests a second from one address are an attack in the field and a test here."""
    from django.conf import settings
    from django.test import override_settings

    rates = {"user": "1000000/min", "anon": "1000000/min"}
    with override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}):
        yield
