"""One place in the warm pool: a child process and the thread that feeds and watches it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from redis.exceptions import RedisError

from apps.executions import queue
from apps.executions.flows import child, recovery
from apps.executions.flows.memory import held_bytes
from apps.executions.flows.wire import BROKEN, CANCEL, CLAIMED, DONE, READY, RUN, Wire
from apps.executions.heartbeat import Child
from apps.executions.queue import Hint, Lane

logger = logging.getLogger(__name__)
CANCEL_GRACE_SECONDS = 0.8
"""How long a cancelled execution may take to stop by itself before its process group is killed."""
_TICK = 0.1
_CANCEL_LOOK_SECONDS = 0.5
_RECYCLE_AFTER = 2_000


class Slot(threading.Thread):
    """Takes hints of its lane while its child is idle. `next_found` gives what PostgreSQL knows of."""

    def __init__(self, name: str, lane: Lane, next_found: Callable[[Lane], Hint | None]) -> None:
        super().__init__(name=name, daemon=True)
        self.lane = lane
        self._next_found = next_found
        self._stopping = threading.Event()
        self._child: ForkServerProcess | None = None
        self._wire: Wire | None = None
        self._jobs = 0
        self._worn = False
        """Whether work that nobody waits for any more still runs in the child."""
        self._cancel_asked: UUID | None = None
        self.running: Hint | None = None
        self.ready = threading.Event()

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    # What other threads may do

    def as_child(self) -> Child:
        """What this place does now, for people to look at."""
        running = self.running
        return Child(
            name=self.name,
            lane=self.lane.value,
            pid=self.pid,
            ready=self.ready.is_set(),
            memory_bytes=self._memory(),
            schema=None if running is None else running.schema,
            execution_id=None if running is None else running.execution_id,
        )

    def ask_to_cancel(self, execution_id: UUID) -> None:
        """Somebody asked to cancel this execution; nothing happens if it is not here."""
        self._cancel_asked = execution_id

    def stop(self) -> None:
        """Take nothing more and end the child; its execution goes on elsewhere from its last stage."""
        self._stopping.set()

    # The thread

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._wire is None:
                    self._start_child()
                hint = self._next_hint()
                if hint is not None:
                    self._serve(hint)
            except (DatabaseError, OSError, EOFError) as error:
                logger.warning("%s: %s", self.name, error)
                self._end_child()
                self._stopping.wait(0.5)
            except Exception:
                logger.exception("%s goes on with a new child", self.name)
                self._end_child()
                self._stopping.wait(0.5)
        self._end_child()
        connection.close()

    def _next_hint(self) -> Hint | None:
        found = self._next_found(self.lane)
        if found is not None:
            return found
        try:
            return queue.take(self.lane, block_ms=500)
        except RedisError:
            self._stopping.wait(0.25)
            return None

    def _serve(self, hint: Hint) -> None:
        assert self._wire is not None
        close_old_connections()
        self.running = hint
        self._cancel_asked = None
        try:
            self._wire.send(RUN, schema=hint.schema, execution_id=str(hint.execution_id))
            finished = self._watch(hint)
        except (OSError, EOFError):
            finished = False
        finally:
            self.running = None
        if finished:
            self._jobs += 1
            grown = self._memory() > settings.EXECUTION_MEMORY_LIMIT_MB * 2**20 / 2
            if self._worn or grown or self._jobs >= _RECYCLE_AFTER:
                self._end_child()
            return
        self._end_child()
        if not self._stopping.is_set():
            logger.warning("%s lost its process while it ran execution %s", self.name, hint.execution_id)
        recovery.worker_died(hint, owner=self.name)

    def _give_back(self, hint: Hint) -> None:
        """The child could not go on, most likely since the database was away: let another go on at once."""
        try:
            recovery.worker_died(hint, owner=self.name)
        except DatabaseError as error:
            connection.close()
            logger.warning("%s: execution %s goes on once its lease has ended: %s", self.name, hint.execution_id, error)

    def _is_cancelled(self, hint: Hint) -> bool:
        """A database that is away for a moment is no reason to end a child that is at work."""
        try:
            return recovery.cancel_asked(hint)
        except DatabaseError as error:
            connection.close()
            logger.warning("%s cannot see whether execution %s is cancelled: %s", self.name, hint.execution_id, error)
            return False

    def _watch(self, hint: Hint) -> bool:
        """Until the child is done with the hint; False where its process had to end or did."""
        assert self._wire is not None
        asked_at: float | None = None
        began_at = looked_at = time.monotonic()
        ends_at: float | None = None
        while True:
            for message in self._wire.receive(_TICK):
                if message["execution_id"] != str(hint.execution_id):
                    continue
                if message["what"] == CLAIMED and message["seconds"] is not None:
                    ends_at = time.monotonic() + message["seconds"]
                if message["what"] == DONE:
                    self._worn = self._worn or message["left_behind"]
                    if message["outcome"] == BROKEN:
                        self._give_back(hint)
                    return True
            now = time.monotonic()
            if self._stopping.is_set():
                return False
            if asked_at is None:
                asked = self._cancel_asked == hint.execution_id
                if not asked and now - looked_at >= _CANCEL_LOOK_SECONDS:
                    looked_at = now
                    asked = self._is_cancelled(hint)
                if asked:
                    asked_at = now
                    self._wire.send(CANCEL, execution_id=str(hint.execution_id))
            elif now - asked_at > CANCEL_GRACE_SECONDS:
                self._end_child()
                recovery.cancelled_by_force(hint, owner=self.name)
                return True
            if self._is_beyond_a_limit(hint, now - began_at, late=ends_at is not None and now >= ends_at):
                return True

    def _is_beyond_a_limit(self, hint: Hint, seconds: float, *, late: bool) -> bool:
        """End the child, and the execution, where it takes more than one execution, or one of its workflow, may."""
        if late:
            end = recovery.out_of_its_time
        elif self._memory() > settings.EXECUTION_MEMORY_LIMIT_MB * 2**20:
            end = recovery.out_of_memory
        elif seconds > settings.EXECUTION_TIME_LIMIT_SECONDS:
            end = recovery.out_of_time
        else:
            return False
        self._end_child()
        end(hint, owner=self.name)
        return True

    def _memory(self) -> int:
        return 0 if self.pid is None else held_bytes(self.pid)

    def _start_child(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = child.start(theirs, self.name)
        self._wire = Wire(ours)
        self._jobs = 0
        self._worn = False
        while not self._stopping.is_set():
            if any(message["what"] == READY for message in self._wire.receive(_TICK)):
                self.ready.set()
                return

    def _end_child(self) -> None:
        self.ready.clear()
        if self._wire is not None:
            self._wire.close()
            self._wire = None
        if self._child is not None:
            if self._child.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._child.pid, signal.SIGKILL)
            self._child.kill()  # one that had no group of its own yet
            self._child.join()
            self._child = None
