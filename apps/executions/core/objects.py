"""Where files of the run store lie: whole under a name, or not there.

A name is a path below the store's root, with `/` between its parts. `FolderObjects` keeps them in a local
folder, `apps.executions.core.s3_objects` in a bucket; the same conformance suite runs over both.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import polars as pl


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the store: its name, its bytes, and when it came (aware, in UTC)."""

    name: str
    bytes: int
    at: datetime


class Objects(Protocol):
    """Errors of a store that is away are TransientNodeError `run_store_unreachable`; a name that is not there is
    FileNotFoundError."""

    @property
    def scratch(self) -> Path:
        """A local folder for files that are being written; `put` takes them from there."""
        ...

    def put(self, file: Path, name: str) -> None:
        """Give a written file its name, at once and whole; the file itself is gone then."""
        ...

    def copy(self, source: str, name: str) -> None:
        """The same bytes under another name, without passing through this process."""
        ...

    def has(self, name: str) -> bool: ...

    def scan(self, name: str) -> pl.LazyFrame:
        """A lazy frame over an Arrow IPC file; filters, columns and slices reach it."""
        ...

    def entries(self, prefix: str) -> Iterator[Entry]:
        """All files below a prefix, in no order; what is removed meanwhile is left out."""
        ...

    def folders(self, prefix: str) -> list[str]:
        """The names directly below a prefix that have names below themselves."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Remove files; harmless for those that are not there."""
        ...

    def delete_below(self, prefix: str) -> None:
        """Remove all files below a prefix, half-written ones too; harmless if there is nothing."""
        ...


class FolderObjects:
    """Files below a local folder, or one that several machines share."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def scratch(self) -> Path:
        return self._root

    def put(self, file: Path, name: str) -> None:
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)

    def copy(self, source: str, name: str) -> None:
        """No byte is copied where the file system has links."""
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        pending = target.with_name(f".{uuid.uuid4().hex}.part")
        try:
            try:
                os.link(self._root / source, pending)
            except FileNotFoundError:
                raise
            except OSError:
                shutil.copyfile(self._root / source, pending)
            pending.replace(target)
        finally:
            pending.unlink(missing_ok=True)  # renaming a link to its own file leaves it

    def has(self, name: str) -> bool:
        return (self._root / name).is_file()

    def scan(self, name: str) -> pl.LazyFrame:
        return pl.scan_ipc(self._root / name, glob=False)

    def entries(self, prefix: str) -> Iterator[Entry]:
        for file in _below(self._root / prefix):
            with contextlib.suppress(FileNotFoundError):
                known = file.stat()
                name = Path(file.path).relative_to(self._root).as_posix()
                yield Entry(name, known.st_size, datetime.fromtimestamp(known.st_mtime, UTC))

    def folders(self, prefix: str) -> list[str]:
        return [each.name for each in _listed(self._root / prefix) if each.is_dir(follow_symlinks=False)]

    def delete(self, names: Iterable[str]) -> None:
        parents = set()
        for name in names:
            path = self._root / name
            path.unlink(missing_ok=True)
            parents.add(path.parent)
        for parent in parents:
            with contextlib.suppress(OSError):  # others are still in it
                parent.rmdir()

    def delete_below(self, prefix: str) -> None:
        shutil.rmtree(self._root / prefix, ignore_errors=True)


def _below(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    for entry in _listed(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        else:
            yield entry


def _listed(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []
