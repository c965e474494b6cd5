"""`make test`: style, types and imports, then every test on embedded services of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from uzo.local import databases as stores
from uzo.local.progress import say, step, warn
from uzo.local.run import Stopped, stopping_on_signals
from uzo.local.stack import ROOT
from uzo.local.supervisor import Supervisor

BIN = Path(sys.executable).parent
CHECKS: Sequence[tuple[str, Sequence[str]]] = (
    ("Style", (str(BIN / "ruff"), "check", "--quiet", ".")),
    ("Format", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
    ("Types", (str(BIN / "mypy"), ".")),
    ("Directions of imports", (str(BIN / "lint-imports"),)),
    ("Pages", (sys.executable, "-m", "uzo.local.node", "test")),
)
PURE = ("tests/unit", "tests/golden")
"""Without a database, and without anything else to share: two processes at once."""


@contextmanager
def throw_away_services() -> Iterator[Mapping[str, str]]:
    """PostgreSQL and Valkey in a folder that is removed afterwards; yields the environment for tests."""
    with tempfile.TemporaryDirectory(prefix="uzo-test-", ignore_cleanup_errors=True) as folder:
        data_dir = Path(folder).resolve()
        with Supervisor(data_dir, notice=warn) as supervisor:
            found = stores.start(supervisor, data_dir, database_url=None, redis_url=None, forgetful=True)
            yield {
                "DATABASE_URL": found.database_url,
                "REDIS_URL": found.redis_url,
                "UZO_DATA_DIR": str(data_dir),
                "UZO_EGRESS_ALLOW": found.address,
            }


def run(arguments: Sequence[str]) -> int:
    """Run the checks and all tests; with arguments only pytest with these. Answers the exit code."""
    with stopping_on_signals():
        try:
            failed = [] if arguments else [name for name, command in CHECKS if not _check(name, command)]
            with throw_away_services() as environment:
                failed += _only(arguments, environment) if arguments else _all(environment)
        except Stopped:
            return 130
    for name in failed:
        say(f"Failed: {name}")
    return int(bool(failed))


def _check(name: str, command: Sequence[str]) -> bool:
    """Run one check; its output is shown only if it fails."""
    ran = subprocess.CompletedProcess[str](command, 0)
    try:
        with step(name):
            ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
            ran.check_returncode()
    except subprocess.CalledProcessError:
        say(f"{ran.stdout}{ran.stderr}")
        return False
    return True


def _only(arguments: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    return [] if _pytest(arguments, environment) else ["pytest"]


def _all(environment: Mapping[str, str]) -> list[str]:
    """Pure tests on two processes, then the others one after the other; one coverage of both."""
    for old in ROOT.glob(".coverage*"):
        old.unlink()
    pure = [folder for folder in PURE if any((ROOT / folder).rglob("test_*.py"))]
    others = sorted(
        str(path) for path in (ROOT / "tests").iterdir() if path.is_dir() and f"tests/{path.name}" not in pure
    )
    runs = {
        "tests without a database": [*pure, "-n", "2", "--cov", "--cov-report="],
        "tests with a database": [*others, "--cov", "--cov-append", "--cov-report=term:skip-covered", "--durations=15"],
    }
    return [name for name, arguments in runs.items() if not _pytest(arguments, environment)]


def _pytest(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode == 0
