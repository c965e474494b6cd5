"""Whether the vault is open: asked by everyone, answered by the database and this machine's key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django_tenants.utils import get_public_schema_name
from psycopg import sql

from apps.vault import keyholder
from apps.vault.core.envelope import CannotOpen, Place, seal, unseal
from apps.vault.core.keys import Derivation, Key
from apps.vault.errors import VaultBroken, VaultSealed, WrongPassword
from apps.vault.models import VaultParameters

_COLUMNS = [str(each.column) for each in VaultParameters._meta.concrete_fields]
_PARAMETERS = (
    # By its full name: switching to the public schema and back would cost two more round trips each time.
    sql.SQL("select {} from {} where id = 1")
    .format(
        sql.SQL(", ").join([sql.Identifier(name) for name in _COLUMNS]),
        sql.Identifier(get_public_schema_name(), VaultParameters._meta.db_table),
    )
    .as_string(None)
)
_PROOF = b"this is the vault of uzo"
_PROOF_PLACE = Place("public", "vault", "verifier", 1)


@dataclass(frozen=True, slots=True)
class State:
    """`reason`: `operator` (sealed by hand), `restarted` (waits for its password), `key_file_missing`,
    `key_file_wrong`; empty when open."""

    initialised: bool
    sealed: bool
    reason: str = ""
    sealed_at: datetime | None = None
    auto_unseal: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "initialised": self.initialised,
            "sealed": self.sealed,
            "reason": self.reason,
            "sealed_at": self.sealed_at,
            "auto_unseal": self.auto_unseal,
        }


def parameters() -> VaultParameters | None:
    """The vault's one row: asked before every start, and whenever a secret is read."""
    with connection.cursor() as cursor:
        cursor.execute(_PARAMETERS)
        row = cursor.fetchone()
    if row is None:
        return None
    columns = dict(zip(_COLUMNS, row, strict=True))
    found = VaultParameters(**columns | {"derivation": json.loads(columns["derivation"])})
    found._state.adding = False  # it is saved, and to be saved again as the row that it is
    return found


def key_id(known: VaultParameters) -> UUID:
    """Which key the vault has now."""
    return Derivation.from_json(known.derivation).key_id


def proof(key: Key) -> str:
    """What is kept to tell a right password from a wrong one."""
    return seal(key, _PROOF, _PROOF_PLACE)


def proves(key: Key, verifier: str) -> bool:
    try:
        return unseal(key, verifier, _PROOF_PLACE) == _PROOF
    except CannotOpen:
        return False


def derive(known: VaultParameters, password: str) -> Key:
    """The key of a password. Raises WrongPassword."""
    key = Derivation.from_json(known.derivation).key(password)
    if not proves(key, known.verifier):
        raise WrongPassword
    return key


def current() -> State:
    """The state as it is now; opens the vault from the key file where that is wanted and possible."""
    auto = bool(settings.VAULT_AUTO_UNSEAL)
    known = parameters()
    if known is None:
        return State(False, not auto, "" if auto else "restarted", None, auto)
    if known.sealed_at is not None:
        return State(True, True, "operator", known.sealed_at, auto)
    reason = _open(known, auto=auto)
    return State(True, bool(reason), reason, None, auto)


def is_sealed() -> bool:
    """Whether secrets cannot be read now. Never raises for a broken key file: that is sealed, too."""
    try:
        return current().sealed
    except VaultBroken:
        return True


def key() -> Key:
    """The key-encryption key. Raises VaultSealed."""
    from apps.vault.services import ensure_initialised

    known = parameters() or ensure_initialised()
    if known is None or known.sealed_at is not None:
        raise VaultSealed
    if _open(known, auto=bool(settings.VAULT_AUTO_UNSEAL)):
        raise VaultSealed
    found = keyholder.held(key_id(known))
    if found is None:
        raise VaultSealed  # sealed between two lines
    return found


def _open(known: VaultParameters, *, auto: bool) -> str:
    """Why the vault is not open on this machine; opens it from the key file if it may."""
    held = keyholder.held(key_id(known))
    if held is not None and proves(held, known.verifier):
        return ""
    if not auto:
        return "restarted"
    password = keyholder.master_password()
    if password is None:
        return "key_file_missing"
    try:
        keyholder.keep(derive(known, password))
    except WrongPassword:
        return "key_file_wrong"
    return ""
