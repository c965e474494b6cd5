"""Removing what nobody needs from the run store.

A worker puts a file into the store first and makes its reference true afterwards, in the transaction that ends
the stage. Between the two the file has no reference, so what is collected is older than any worker may work on
one execution. Who dies in between leaves a file without reference, which is then collected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.executions.core.objects import Entry, Objects
from apps.executions.core.store import shared_folder

_AT_ONCE = 1000
_DAY = timedelta(days=1)

Names = Collection[str]


@dataclass(frozen=True, slots=True)
class Collected:
    """Files that were removed, and their bytes."""

    files: int = 0
    bytes: int = 0


def collect(
    objects: Objects, tenant: str, *, now: datetime, grace: timedelta, needed: Callable[[Names], Names]
) -> Collected:
    """Remove shared files of past days that nobody needs; `grace` is longer than any worker may work on an
    execution, `needed` answers which of the names somebody has a reference to."""
    files = size = 0
    folder = shared_folder(tenant)
    for day in sorted(objects.folders(folder)):
        if _ended(day) + grace > now:
            continue  # a worker may be about to refer to them
        for entries in _some(objects.entries(f"{folder}/{day}")):
            kept = set(needed([entry.name for entry in entries]))
            spare = [entry for entry in entries if entry.name not in kept]
            objects.delete(entry.name for entry in spare)
            files += len(spare)
            size += sum(entry.bytes for entry in spare)
    return Collected(files, size)


def collect_leftovers(objects: Objects, tenant: str, *, before: datetime, needed: Callable[[Names], Names]) -> int:
    """Remove the parts of executions that are not there any more; `needed` answers which of the ids are. What was
    touched after `before` stays: its execution may not have been saved yet. Answers how many were removed."""
    shared = shared_folder(tenant).rpartition("/")[2]
    ids = [id for id in objects.folders(tenant) if id != shared]
    removed = 0
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for id in set(some) - set(needed(some)):
            if all(entry.at < before for entry in objects.entries(f"{tenant}/{id}")):
                objects.delete_below(f"{tenant}/{id}")
                removed += 1
    return removed


def _ended(day: str) -> datetime:
    return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) + _DAY


def _some(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    part: list[Entry] = []
    for entry in entries:
        part.append(entry)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part
