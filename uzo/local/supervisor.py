"""Starts UZO's programs, starts again what dies, and stops everything it started."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from uzo.local.errors import LocalError
from uzo.local.service import Service, end, marked, spawn, stop, tail, wait_until

logger = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
WATCH_SECONDS = 0.2
CALM_SECONDS = 60.0
"""A program that ran this long before it died starts again without a grown delay."""


def next_delay(delay: float, *, ran_seconds: float) -> float:
    """Seconds to wait before the next start of a program that died."""
    return FIRST_DELAY if ran_seconds >= CALM_SECONDS else min(delay * 2, LONGEST_DELAY)


class _Watched:
    """A running service, the thread that waits for its end, and whether it was ever ready."""

    def __init__(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        self.service = service
        self.process = process
        self.started = time.monotonic()
        self.established = service.ready is None
        self.thread: threading.Thread | None = None


class Supervisor:
    """Use it as a context manager: leaving it stops every program."""

    def __init__(self, data_dir: Path, *, notice: Callable[[str], None] = logger.warning) -> None:
        self.data_dir = data_dir
        self.logs = data_dir / "logs"
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._notice = notice
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._watched: dict[str, _Watched] = {}

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def start(self, *services: Service) -> None:
        """Start programs without waiting for them. Raises LocalError if one cannot even be started."""
        for service in services:
            with self._lock:
                if self._stopping.is_set():
                    return
                watched = _Watched(service, self._spawn(service))
                self._watched[service.name] = watched
            watched.thread = threading.Thread(target=self._watch, args=(watched,), name=service.name, daemon=True)
            watched.thread.start()

    def wait(self, *services: Service) -> None:
        """Wait until all are ready. Raises LocalError with the end of its log for one that died or is late."""
        for service in services:
            watched = self._watched[service.name]

            def settled(watched: _Watched = watched) -> bool:
                ready = watched.service.ready
                watched.established = watched.established or (ready is not None and ready())
                return watched.established or watched.process.poll() is not None

            in_time = wait_until(settled, seconds=service.start_seconds)
            if not watched.established:
                raise self._failed(service, "stopped while starting" if in_time else "did not start in time")

    def run(self, *services: Service) -> None:
        """Start programs and wait until they are ready."""
        self.start(*services)
        self.wait(*services)

    def pid(self, name: str) -> int:
        return self._watched[name].process.pid

    def stop(self) -> None:
        """Stop every program and all that they started, the stores last; what does not listen is killed."""
        with self._lock:
            self._stopping.set()
            watched = list(self._watched.values())
            self._watched.clear()
        for stores in (False, True):
            group = [each for each in watched if each.service.store is stores]
            with ThreadPoolExecutor(max_workers=max(1, len(group))) as beside:
                list(beside.map(_stop, group))
        end(marked(self.data_dir), seconds=3)

    def _spawn(self, service: Service) -> subprocess.Popen[bytes]:
        return spawn(service, data_dir=self.data_dir, log=self.log(service.name))

    def _watch(self, watched: _Watched) -> None:
        delay = FIRST_DELAY / 2
        while True:
            while watched.process.poll() is None:
                if self._stopping.wait(WATCH_SECONDS):
                    return
            if self._stopping.is_set() or not watched.established:
                return
            end(marked(self.data_dir, name=watched.service.name), seconds=2)
            delay = next_delay(delay, ran_seconds=time.monotonic() - watched.started)
            code = watched.process.returncode
            log = self.log(watched.service.name)
            self._notice(f"{watched.service.name} ended (code {code}); starting it again in {delay:g} s. Log: {log}")
            if self._stopping.wait(delay):
                return
            with self._lock:
                if self._stopping.is_set():
                    return
                watched.process = self._spawn(watched.service)
                watched.started = time.monotonic()

    def _failed(self, service: Service, how: str) -> LocalError:
        log = self.log(service.name)
        end_of_log = tail(log)
        known = service.explain(end_of_log) if service.explain else None
        return known or LocalError(
            f"{service.name} {how}. The end of its log:\n{end_of_log or '(empty)'}",
            remedy=f"The whole log is in {log}.",
        )


def _stop(watched: _Watched) -> None:
    stop(watched.process, stop_signal=watched.service.stop_signal, seconds=watched.service.stop_seconds)
    if watched.thread is not None:
        watched.thread.join(timeout=5)
