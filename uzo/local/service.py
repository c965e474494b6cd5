"""One supervised program: how it is started, known to be ready, and stopped with all it started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from uzo.local.errors import LocalError
from uzo.local.privileges import Account

MARK, NAME = "UZO_SUPERVISED_BY", "UZO_SUPERVISED_AS"
"""Environment variables of everything we start: the data folder, and the service's name. They survive
forks, new sessions and a killed supervisor, so that nothing we started can be lost track of."""
PATIENCE = ("nice", "-n", "10")
LOG_LIMIT_BYTES = 10 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program to run.

    `ready` is asked (from one thread, it may block for a second) until it says yes; without it the program
    counts as ready once it runs. `explain` turns the end of the log of a failed start into the error to
    show, where it knows one. A `store` stops after all others. What is `patient` leaves the processor to
    the others.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    account: Account | None = None
    ready: Callable[[], bool] | None = None
    explain: Callable[[str], LocalError | None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15
    start_seconds: float = 90
    store: bool = False
    patient: bool = False


def rotate(log: Path) -> None:
    """Keep one old log beside a log that has grown large."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def spawn(service: Service, *, data_dir: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start the program in a session (so: a process group) of its own, its output in `log`."""
    rotate(log)
    env = {**os.environ, **service.env, MARK: str(data_dir), NAME: service.name, "PYTHONUNBUFFERED": "1"}
    owner: dict[str, object] = {}
    if service.account is not None:
        owner = {"user": service.account.uid, "group": service.account.gid, "extra_groups": []}
    with log.open("ab") as output:
        try:
            return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
                [*(PATIENCE if service.patient else ()), *service.argv],
                env=env,
                cwd=service.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **owner,
            )
        except OSError as error:
            raise LocalError(
                f"{service.name} cannot be started: {error}",
                remedy="Install UZO's requirements again: make clean-venv, then the same command.",
            ) from error


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants; empty once it is gone."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def stop(process: subprocess.Popen[bytes], *, stop_signal: signal.Signals, seconds: float) -> None:
    """Ask the program to stop, wait, then end whatever is left of it and of all it started."""
    members = family(process.pid)
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            members = family(process.pid) or members
            process.kill()
            process.wait()
    end(members, seconds=2)


def end(processes: Sequence[psutil.Process], *, seconds: float) -> None:
    """Terminate processes, and kill those that are still there after a while."""
    living = [each for each in processes if _signal(each, signal.SIGTERM)]
    _, stubborn = psutil.wait_procs(living, timeout=seconds)
    for each in stubborn:
        _signal(each, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=5)


def _signal(process: psutil.Process, number: signal.Signals) -> bool:
    """psutil compares start times first, so a process id that was used again is never hit."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True


def marked(data_dir: Path, *, name: str | None = None) -> list[psutil.Process]:
    """Living processes that a supervisor of this data folder started (for that service, or for any),
    ourselves and our ancestors left out."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        if process.pid in mine:
            continue
        try:
            env = process.environ()
            if env.get(MARK) == str(data_dir) and (name is None or env.get(NAME) == name):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue
    return found


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Ask again and again until it is true; False when the time is over."""
    end_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_at:
            return False
        time.sleep(pause)
    return True
