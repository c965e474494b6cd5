"""What hangs on the vault in one tenant: rooms above say how to count their secrets, and what waits for it."""

from __future__ import annotations

from collections.abc import Callable

from apps.kernel.registry import Registry

Counter = Callable[[], int]
_secrets: Registry[Counter] = Registry("kind of kept secret")
_waiting: Registry[Counter] = Registry("kind of work that waits for the vault")


def register_secrets(kind: str, count: Counter) -> None:
    """Tell how to count the sealed values of a kind; call it in `ready()`. `count` runs in the tenant's schema."""
    _secrets.register(kind, count)


def register_waiting(kind: str, count: Counter) -> None:
    """Tell how to count what waits until the vault is open; call it in `ready()`."""
    _waiting.register(kind, count)


def secrets() -> dict[str, int]:
    """Kind → number of sealed values that the current tenant keeps; a query for each kind."""
    return {kind: _secrets[kind]() for kind in _secrets}


def waiting() -> dict[str, int]:
    """Kind → number of things that wait for the vault; a query for each kind."""
    return {kind: _waiting[kind]() for kind in _waiting}
