"""What a role may do that is not about one object."""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts.core.levels import Level
from apps.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class Capability:
    """`scope` is the level that an API key must carry to use it."""

    name: str
    label: str
    scope: Level = Level.WRITE


REGISTRY: Registry[Capability] = Registry("capability")


def register_capability(name: str, label: str, scope: Level = Level.WRITE) -> None:
    """Make a capability known, so that roles can carry it; call it in `ready()`."""
    if REGISTRY.get(name) is None:
        REGISTRY.register(name, Capability(name, label, scope))


for _name, _label, _scope in (
    ("workspaces.create", "Make workspaces", Level.WRITE),
    ("connectors.create", "Make connectors", Level.WRITE),
    ("users.manage", "Make, change and remove people", Level.ADMIN),
    ("groups.manage", "Make groups and choose their members", Level.ADMIN),
    ("roles.manage", "Make and change roles", Level.ADMIN),
    ("permissions.manage", "Grant on every object that one can read", Level.ADMIN),
    ("audit.read", "Read the audit log", Level.READ),
    ("vault.manage", "Seal and unseal the vault", Level.ADMIN),
    ("subscription.manage", "Change the plan", Level.ADMIN),
):
    register_capability(_name, _label, _scope)
