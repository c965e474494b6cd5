"""The vault: opened from its file or by hand, closed for everyone at once."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.kernel.errors import Conflict
from apps.vault import keyholder, services, state
from apps.vault.core.keys import Derivation
from apps.vault.errors import VaultBroken, VaultSealed, WrongPassword
from apps.vault.models import DataKey

PASSWORD = "seven grey herons"


@pytest.fixture(autouse=True)
def own_vault(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tenant: Any) -> None:
    """A vault of the test's own; its key derivation is quick, for once."""
    from apps.vault.models import VaultParameters

    settings.VAULT_KEY_FILE = tmp_path / "keys" / "vault.key"
    settings.VAULT_RUN_DIR = tmp_path / "run"
    monkeypatch.setattr(Derivation, "fresh", classmethod(lambda cls: cls(os.urandom(16), 1, 64, 1)))
    from django_tenants.utils import schema_context

    with schema_context("public"):
        VaultParameters.objects.all().delete()
    DataKey.objects.all().delete()


def sealed(plain: str = "blue heron", version: int = 1) -> str:
    return services.seal(plain=plain, owner="connector-1", field="password", version=version)


def opened(text: str, **place: Any) -> str:
    where = {"owner": "connector-1", "field": "password", "version": 1} | place
    return services.unseal(sealed=text, **where)


def test_the_vault_makes_its_key_file_and_opens_itself(settings: Any) -> None:
    assert opened(sealed()) == "blue heron"
    assert settings.VAULT_KEY_FILE.stat().st_mode & 0o777 == 0o600
    assert not state.is_sealed()


def test_t21_the_key_is_not_beside_the_data(settings: Any) -> None:
    """Nothing in the database, in any schema, opens a secret; a key file among the data is refused."""
    text = sealed()
    password = settings.VAULT_KEY_FILE.read_text()
    key = keyholder.held(state.key_id(state.parameters()))
    row = DataKey.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(v::text, ' ') FROM public.vault_vaultparameters AS v")
        everything = cursor.fetchone()[0] + row.sealed + text
    for secret in (password, key.secret.hex(), "blue heron"):  # type: ignore[union-attr]
        assert secret not in everything
    for beside in (settings.TENANT_STORAGE, settings.RUN_STORE):
        settings.VAULT_KEY_FILE = Path(beside) / "vault.key"
        with pytest.raises(VaultBroken):
            keyholder.master_password()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_t21_a_key_file_that_others_can_read_is_refused(settings: Any, mode: int) -> None:
    sealed()
    keyholder.drop(state.key_id(state.parameters()))
    settings.VAULT_KEY_FILE.chmod(mode)
    with pytest.raises(VaultBroken, match="read by others"):
        sealed()
    assert state.is_sealed()


def test_t21_an_open_vaults_key_is_ours_alone(settings: Any) -> None:
    sealed()
    [path] = settings.VAULT_RUN_DIR.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert settings.VAULT_RUN_DIR.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    with pytest.raises(VaultBroken):
        sealed()


@pytest.mark.parametrize("place", [{"owner": "connector-2"}, {"field": "token"}, {"version": 2}])
def test_t22_a_secret_does_not_open_in_another_row(place: dict[str, Any]) -> None:
    with pytest.raises(VaultBroken):
        opened(sealed(), **place)


def test_t22_a_secret_does_not_open_in_another_tenant(rival: Any) -> None:
    from django_tenants.utils import tenant_context

    text = sealed()
    row = DataKey.objects.get()
    with tenant_context(rival):
        with pytest.raises(VaultBroken):
            opened(text)
        DataKey.objects.create(id=row.id, sealed=row.sealed)  # even with the key carried over
        with pytest.raises(VaultBroken):
            opened(text)


def test_sealing_closes_it_for_all_until_it_is_opened_by_hand(settings: Any) -> None:
    text = sealed()
    services.lock()
    assert state.is_sealed()
    assert state.current().reason == "operator"
    assert list(settings.VAULT_RUN_DIR.iterdir()) == []
    for act in (lambda: opened(text), sealed):  # although the key file is still there
        with pytest.raises(VaultSealed):
            act()
    services.unlock(password=settings.VAULT_KEY_FILE.read_text())
    assert opened(text) == "blue heron"


def test_without_the_key_file_it_waits_for_its_password(settings: Any) -> None:
    settings.VAULT_AUTO_UNSEAL = False
    assert state.is_sealed()
    with pytest.raises(VaultSealed):
        sealed()
    services.unlock(password=PASSWORD)  # the first password is the master password
    text = sealed()
    keyholder.drop(state.key_id(state.parameters()))  # the machine was restarted
    assert state.current().reason == "restarted"
    with pytest.raises(WrongPassword):
        services.unlock(password="seven red herons")
    assert state.is_sealed()
    services.unlock(password=PASSWORD)
    assert opened(text) == "blue heron"
    assert not settings.VAULT_KEY_FILE.exists()


def test_nobody_claims_it_twice() -> None:
    services.initialise(password=PASSWORD)
    with pytest.raises(Conflict):
        services.initialise(password="another")


def test_a_missing_or_wrong_key_file_is_sealed_and_says_why(settings: Any) -> None:
    sealed()
    keyholder.drop(state.key_id(state.parameters()))
    settings.VAULT_KEY_FILE.rename(settings.VAULT_KEY_FILE.with_suffix(".old"))
    assert state.current().reason == "key_file_missing"
    assert not settings.VAULT_KEY_FILE.exists()  # no new one is made for an old vault
    settings.VAULT_KEY_FILE.write_text("another password")
    settings.VAULT_KEY_FILE.chmod(0o600)
    assert state.current().reason == "key_file_wrong"


def test_a_new_master_password_leaves_secrets_as_they_are() -> None:
    services.initialise(password=PASSWORD)
    text = sealed()
    assert services.change_password(old=PASSWORD, new="nine white herons") >= 1
    assert opened(text) == "blue heron"
    with pytest.raises(WrongPassword):
        services.change_password(old=PASSWORD, new="x")
    services.lock()
    with pytest.raises(WrongPassword):
        services.unlock(password=PASSWORD)
    services.unlock(password="nine white herons")
    assert opened(text) == "blue heron"


def test_a_new_data_key_opens_what_the_old_one_sealed() -> None:
    text = sealed()
    services.rotate_data_key()
    assert opened(text) == "blue heron"
    assert sealed().split(".")[1] != text.split(".")[1]
    assert DataKey.objects.filter(retired_at=None).count() == 1


def test_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(name: str, typed: str = "", **options: Any) -> str:
        out = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        call_command(name, stdout=out, **options)
        return out.getvalue()

    assert "no master password" in run("vault_status")
    assert "open" in run("vault_unseal", PASSWORD + "\n")
    assert "open" in run("vault_status")
    assert "sealed" in run("vault_seal")
    assert "sealed (operator)" in run("vault_status")
    with pytest.raises(CommandError):
        run("vault_unseal", "wrong\n")
    run("vault_unseal", PASSWORD + "\n")
    assert "new master password" in run("vault_rotate", f"{PASSWORD}\nnine white herons\n")
    with pytest.raises(CommandError):
        run("vault_rotate", f"{PASSWORD}\nx\n")
    assert "new data key" in run("vault_rotate", tenant=connection.schema_name)
