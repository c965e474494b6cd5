"""Secrets never leave by way of a message."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from apps.connectors.sdk import registry
from apps.connectors.sdk.config import secret_fields
from apps.connectors.sdk.scrub import MASK, Scrubber

SECRET = "h/ron & 7%ü'"


@pytest.mark.parametrize(
    "spelling", [SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode(), repr(SECRET)[1:-1]]
)
def test_t23_every_spelling_of_a_secret_is_masked(spelling: str) -> None:
    text = Scrubber([SECRET])(f"could not sign in with {spelling} at the server")
    assert spelling not in text
    assert MASK in text


def test_the_longer_secret_goes_first() -> None:
    assert Scrubber(["heron", "heron blue"])("x heron blue y") == f"x {MASK} y"


@pytest.mark.parametrize("name", list(registry.types()))
def test_t23_no_type_shows_secrets_in_its_repr(name: str) -> None:
    kind = registry.types()[name]
    given = {
        "postgresql": {"host": "db.example", "database": "d", "username": "u", "password": SECRET},
        "http": {"base_url": "https://api.example", "headers": {"X-Key": "heron"}},
    }.get(name)
    if given is None:
        assert secret_fields(kind.Config) == {}
        return
    config = kind.Config.model_validate_json(__import__("json").dumps(given))
    shown = repr(config) + str(config) + str(config.model_dump())
    assert SECRET not in shown
    assert "heron" not in shown
    assert set(config.secrets().values()) <= {SECRET, "heron"}
    assert config.secrets()
