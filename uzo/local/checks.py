"""`make test`: style, types and imports, then every test on embedded services of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

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
SHARDS: Mapping[str, Sequence[str]] = {
    "pure": ("tests/unit", "tests/golden"),
    "databases": ("tests/db", "tests/drills"),
    "stacks": ("tests/e2e", "tests/connectors"),
}
"""Tests by what they share: nothing, one database of UZO's, whole stacks and what they connect to; the last two take
about as long. A test that fits into none fails `tests/unit/local/test_checks.py`."""


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
            failed += _only(arguments) if arguments else _all()
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


def _only(arguments: Sequence[str]) -> list[str]:
    with throw_away_services() as environment:
        return [] if _pytest(arguments, environment) else ["pytest"]


def _all() -> list[str]:
    """Pure tests on two processes; then those with a database and those with whole stacks side by side, each on
    services of their own. One coverage of all."""
    for old in ROOT.glob(".coverage*"):
        old.unlink()
    failed = [] if _shard("pure", {}, "-n", "2") else ["pure tests"]
    with ExitStack() as stack:
        kept = stack.enter_context(tempfile.TemporaryFile("w+"))
        places = {name: stack.enter_context(throw_away_services()) for name in ("stacks", "databases")}
        behind = stack.enter_context(ThreadPoolExecutor()).submit(_shard, "stacks", places["stacks"], output=kept)
        if not _shard("databases", places["databases"]):
            failed.append("tests with a database")
        if not behind.result():
            failed.append("tests of whole stacks and connectors")
        kept.seek(0)
        say(kept.read())
    subprocess.run([str(BIN / "coverage"), "combine", "--quiet"], cwd=ROOT, check=False)
    subprocess.run([str(BIN / "coverage"), "report"], cwd=ROOT, check=False)
    return failed


def _shard(name: str, environment: Mapping[str, str], *how: str, output: TextIO | None = None) -> bool:
    return _pytest([*SHARDS[name], *how, "--durations=15"], environment, coverage=name, output=output)


def _pytest(
    arguments: Sequence[str], environment: Mapping[str, str], *, coverage: str = "", output: TextIO | None = None
) -> bool:
    """Whether all of them passed. `coverage` names the file that tells what they ran; `output` takes what they say,
    which is shown as it comes if there is none."""
    command = [sys.executable, "-m", "pytest", *arguments]
    given = {**os.environ, **environment}
    if coverage:
        command += ["--cov", "--cov-report="]
        given["COVERAGE_FILE"] = str(ROOT / f".coverage.{coverage}")
    ran = subprocess.run(command, cwd=ROOT, env=given, check=False, stdout=output, stderr=output)
    return ran.returncode == 0
