"""One host of the warm pool as a process of its own, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]


class Host:
    """One `manage.py run_workers`; `within` is a command that runs it."""

    def __init__(self, environment: Mapping[str, str], log: Path, *options: str, within: Sequence[str] = ()) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*within, sys.executable, "manage.py", "run_workers", "--processes", "1", "--previews", "0", *options],
                cwd=ROOT, env=dict(environment), stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def children(self) -> list[int]:
        """Process ids of the living warm children: each leads a session of its own."""
        try:
            below = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [each.pid for each in below if _lives(each) and _leads_a_session(each.pid)]

    def child(self, *, seconds: float = 60) -> int:
        """The one child, waited for: one that was killed is replaced only after a moment."""
        until = time.monotonic() + seconds
        while len(children := self.children()) != 1:
            assert time.monotonic() < until, f"one child was expected, there are {len(children)}"
            time.sleep(0.02)
        return children[0]

    def kill_child(self, pid: int) -> None:
        """`kill -9` of a child and all it started; returns when it is gone, so that the next is another."""
        os.killpg(pid, signal.SIGKILL)
        until = time.monotonic() + 15
        while pid in self.children():
            assert time.monotonic() < until, f"process {pid} survives SIGKILL"
            time.sleep(0.01)

    def kill(self) -> None:
        """End the host as a machine's failure would; its children notice, and end themselves."""
        self.process.kill()
        self.process.wait(15)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(15)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _leads_a_session(pid: int) -> bool:
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:
        return False
