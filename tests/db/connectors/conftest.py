"""A vault that is open, made once a session: the key derivation is slow on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def open_vault(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    from apps.vault.services import ensure_initialised

    with django_db_blocker.unblock():
        ensure_initialised()
    return


@pytest.fixture(autouse=True)
def own_storage(open_vault: None, settings: Any, tmp_path: Path) -> None:
    """Uploaded files of a test lie in a folder of its own; the databases of this machine may be reached."""
    settings.TENANT_STORAGE = tmp_path / "tenants"
    database = settings.DATABASES["default"]
    settings.EGRESS_ALLOW = f"127.0.0.1:{database['PORT'] or 5432},localhost:{database['PORT'] or 5432}"


@pytest.fixture
def postgresql_config(settings: Any) -> dict[str, Any]:
    """A connector configuration of the server that the tests run on."""
    database = settings.DATABASES["default"]
    config = {"host": "127.0.0.1", "port": int(database["PORT"] or 5432), "database": database["NAME"],
              "username": database["USER"], "sslmode": "disable"}  # fmt: skip
    return config | {"password": database["PASSWORD"] or "a password that trust authentication ignores"}
