"""Sealing one secret of the current tenant, and opening it again."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from apps.kernel.connections import connection
from apps.kernel.ids import new_id
from apps.vault import state
from apps.vault.core import envelope
from apps.vault.core.envelope import CannotOpen, Place
from apps.vault.core.keys import Key
from apps.vault.errors import VaultBroken
from apps.vault.models import DataKey


def seal(*, plain: str, owner: str, field: str, version: int) -> str:
    """The secret as a text that only this tenant's `owner`, `field` and `version` can open.
    Raises VaultSealed."""
    return envelope.seal(active_key(), plain.encode(), _place(owner, field, version))


def unseal(*, sealed: str, owner: str, field: str, version: int) -> str:
    """The secret in plain text. Raises VaultSealed, and VaultBroken where it does not open here."""
    try:
        row = DataKey.objects.filter(pk=envelope.key_id(sealed)).first()
        if row is None:
            raise CannotOpen
        return envelope.unseal(opened(row, state.key()), sealed, _place(owner, field, version)).decode()
    except CannotOpen as error:
        raise VaultBroken("A secret does not open: it was changed or moved", remedy="Give the secret again.") from error


def active_key() -> Key:
    """The current tenant's data key, made when there is none."""
    kek = state.key()
    row = DataKey.objects.filter(retired_at=None).first()
    if row is None:
        fresh = Key.random(new_id())
        try:
            with transaction.atomic():
                DataKey.objects.create(id=fresh.id, sealed=envelope.seal(kek, fresh.secret, place_of_key(fresh.id)))
            return fresh
        except IntegrityError:
            row = DataKey.objects.get(retired_at=None)
    return opened(row, kek)


def opened(row: DataKey, kek: Key) -> Key:
    """A data key in the clear. Raises VaultBroken if it was sealed by another master password."""
    try:
        return Key(row.pk, envelope.unseal(kek, row.sealed, place_of_key(row.pk)))
    except CannotOpen as error:
        raise VaultBroken("The data key of this tenant does not open with the master password") from error


def place_of_key(identifier: UUID) -> Place:
    return Place(connection.schema_name, str(identifier), "data key", 1)


def _place(owner: str, field: str, version: int) -> Place:
    return Place(connection.schema_name, owner, field, version)
