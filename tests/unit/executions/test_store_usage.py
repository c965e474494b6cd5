"""Counting what a tenant's part of the run store takes."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from apps.executions.core.objects import FolderObjects
from apps.executions.core.store_usage import usage_of


def written(path: Path, size: int, at: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (at, at))


def test_a_tenant_that_never_ran_anything_takes_nothing(tmp_path: Path) -> None:
    usage = usage_of(FolderObjects(tmp_path), "harbour")
    assert (usage.bytes, usage.datasets, usage.oldest_at) == (0, 0, None)


def test_bytes_datasets_and_the_oldest_are_counted(tmp_path: Path) -> None:
    written(tmp_path / "harbour" / "one" / "a.arrow", 100, 2_000.0)
    written(tmp_path / "harbour" / "one" / "loop" / "b.arrow", 20, 1_000.0)
    written(tmp_path / "harbour" / "two" / "c.arrow", 3, 3_000.0)
    usage = usage_of(FolderObjects(tmp_path), "harbour")
    assert (usage.bytes, usage.datasets) == (123, 3)
    assert usage.oldest_at == datetime.fromtimestamp(1_000, UTC)


def test_a_file_that_is_being_written_takes_room_but_is_no_dataset(tmp_path: Path) -> None:
    written(tmp_path / "harbour" / "one" / ".half.part", 50, 1_000.0)
    usage = usage_of(FolderObjects(tmp_path), "harbour")
    assert (usage.bytes, usage.datasets, usage.oldest_at) == (50, 0, None)


def test_other_tenants_beside_it_are_not_counted(tmp_path: Path) -> None:
    written(tmp_path / "harbour" / "one" / "a.arrow", 10, 1_000.0)
    written(tmp_path / "rival" / "two" / "b.arrow", 1_000, 1_000.0)
    assert usage_of(FolderObjects(tmp_path), "harbour").bytes == 10
