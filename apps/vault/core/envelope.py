"""Sealing: AES-256-GCM, bound to where the sealed thing stands.

A sealed text is `v1.<key id>.<nonce>.<ciphertext>`. The associated data names tenant, owner, field and
version: moved to another row, another field or an older version, it does not open (THREATS 22).
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.vault.core.keys import Key

_FORMAT = "v1"
_NONCE_BYTES = 12


class CannotOpen(Exception):
    """The key is another one, the place is another one, or the text was changed: nobody can tell which."""

    def __init__(self) -> None:
        super().__init__("a sealed value does not open with this key at this place")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands. `version` grows with every change of the owner's secrets."""

    tenant: str
    owner: str
    field: str
    version: int

    def bytes(self) -> bytes:
        """Each part with its length before it, so that no two places are spelled alike."""
        parts = [part.encode() for part in (_FORMAT, self.tenant, self.owner, self.field, str(self.version))]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def seal(key: Key, plain: bytes, place: Place) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key.secret).encrypt(nonce, plain, place.bytes())
    return ".".join([_FORMAT, key.id.hex, _encode(nonce), _encode(sealed)])


def unseal(key: Key, sealed: str, place: Place) -> bytes:
    """Raises CannotOpen."""
    try:
        form, identifier, nonce, ciphertext = sealed.split(".")
        if form != _FORMAT or UUID(hex=identifier) != key.id:
            raise CannotOpen
        return AESGCM(key.secret).decrypt(_decode(nonce), _decode(ciphertext), place.bytes())
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise CannotOpen from error


def key_id(sealed: str) -> UUID:
    """Which key sealed it. Raises CannotOpen for what is no sealed value."""
    try:
        return UUID(hex=sealed.split(".")[1])
    except (IndexError, ValueError) as error:
        raise CannotOpen from error


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
