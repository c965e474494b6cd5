"""PostgreSQL refuses to run as root: the account it gets instead, and what that account can reach."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from uzo.local.errors import LocalError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A system account without rights of its own."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """The account that PostgreSQL runs as; None means ours, since we are not root."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalError(
        f"PostgreSQL does not run as root, and none of the accounts {', '.join(CANDIDATES)} exists.",
        remedy="Run the command as an ordinary user, or set DATABASE_URL to a PostgreSQL server of yours.",
    )


def can_enter(folder: Path, account: Account | None) -> bool:
    """Whether the account may reach things below an existing folder. We ourselves always may."""
    if account is None:
        return True
    asked = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return asked.returncode == 0


def give(path: Path, account: Account | None) -> None:
    """Hand a folder or file over to the account (nothing to do when it is ours)."""
    if account is not None:
        os.chown(path, account.uid, account.gid)
