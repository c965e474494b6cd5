"""A whole UZO for the tests of this folder, started once as `make run` starts it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.client import Uzo
from uzo.local.ports import free_port
from uzo.local.service import marked

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 170
RUNNING = "UZO_TEST_DEMO"
"""Variable that names the `demo.json` of a UZO that runs already, to save its start while writing tests."""


@pytest.fixture(scope="session")
def running_uzo() -> Iterator[tuple[Path, dict[str, Any]]]:
    """The data folder of a running UZO with its demo, and the content of its `demo.json`; a folder of its own is
    removed afterwards."""
    if RUNNING in os.environ:
        known = Path(os.environ[RUNNING])
        yield known.parent, json.loads(known.read_text())
        return
    folder = Path(tempfile.mkdtemp(prefix="uzo-e2e-"))
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    env |= {"UZO_DATA_DIR": str(folder / "uzo"), "UZO_PORT": str(free_port())}
    folder.chmod(0o755)
    output = folder / "output.log"
    with output.open("wb") as log:
        command = [sys.executable, "-m", "uzo.local", "run"]
        running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield folder / "uzo", _started(running, folder / "uzo" / "demo.json", output)
    finally:
        running.terminate()
        code = running.wait(60)
        left = marked(folder / "uzo")
        shutil.rmtree(folder, ignore_errors=True)
    assert (code, left) == (0, []), "UZO did not stop cleanly"


@pytest.fixture(scope="session")
def demo(running_uzo: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    """The content of its `demo.json`."""
    return running_uzo[1]


@pytest.fixture(scope="module")
def owner(demo: dict[str, Any]) -> Iterator[Uzo]:
    """The demo's owner, signed in."""
    login = next(each for each in demo["logins"] if each["role"] == "owner")
    with Uzo(demo["url"], login["email"], login["password"]) as person:
        yield person


@pytest.fixture(scope="session")
def data_folder(running_uzo: tuple[Path, dict[str, Any]]) -> Path:
    """Where it keeps its logs, its mail and its files."""
    return running_uzo[0]


def _started(running: subprocess.Popen[bytes], path: Path, output: Path) -> dict[str, Any]:
    end = time.monotonic() + START_SECONDS
    while not path.exists():
        if running.poll() is not None or time.monotonic() > end:
            pytest.fail(f"UZO did not start:\n{output.read_text()}")
        time.sleep(0.2)
    content: dict[str, Any] = json.loads(path.read_text())
    return content
