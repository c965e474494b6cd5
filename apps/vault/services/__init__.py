from apps.vault.services.operating import (
    change_password,
    ensure_initialised,
    initialise,
    lock,
    rotate_data_key,
    unlock,
)
from apps.vault.services.sealing import seal, unseal

__all__ = [
    "change_password",
    "ensure_initialised",
    "initialise",
    "lock",
    "rotate_data_key",
    "seal",
    "unlock",
    "unseal",
]
