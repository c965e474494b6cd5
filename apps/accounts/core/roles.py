"""The roles that every tenant starts with."""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts.core.levels import Level


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """`levels` are what a person of this role is granted on an object unless something else is said."""

    key: str
    description: str
    levels: tuple[Level, ...]
    capabilities: tuple[str, ...] = ()


BUILT_IN = (
    BuiltInRole(
        "owner",
        "Everything but the subscription itself: people, groups, roles, every capability",
        (Level.ADMIN,),
        (
            "workspaces.create", "connectors.create", "users.manage", "groups.manage",
            "roles.manage", "permissions.manage", "audit.read", "operations.read",
        ),
    ),
    BuiltInRole(
        "editor",
        "Draws and runs workflows, makes connectors",
        (Level.WRITE, Level.EXECUTE),
        ("connectors.create",),
    ),
    BuiltInRole("runner", "Runs workflows", (Level.EXECUTE,)),
    BuiltInRole("viewer", "Looks", (Level.READ,)),
)  # fmt: skip
