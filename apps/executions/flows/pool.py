"""The warm pool: `manage.py run_workers` is one host of it.

A host keeps a few children warm and looks every second for what nobody runs: executions whose hint was
lost, and those whose worker fell silent. Every host does that, so there is no single reaper to lose.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections import deque
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django_tenants.utils import schema_context
from redis.exceptions import RedisError

from apps.executions import heartbeat, leases, limits, queue
from apps.executions.flows.reporter import Reporter
from apps.executions.flows.slot import Slot
from apps.executions.queue import Hint, Lane
from apps.executions.services import parking
from apps.executions.tenancy import active_schemas
from apps.kernel import clock
from apps.kernel.connections import connection
from apps.vault.state import is_sealed

logger = logging.getLogger(__name__)
POLL_SECONDS = 1.0


class Pool:
    """`serve` runs until `stop`; both may be called from different threads."""

    def __init__(self, *, runs: int, previews: int, reporter: Reporter | None = None) -> None:
        host = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._name, self._started_at = host, clock.now()
        self._stop = threading.Event()
        self._found: dict[Lane, deque[Hint]] = {lane: deque() for lane in Lane}
        self._reporter = reporter
        self.slots = [Slot(f"{host}/run-{n}", Lane.RUN, self._next_found) for n in range(runs)]
        self.slots += [Slot(f"{host}/preview-{n}", Lane.PREVIEW, self._next_found) for n in range(previews)]

    def serve(self) -> None:
        """Start everything and look for stranded executions until stopped."""
        for slot in self.slots:
            slot.start()
        threads = [
            threading.Thread(target=self._hear_cancels, name="cancels", daemon=True),
            threading.Thread(target=self._beat, name="heartbeat", daemon=True),
        ]
        if self._reporter is not None:
            tell = partial(self._reporter.serve, self.is_at_work)
            threads.append(threading.Thread(target=tell, name="prefect", daemon=True))
        for thread in threads:
            thread.start()
        threading.Thread(target=self._say_when_ready, daemon=True).start()
        while not self._stop.wait(POLL_SECONDS):
            self._look()
        self._end()

    def stop(self) -> None:
        """End the children; what they ran goes on elsewhere, or here after the next start."""
        self._stop.set()

    def wait_until_ready(self, timeout: float) -> bool:
        """Whether every child was warm within `timeout` seconds."""
        return all(slot.ready.wait(timeout) for slot in self.slots)

    def is_at_work(self) -> bool:
        """Whether an execution runs here, or waits for a worker anywhere as far as Redis tells."""
        if any(slot.running is not None for slot in self.slots):
            return True
        try:
            return queue.waiting(Lane.RUN) > 0
        except RedisError:
            return False

    def _say_when_ready(self) -> None:
        if self.wait_until_ready(timeout=120):
            logger.info("%d warm workers are ready", len(self.slots))

    def _next_found(self, lane: Lane) -> Hint | None:
        try:
            return self._found[lane].popleft()
        except IndexError:
            return None

    def _look(self) -> None:
        try:
            close_old_connections()
            connection.set_schema_to_public()
            known = {hint.execution_id for hints in self._found.values() for hint in hints}
            known |= {slot.running.execution_id for slot in self.slots if slot.running is not None}
            sealed = is_sealed()
            found: list[tuple[Lane, Hint]] = []
            for each in leases.claimable(active_schemas()):
                # While the vault is sealed what is queued waits; what was running may finish.
                if each.status == "paused":
                    with schema_context(each.schema):
                        parking.wake_if_due(execution_id=each.execution_id)
                if each.execution_id not in known and not (sealed and each.status != "running"):
                    lane = Lane.PREVIEW if each.kind == "preview" else Lane.RUN
                    found.append((lane, Hint(each.schema, each.execution_id)))
            for schema in limits.tenants_that_wait(active_schemas()):
                with schema_context(schema):
                    waiting = [Hint(schema, id) for id in limits.give()]
                found += [(Lane.RUN, hint) for hint in waiting if hint.execution_id not in known]
            for lane in Lane:
                mine = [hint for of, hint in found if of is lane]
                hinted = queue.hinted(lane, mine)  # their turn comes
                self._found[lane].extend(hint for hint in mine if hint not in hinted)
        except DatabaseError as error:
            logger.warning("cannot look for stranded executions now: %s", error)

    def _hear_cancels(self) -> None:
        while not self._stop.is_set():
            try:
                subscription = queue.cancels()
                while not self._stop.is_set():
                    message = subscription.get_message(timeout=0.5)
                    if message is not None:
                        execution_id = UUID(message["data"].decode().rpartition(" ")[2])
                        for slot in self.slots:
                            slot.ask_to_cancel(execution_id)
            except RedisError:
                self._stop.wait(0.5)

    def _beat(self) -> None:
        """Tell what this host does, until it ends."""
        while not self._stop.is_set():
            heartbeat.beat(self.as_host())
            self._stop.wait(heartbeat.BEAT_SECONDS)
        try:
            heartbeat.forget([self._name])
        except RedisError as error:
            logger.debug("this host stays on the list for a minute: %s", error)

    def as_host(self) -> heartbeat.Host:
        """This host and its children as they are now."""
        children = tuple(slot.as_child() for slot in self.slots)
        return heartbeat.Host(self._name, os.getpid(), self._started_at, clock.now(), children)

    def _end(self) -> None:
        for slot in self.slots:
            slot.stop()
        if self._reporter is not None:
            self._reporter.stop()
        for slot in self.slots:
            slot.join(timeout=10)
        connection.close()


def pool_of_settings() -> Pool:
    """A host as the settings describe it."""
    return Pool(
        runs=settings.WORKER_PROCESSES,
        previews=settings.PREVIEW_PROCESSES,
        reporter=Reporter(settings.PREFECT_API_URL) if settings.PREFECT_API_URL else None,
    )
