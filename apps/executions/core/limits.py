"""How many executions may run at once: of a tenant, of a workflow, of those that use a connector.

Whoever finds no place waits, and says which limit it waits for. Places are given in the order in which
executions were queued, limit by limit: one that waits for its workflow lets those of others pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Limit(StrEnum):
    """Limits in the order in which they are looked at, in the words of `waiting_for`."""

    TENANT = "tenant_limit"
    WORKFLOW = "workflow_limit"
    CONNECTOR = "connector_limit"


@dataclass(frozen=True, slots=True)
class Line:
    """The line before one limit, as an execution finds it: so many run, so many stand before it."""

    limit: Limit
    most: int | None
    running: int = 0
    ahead: int = 0

    @property
    def full(self) -> bool:
        return self.most is not None and self.running + self.ahead >= self.most


def full_line(lines: Iterable[Line]) -> Limit | None:
    """What an execution has to wait for; None: it may run."""
    return next((line.limit for line in lines if line.full), None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An execution that runs, or waits for a place."""

    id: Hashable
    workflow: Hashable
    connectors: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """None, or a name that is not there, is without limit."""

    tenant: int | None = None
    workflows: Mapping[Hashable, int] = field(default_factory=dict)
    connectors: Mapping[Hashable, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Places:
    """Who may begin, in the order in which they waited, and what each of the others waits for."""

    given: tuple[Hashable, ...]
    waiting: Mapping[Hashable, Limit]


def give_places(waiting: Sequence[Candidate], running: Iterable[Candidate], limits: Limits) -> Places:
    """Share what is free among those that wait, the longest first."""
    at_once: Counter[tuple[Limit, Hashable]] = Counter()
    for each in running:
        at_once.update(_uses(each))
    given: list[Hashable] = []
    left: dict[Hashable, Limit] = {}
    for each in waiting:
        uses = _uses(each)
        reason = full_line(Line(limit, _most(limits, limit, name), at_once[limit, name]) for limit, name in uses)
        if reason is None:
            given.append(each.id)
            at_once.update(uses)
        else:
            left[each.id] = reason
    return Places(tuple(given), left)


def _uses(each: Candidate) -> list[tuple[Limit, Hashable]]:
    connectors = [(Limit.CONNECTOR, name) for name in each.connectors]
    return [(Limit.TENANT, None), (Limit.WORKFLOW, each.workflow), *connectors]


def _most(limits: Limits, limit: Limit, name: Hashable) -> int | None:
    match limit:
        case Limit.TENANT:
            return limits.tenant
        case Limit.WORKFLOW:
            return limits.workflows.get(name)
        case Limit.CONNECTOR:
            return limits.connectors.get(name)
