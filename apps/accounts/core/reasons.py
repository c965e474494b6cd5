"""Why somebody may do what with an object: grants on it and above it, in an order that people can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.accounts.core.levels import Level

Place = tuple[str, UUID]
"""A kind's name, and the id of an object of that kind."""

_STRONGEST = (Level.ADMIN, Level.WRITE, Level.EXECUTE, Level.READ)


@dataclass(frozen=True, slots=True)
class Held:
    """One grant. Exactly one of `user_id` and `group_id` is set."""

    permission_id: UUID
    level: Level
    place: Place
    user_id: UUID | None = None
    group_id: UUID | None = None


def reasons(ancestors: Sequence[Place], held: Iterable[Held]) -> list[Held]:
    """The grants that count on an object: nearest place first, strongest level first, the person's own before
    those of groups. `ancestors` names the object itself and everything above it, nearest first."""
    distance = {place: index for index, place in enumerate(ancestors)}
    counting = (grant for grant in held if grant.place in distance)
    return sorted(
        counting,
        key=lambda grant: (
            distance[grant.place],
            _STRONGEST.index(grant.level),
            grant.group_id is not None,
            str(grant.group_id),
        ),
    )


def effective(levels: Iterable[Level]) -> list[Level]:
    """The fewest levels that say the same: admin says all, and every level says read."""
    held = set(levels)
    if Level.ADMIN in held:
        return [Level.ADMIN]
    narrowed = held - {Level.READ} or held
    return [level for level in _STRONGEST if level in narrowed]
