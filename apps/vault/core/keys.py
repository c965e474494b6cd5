"""Keys: the one made from the master password, and the data keys that it seals."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from argon2.low_level import Type, hash_secret_raw

_NAMESPACE = UUID("6f1f0f6e-2f57-5d55-9a7e-51c3f2b2a4d1")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """256 bits with a name. The bits never show: neither in repr nor in an error."""

    id: UUID
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")

    @classmethod
    def random(cls, identifier: UUID) -> Key:
        return cls(identifier, os.urandom(KEY_BYTES))


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a password becomes a key: Argon2id with `memory` in KiB. The defaults follow RFC 9106 for servers
    (64 MiB, three passes, four lanes)."""

    salt: bytes
    passes: int = 3
    memory: int = 65_536
    lanes: int = 4

    @classmethod
    def fresh(cls) -> Derivation:
        return cls(os.urandom(16))

    @property
    def key_id(self) -> UUID:
        """The id of the key; it follows from the salt, not from the password."""
        return uuid5(_NAMESPACE, self.salt.hex())

    def key(self, password: str) -> Key:
        """The key-encryption key of a password; takes a tenth of a second, on purpose."""
        secret = hash_secret_raw(password.encode(), self.salt, self.passes, self.memory, self.lanes, KEY_BYTES, Type.ID)
        return Key(self.key_id, secret)

    def as_json(self) -> dict[str, Any]:
        salt = base64.b64encode(self.salt).decode()
        return {"salt": salt, "passes": self.passes, "memory": self.memory, "lanes": self.lanes}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Derivation:
        return cls(base64.b64decode(value["salt"]), value["passes"], value["memory"], value["lanes"])
