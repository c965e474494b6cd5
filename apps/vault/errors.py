"""What the vault refuses."""

from __future__ import annotations

from apps.kernel.errors import Conflict, Forbidden, Unavailable


class VaultSealed(Unavailable):
    """Secrets can be neither read nor written until an operator unseals the vault."""

    code = "vault_sealed"
    title = "The vault is sealed"

    def __init__(self, message: str = "", **kwargs: object) -> None:
        super().__init__(message, remedy="Ask an operator to unseal the vault.", **kwargs)  # type: ignore[arg-type]


class WrongPassword(Forbidden):
    code = "wrong_password"
    title = "That is not the master password"


class VaultBroken(Conflict):
    """The key file or a sealed value is not what it should be."""

    code = "vault_broken"
    title = "The vault cannot be opened as it stands"
