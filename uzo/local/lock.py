"""One supervisor per data folder."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from uzo.local.errors import LocalError

LOCK_FILE = "supervisor.lock"


def running(data_dir: Path) -> dict[str, Any] | None:
    """`{pid, url}` of the supervisor that runs on this folder; None if none does.

    The kernel drops the lock when its holder dies, however it dies: a file left behind means nothing.
    """
    path = data_dir / LOCK_FILE
    try:
        with path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return _content(file.read())
    except FileNotFoundError:
        return None
    return None


def _content(text: str) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(text)
    except ValueError:  # locked a moment ago, and not written yet
        return {"pid": None, "url": None}
    return known


@contextmanager
def held(data_dir: Path, *, url: str) -> Iterator[None]:
    """Hold the folder's lock. Raises LocalError if another supervisor does."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = _content(file.read())
            raise LocalError(
                f"UZO is already running here (process {other['pid']}).",
                remedy=f"Open {other['url']}, or stop it with: make stop"
                if other["url"]
                else "Stop it with: make stop",
            ) from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "url": url}))
        file.flush()
        yield
