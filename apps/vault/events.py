"""What happens to the vault."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultUnsealed(Event):
    """Runs that waited for it can go on. `by` is an operator; None from a command."""

    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultWasSealed(Event):
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKeyRotated(Event):
    """In one tenant's schema: what older keys sealed should be sealed anew."""

    key_id: UUID
