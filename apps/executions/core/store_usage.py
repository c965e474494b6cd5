"""How much of the run store a tenant takes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoreUsage:
    """Bytes and datasets below a folder, the executions they belong to, and when the oldest was written."""

    bytes: int
    datasets: int
    executions: int
    oldest_at: datetime | None


def usage_of(folder: Path) -> StoreUsage:
    """Count a tenant's folder of the run store. What is removed meanwhile is left out; no folder is nothing."""
    total = datasets = 0
    oldest: float | None = None
    executions = set()
    for execution, entry in _files(folder):
        try:
            known = entry.stat()
        except FileNotFoundError:
            continue
        total += known.st_size
        if entry.name.startswith("."):
            continue  # being written: it takes room, but is no dataset yet
        datasets += 1
        executions.add(execution)
        oldest = known.st_mtime if oldest is None else min(oldest, known.st_mtime)
    at = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
    return StoreUsage(total, datasets, len(executions), at)


def _files(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    for execution in _entries(folder):
        if execution.is_dir(follow_symlinks=False):
            for file in _below(execution.path):
                yield execution.name, file


def _below(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        else:
            yield entry


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []
