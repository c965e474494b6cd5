"""Files of one connector on disk: the one resolver from a name that people chose to a path.

A name never reaches the file system: on disk each file has an id, and an index maps names to ids. So there
is nothing to traverse. A file is written beside and enters the index in one step, under a lock: readers see
the old one or the new one. What was replaced stays for a while, for those who still read it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from apps.connectors.sdk.errors import failure

NAME: Final = re.compile(r"^[\w .-]{1,200}$")
_ID: Final = re.compile(r"^[0-9a-f]{32}$")
_GRACE_SECONDS: Final = 3600


def check_name(name: str) -> str:
    """The name itself; raises `invalid_name` for one that people may not choose."""
    if not NAME.fullmatch(name) or not name.strip(". ") or name.endswith("\n"):
        raise failure("invalid_name", f"{name[:80]!r} is not a file name")
    return name


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`facts` is what was found out about the content, valid as long as the id: files never change in place
    (a database file does; it has no facts). `sha256` is None for a file that is changed in place."""

    name: str
    id: str
    size: int
    sha256: str | None
    stored_at: float
    facts: Mapping[str, Any] = field(default_factory=dict)


class Storage:
    """The files below `root`, which belongs to one connector of one tenant. `quota` bounds their bytes."""

    def __init__(self, root: Path, *, quota: int | None = None) -> None:
        self.root = root
        self.quota = quota

    def files(self) -> list[StoredFile]:
        """All files by name; the size of one that is changed in place is what it is now."""
        found = sorted(self._read().values(), key=lambda file: file.name)
        return [file if file.sha256 else replace(file, size=self.path(file).stat().st_size) for file in found]

    def find(self, name: str) -> StoredFile | None:
        return self._read().get(name)

    def get(self, name: str) -> StoredFile:
        """Raises `unknown_table`: to a workflow, a file is a table."""
        file = self.find(name)
        if file is None:
            raise failure(
                "unknown_table", f"there is no file {name[:80]!r}", remedy="Upload it to the connector first."
            )
        return file

    def path(self, file: StoredFile) -> Path:
        """Where the content lies. Raises `unsafe_file` if someone put a link or something else there."""
        path = self._of(file.id)
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError as error:
            raise failure("unknown_table", f"the content of {file.name!r} is gone") from error
        if not stat.S_ISREG(mode):
            raise failure("unsafe_file", f"{file.name!r} is not an ordinary file")
        return path

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path to write to; on leaving without an error it becomes the file of that name."""
        check_name(name)
        self._prepare()
        fresh = secrets.token_hex(16)
        path = self._of(fresh)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        try:
            yield path
            size, digest = _measure(path)
            self._admit(StoredFile(name, fresh, size, digest, time.time()))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def put(self, name: str, chunks: Iterable[bytes], *, limit: int | None = None) -> StoredFile:
        """Store a file from chunks. Raises `invalid_name`, and `file_too_large` beyond `limit` bytes."""
        with self.writing(name) as path, path.open("wb") as target:
            total = 0
            for chunk in chunks:
                total += len(chunk)
                if limit is not None and total > limit:
                    raise failure("file_too_large", f"{name!r} is larger than {limit:,} bytes")
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        return self.get(name)

    def in_place(self, name: str, make: Callable[[Path], None]) -> Path:
        """The path of a file that is changed in place (a database); `make` makes it when it is not there."""
        check_name(name)
        if self.find(name) is None:
            with self.writing(name) as path:
                make(path)
        with self._changing() as index:
            index[name] = replace(index[name], sha256=None, facts={})
            return self.path(index[name])

    def remember(self, file: StoredFile, facts: Mapping[str, Any]) -> None:
        """Keep what was found out about the content, unless it has changed meanwhile."""
        with self._changing() as index:
            known = index.get(file.name)
            if known is not None and known.id == file.id:
                index[file.name] = replace(known, facts={**known.facts, **facts})

    def delete(self, name: str) -> None:
        """Raises `unknown_table` if it is not there."""
        with self._changing() as index:
            file = index.pop(name, None)
        if file is None:
            raise failure("unknown_table", f"there is no file {name[:80]!r}")
        self._of(file.id).unlink(missing_ok=True)

    def _of(self, identifier: str) -> Path:
        if not _ID.fullmatch(identifier):
            raise failure("unsafe_file", "the index of the files names something that is not an id")
        return self.root / identifier

    def _admit(self, file: StoredFile) -> None:
        with self._changing() as index:
            others = sum(other.size for other in index.values() if other.name != file.name)
            if self.quota is not None and others + file.size > self.quota:
                raise failure("file_too_large", f"the files of this connector would exceed {self.quota:,} bytes")
            index[file.name] = file
            self._sweep({known.id for known in index.values()})

    def _sweep(self, living: set[str]) -> None:
        """Remove what no name points at and nobody can still be reading."""
        before = time.time() - _GRACE_SECONDS
        for path in self.root.iterdir():
            if _ID.fullmatch(path.name) and path.name not in living and path.lstat().st_mtime < before:
                path.unlink(missing_ok=True)

    def _prepare(self) -> None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.root.is_symlink():
            raise failure("unsafe_file", "the folder of the connector is a link")

    def _read(self) -> dict[str, StoredFile]:
        try:
            entries = json.loads((self.root / "index.json").read_text())
        except FileNotFoundError:
            return {}
        return {entry["name"]: StoredFile(**entry) for entry in entries}

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, StoredFile]]:
        """The index to change, alone among all processes; written whole at the end."""
        self._prepare()
        with (self.root / "index.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            index = self._read()
            yield index
            draft = self.root / f"index.{secrets.token_hex(4)}"
            draft.write_text(json.dumps([asdict(file) for file in index.values()], default=dict))
            draft.chmod(0o600)
            draft.replace(self.root / "index.json")


def _measure(path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return path.stat().st_size, digest.hexdigest()
