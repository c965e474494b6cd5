"""How much of the run store a tenant takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.executions.core.objects import Objects


@dataclass(frozen=True, slots=True)
class StoreUsage:
    """Bytes and datasets of a tenant, and when the oldest was written."""

    bytes: int
    datasets: int
    oldest_at: datetime | None


def usage_of(objects: Objects, tenant: str) -> StoreUsage:
    """Count a tenant's files. What is removed meanwhile is left out."""
    total = datasets = 0
    oldest: datetime | None = None
    for entry in objects.entries(tenant):
        total += entry.bytes
        if entry.name.rpartition("/")[2].startswith("."):
            continue  # being written: it takes room, but is no dataset yet
        datasets += 1
        oldest = entry.at if oldest is None else min(oldest, entry.at)
    return StoreUsage(total, datasets, oldest)
