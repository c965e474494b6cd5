"""One host of the warm pool as a process of its own, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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
        """Process ids of the warm children: each leads a session of its own."""
        try:
            below = psutil.Process(self.process.pid).children(recursive=True)
            return [each.pid for each in below if os.getsid(each.pid) == each.pid]
        except (psutil.NoSuchProcess, ProcessLookupError):
            return []

    def kill(self) -> None:
        """End the host as a machine's failure would; its children notice, and end themselves."""
        self.process.kill()
        self.process.wait(15)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(15)
