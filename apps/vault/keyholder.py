"""Where the key-encryption key is while the vault is open, and who may have it.

Every process (web, warm workers, periodic tasks) needs the key for a moment at a time, and all must lose it
when an operator seals the vault. So no process keeps it: it lies in one file of memory-backed storage
(`VAULT_RUN_DIR`, /dev/shm by default), mode 600 in a folder of mode 700 owned by our user, and is read when
it is needed. Sealing removes the file and sets a flag in the database, which every process asks first.

What this holds against, and what not:
- A dump of the database, its backups, Redis, or the data folder give no key: the file is in none of them,
  and memory-backed storage is gone after a restart of the machine.
- Other users of the machine are kept out by the file's mode. Root, and whoever runs code as our own user,
  can read it, as they could read the memory of the processes.
- With auto-unseal the master password lies in the key file: whoever has that file and the database has the
  secrets. Keep it on another volume than the backups, or switch auto-unseal off and unseal by hand.
- On a system without memory-backed storage the file falls back to `run/` in the data folder; it is removed
  when the vault is sealed, but a disk may remember it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from pathlib import Path
from uuid import UUID

from django.conf import settings

from apps.vault.core.keys import Key
from apps.vault.errors import VaultBroken

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own below it, mode 700, owner checked


def folder() -> Path:
    """Where the key lies while the vault is open: one folder for each user and data folder."""
    chosen = getattr(settings, "VAULT_RUN_DIR", None)
    if chosen is not None:
        return Path(chosen)
    name = hashlib.sha256(str(Path(settings.DATA_DIR).resolve()).encode()).hexdigest()[:16]
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK):
        return _MEMORY / f"uzo-{os.getuid()}-{name}"
    return Path(settings.DATA_DIR) / "run"


def keep(key: Key) -> None:
    """Hand the key to all our processes on this machine."""
    home = folder()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_private(home)
    draft = home / f"{key.id.hex}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.secret)
    draft.replace(home / key.id.hex)


def held(identifier: UUID) -> Key | None:
    """The key of that id, if the vault is open on this machine. Raises VaultBroken for a file that others
    could read."""
    path = folder() / identifier.hex
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        _check_mode(os.fstat(file.fileno()), path)
        return Key(identifier, file.read())


def drop(identifier: UUID) -> None:
    """Take the key from all our processes on this machine."""
    path = folder() / identifier.hex
    with contextlib.suppress(FileNotFoundError):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(b"\0" * size)
        path.unlink()


def master_password() -> str | None:
    """The content of the key file; None if there is none. Raises VaultBroken if others may read it, or if it
    lies among the data that backups and exports take along (THREATS 21)."""
    path = Path(settings.VAULT_KEY_FILE)
    for beside in (settings.TENANT_STORAGE, settings.RUN_STORE):
        if Path(beside).resolve() in path.resolve().parents:
            raise VaultBroken("The key file lies among the data that it protects", remedy=f"Move {path} elsewhere.")
    try:
        with path.open() as file:
            _check_mode(os.fstat(file.fileno()), path)
            return file.read().strip()
    except FileNotFoundError:
        return None


def _check_mode(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid not in (os.getuid(), 0):
        raise VaultBroken(f"{path} can be read by others", remedy=f"chmod 600 {path}")


def _check_private(home: Path) -> None:
    status = home.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o077 or status.st_uid != os.getuid():
        raise VaultBroken(f"{home} is not a folder of ours alone", remedy=f"Remove {home}.")
