"""What executions do about events of other rooms; `uzo.wiring` calls these."""

from __future__ import annotations

from apps.executions.services.vault_wait import release
from apps.vault.events import VaultUnsealed


def vault_unsealed(event: VaultUnsealed) -> None:  # noqa: ARG001
    """Executions that waited for the vault go on, in all tenants."""
    release()
