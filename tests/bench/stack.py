"""The UZO that is measured: one of its own under `.bench/`, started when the first figure asks for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from tests.e2e.client import Uzo
from uzo.local.ports import free_port
from uzo.local.state import embedded

ROOT = Path(__file__).resolve().parents[2]
DATA_DIR = ROOT / ".bench" / "uzo"
START_SECONDS = 900
SETTLE_SECONDS = 600
QUIET = 0.2
"""Processors in use where nothing is to be done: beats, polls and looks."""


class Bench:
    """What a figure may use. Close it at the end: that stops what it started. `environment` are settings
    of its UZO, which then needs a data folder of its own."""

    def __init__(self, data_dir: Path = DATA_DIR, **environment: str) -> None:
        self.data_dir = data_dir
        self._environment = environment
        self._closing = ExitStack()
        self.pid = 0
        """The supervisor's process, once it runs."""

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing.close()

    @cached_property
    def demo(self) -> dict[str, Any]:
        """The `demo.json` of a running UZO; its databases are kept for the next time."""
        path = self.data_dir / "demo.json"
        started_at = time.time()
        env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        env |= {"UZO_DATA_DIR": str(self.data_dir), "UZO_PORT": str(free_port()), **self._environment}
        self.data_dir.mkdir(parents=True, exist_ok=True)
        log = self.data_dir / "bench.log"
        with log.open("wb") as output:
            command = [sys.executable, "-m", "uzo.local", "run"]
            running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)
        self._closing.callback(self._stop, running)
        self.pid = running.pid
        while not path.exists() or path.stat().st_mtime < started_at:
            if running.poll() is not None or time.time() > started_at + START_SECONDS:
                raise RuntimeError(f"UZO did not start:\n{log.read_text()}")
            time.sleep(0.2)
        self.settle()
        content: dict[str, Any] = json.loads(path.read_text())
        return content

    def settle(self) -> None:
        """Wait until the UZO that runs here, if any, has nothing to do: after thousands of executions it tells
        Prefect of them for minutes, which is not what comes next."""
        until, quiet = time.monotonic() + SETTLE_SECONDS, 0
        while self.pid and quiet < 3:
            quiet = quiet + 1 if self._busy() < QUIET else 0
            if time.monotonic() > until:
                raise RuntimeError(f"UZO found no rest within {SETTLE_SECONDS} seconds")

    def _busy(self) -> float:
        """Processors that its programs use now, measured for two seconds."""
        programs = psutil.Process(self.pid).children(recursive=True)
        for each in programs:
            with suppress(psutil.NoSuchProcess):
                each.cpu_percent()
        time.sleep(2)
        busy = 0.0
        for each in programs:
            with suppress(psutil.NoSuchProcess):
                busy += each.cpu_percent() / 100
        return busy

    @staticmethod
    def _stop(running: subprocess.Popen[bytes]) -> None:
        running.terminate()
        running.wait(60)

    @cached_property
    def owner(self) -> Uzo:
        """The demo's owner, signed in."""
        login = next(each for each in self.demo["logins"] if each["role"] == "owner")
        return self._closing.enter_context(Uzo(self.demo["url"], login["email"], login["password"]))

    @cached_property
    def job(self) -> str:
        """The id of a job for the figures' own workflows."""
        workspace = self.owner.post("workspaces", {"name": "Measuring"})
        folder = self.owner.post(f"workspaces/{workspace['id']}/folders", {"name": "Figures"})
        return str(self.owner.post(f"folders/{folder['id']}/jobs", {"name": "Figures"})["id"])

    def workflow(self, name: str, diagram: dict[str, Any]) -> str:
        """Save a diagram in that job; answers its id."""
        made = self.owner.post(f"jobs/{self.job}/workflows", {"name": name, "workflow_diagram": diagram})
        return str(made["id"])

    @property
    def database_url(self) -> str:
        """UZO's own database, for filling it."""
        return embedded(self.data_dir).database_url
