"""While the vault is sealed executions wait; once it is open they run. The vault is a real one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django_tenants.utils import schema_context

from apps.executions import selectors, services
from apps.executions.queue import Hint, Lane
from apps.executions.services import vault_wait
from apps.kernel.redis import client
from apps.vault import services as vault
from apps.vault.core.keys import Derivation
from tests.db.executions.conftest import chain
from tests.e2e.client import node

Make = Callable[..., Any]
PASSWORD = "seven grey herons"


@pytest.fixture(autouse=True)
def own_vault(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tenant: Any) -> None:
    """An open vault of the test's own; its key derivation is quick, for once."""
    from apps.vault.models import DataKey, VaultParameters

    settings.VAULT_KEY_FILE = tmp_path / "keys" / "vault.key"
    settings.VAULT_RUN_DIR = tmp_path / "run"
    monkeypatch.setattr(Derivation, "fresh", classmethod(lambda cls: cls(os.urandom(16), 1, 64, 1)))
    with schema_context("public"):
        VaultParameters.objects.all().delete()
    DataKey.objects.all().delete()
    vault.initialise(password=PASSWORD)


@pytest.fixture
def reading(workflow_of: Make, quays: Any) -> Any:
    """A workflow that reads the quays."""
    return workflow_of(*chain(node("quays", "connector", "read", connector=str(quays.pk), table="quays.csv")))


def hints(lane: Lane) -> list[str]:
    return [str(Hint.of(member).execution_id) for member in client().zrange(lane.turns, 0, -1)]  # type: ignore[union-attr]


def again(execution: Any) -> Any:
    return type(execution).objects.get(pk=execution.pk)


def test_an_execution_waits_for_the_vault_and_runs_once_it_is_open(
    reading: Any, owner: Any, work: Make, django_capture_on_commit_callbacks: Any
) -> None:
    vault.lock()
    with django_capture_on_commit_callbacks(execute=True):
        execution = services.start_execution(viewer=owner, workflow_id=reading.pk)
    assert (execution.status, execution.waiting_for) == ("queued", "vault")
    assert str(execution.pk) not in hints(Lane.RUN)

    with django_capture_on_commit_callbacks(execute=True):
        vault.unlock(password=PASSWORD)
    assert again(execution).waiting_for is None
    assert hints(Lane.RUN).count(str(execution.pk)) == 1
    assert work(execution).status == "success"


def test_a_preview_that_waited_goes_to_the_workers_of_previews(
    reading: Any, owner: Any, django_capture_on_commit_callbacks: Any
) -> None:
    vault.lock()
    execution = services.start_preview(viewer=owner, workflow_id=reading.pk, node_id="quays")
    assert execution.waiting_for == "vault"
    with django_capture_on_commit_callbacks(execute=True):
        vault.unlock(password=PASSWORD)
    assert str(execution.pk) in hints(Lane.PREVIEW)


def test_one_that_was_queued_before_the_vault_was_sealed_is_held_back_by_the_worker(reading: Any, owner: Any) -> None:
    execution = services.start_execution(viewer=owner, workflow_id=reading.pk)
    assert execution.waiting_for is None
    vault.lock()
    assert vault_wait.hold_back(execution.pk)
    assert (again(execution).status, again(execution).waiting_for) == ("queued", "vault")
    vault.unlock(password=PASSWORD)
    assert not vault_wait.hold_back(execution.pk)


def test_what_waits_can_be_cancelled(reading: Any, owner: Any) -> None:
    vault.lock()
    execution = services.start_execution(viewer=owner, workflow_id=reading.pk)
    services.cancel_execution(viewer=owner, execution_id=execution.pk)
    found = again(execution)
    assert (found.status, found.waiting_for) == ("cancelled", None)
    assert selectors.body(found)["nodes"][0]["status"] == "cancelled"
