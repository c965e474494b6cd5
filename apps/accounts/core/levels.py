"""Levels of permission on an object, and what one includes."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Level(StrEnum):
    READ = "read"
    WRITE = "write"
    EXECUTE = "execute"
    ADMIN = "admin"

    def includes(self, wanted: Level) -> bool:
        """Whether holding this level is enough for `wanted`: every level includes read, admin all."""
        return self is wanted or self is Level.ADMIN or wanted is Level.READ


def any_includes(held: Collection[Level], wanted: Level) -> bool:
    return any(level.includes(wanted) for level in held)


def enough_for(wanted: Level) -> frozenset[Level]:
    """The levels of which holding any one is enough for `wanted`."""
    return frozenset(level for level in Level if level.includes(wanted))
