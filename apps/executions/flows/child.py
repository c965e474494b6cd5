"""A warm worker process: started once, imports everything, then runs one execution after another.

It is forked from a server that has imported everything and started nothing (`preload`): Polars' thread
pool does not survive a fork, so each child starts its own. Its process group is its own, so that the
parent can end it with all that it started. When the parent is gone it ends itself; leases bring its
execution to another worker.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import threading
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.executions.flows.wire import CANCEL, CLAIMED, DONE, READY, RUN, Wire
from apps.kernel.connections import end_idle_transactions

logger = logging.getLogger(__name__)
_SERVER = get_context("forkserver")
_SERVER.set_forkserver_preload(["apps.executions.flows.preload"])


class Child:
    """Reads the parent's wishes in one thread, runs executions in the main one."""

    def __init__(self, wire: Wire, name: str) -> None:
        self._wire = wire
        self._name = name
        self._jobs: queue.Queue[dict[str, Any]] = queue.Queue()
        self._cancel = threading.Event()
        self._execution: UUID | None = None

    def serve(self) -> None:
        """Run what the parent sends, for ever."""
        from apps.executions.flows import runner
        from apps.executions.flows.ledger import behind_the_work

        end_idle_transactions(settings.EXECUTION_LEASE_SECONDS)
        with behind_the_work() as ledger:
            runner.warm_up(ledger)
            threading.Thread(target=self._listen, name="parent", daemon=True).start()
            self._wire.send(READY)
            while True:
                runner.serve_lane(ledger, self._serve_next)

    def _serve_next(self) -> None:
        from apps.executions.flows import runner

        job = self._jobs.get()
        self._execution = UUID(job["execution_id"])
        self._cancel.clear()
        outcome = runner.run(
            schema=job["schema"],
            execution_id=self._execution,
            owner=self._name,
            cancel=self._cancel,
            claimed=partial(self._tell_claimed, job["execution_id"]),
        )
        self._execution = None
        self._wire.send(DONE, execution_id=job["execution_id"], outcome=outcome, left_behind=runner.left_behind())

    def _tell_claimed(self, execution_id: str, seconds: float | None) -> None:
        self._wire.send(CLAIMED, execution_id=execution_id, seconds=seconds)

    def _listen(self) -> None:
        for message in self._wire.messages():
            if message["what"] == RUN:
                self._jobs.put(message)
            elif message["what"] == CANCEL and message["execution_id"] == str(self._execution):
                self._cancel.set()
        os.killpg(0, signal.SIGKILL)


def main(end: socket.socket, name: str) -> None:
    """Serve at this end of a wire, for ever."""
    os.setsid()
    # Ctrl-C in a terminal reaches the whole group of the parent; the parent decides for us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import apps.executions.flows.preload  # noqa: F401 - there already, unless the fork server could not import it

    Child(Wire(end), name).serve()


def start(end: socket.socket, name: str) -> ForkServerProcess:
    """A new child at that end of a wire; it says READY once it is warm."""
    child = _SERVER.Process(target=main, args=(end, name), name=name, daemon=True)
    child.start()
    return child
