"""Faults of workers: real processes, real signals. One host serves the module; the first test warms it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql

from apps.kernel.redis import client
from tests.db.executions.office import Office
from tests.drills.conftest import Host
from tests.e2e.client import node

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NODES = "executions_nodeexecution"
CANCELLED_WITHIN = 3
"""The contract's two seconds, and what a busy machine needs to say so."""


def wait(id: str, seconds: float) -> dict[str, Any]:
    return node(id, "control", "wait", seconds=seconds)


@pytest.fixture(scope="module")
def host(hosts: Callable[..., Host]) -> Host:
    return hosts()


@pytest.fixture
def warm(host: Host, office: Office) -> Host:
    """The host, with a child that has just run something."""
    assert office.until_over(office.start(wait("warm", 0)), seconds=150).status == "success"
    return host


def begun(office: Office) -> tuple[Any, dict[str, Any]]:
    """An execution in its long second stage, and when each stage that is finished was finished."""
    execution = office.start(wait("ebb", 0.1), wait("slack", 3), wait("flood", 0.1))
    office.until(execution, lambda _: office.stages(execution), seconds=60)
    return execution, finished(office, execution)


def finished(office: Office, execution: Any) -> dict[str, Any]:
    return {stage.stage_id: (stage.fence, stage.finished_at) for stage in office.stages(execution)}


def test_f1_a_killed_child_costs_nothing_but_its_unfinished_stage(warm: Host, office: Office) -> None:
    execution, before = begun(office)
    child = warm.child()
    warm.kill_child(child)
    over = office.until_over(execution, seconds=150)
    assert (over.status, over.fence) == ("success", 2)
    after = finished(office, execution)
    assert after.items() >= before.items()  # what was finished was not run again
    assert len(after) == 3


def test_a_running_execution_is_cancelled_within_two_seconds(warm: Host, office: Office) -> None:
    execution = office.start(wait("ebb", 4.5))
    office.until(execution, lambda each: each.status == "running")
    began = time.monotonic()
    office.cancel(execution)
    assert office.until_over(execution).status == "cancelled"
    assert time.monotonic() - began < CANCELLED_WITHIN


def test_one_that_does_not_hear_is_killed(warm: Host, office: Office) -> None:
    execution = office.start(wait("ebb", 4.5))
    office.until(execution, lambda each: each.status == "running")
    child = warm.child()
    os.kill(child, signal.SIGSTOP)
    began = time.monotonic()
    office.cancel(execution)
    assert office.until_over(execution).status == "cancelled"
    assert time.monotonic() - began < CANCELLED_WITHIN
    assert child not in warm.children()


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator[Callable[[], psycopg.Connection[Any]]]:
    """Opens connections of somebody who looks at the same database."""
    with ExitStack() as closing:
        yield lambda: closing.enter_context(psycopg.connect(environment["DATABASE_URL"], autocommit=True))


def frozen_while_it_writes(
    office: Office, server: Callable[[], psycopg.Connection[Any]], execution: Any, *processes: int
) -> Callable[[], bool]:
    """Stop the worker's processes while it holds the execution's row, for which others have to wait. Answers whether
    it holds it still."""
    writer, watcher = server(), server()
    writer.autocommit = False
    writer.execute(sql.SQL("lock table {} in exclusive mode").format(sql.Identifier(office.schema, NODES)))
    [[waiting]] = until(
        watcher,
        f"select pid from pg_stat_activity where query like 'insert into \"{NODES}\"%' and wait_event_type = 'Lock'",
    )
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    writer.rollback()
    idle = f"select 1 from pg_stat_activity where pid = {waiting:d} and state = 'idle in transaction'"
    until(watcher, idle)
    assert office.now(execution).status == "running"
    return lambda: bool(watcher.execute(idle).fetchall())


def until(watcher: psycopg.Connection[Any], query: str) -> list[Any]:
    """The rows of a query once there are some."""
    end = time.monotonic() + 30
    while not (found := watcher.execute(query).fetchall()):
        assert time.monotonic() < end, query
        time.sleep(0.02)
    return found


def test_one_that_froze_while_it_wrote_is_cancelled_within_two_seconds(
    warm: Host, office: Office, server: Callable[[], psycopg.Connection[Any]]
) -> None:
    execution = office.start(wait("ebb", 1), wait("flood", 4.5))
    office.until(execution, lambda each: each.status == "running")
    child = warm.child()
    is_held = frozen_while_it_writes(office, server, execution, child)
    assert is_held()
    began = time.monotonic()
    office.cancel(execution)
    assert office.until_over(execution).status == "cancelled"
    assert time.monotonic() - began < CANCELLED_WITHIN
    assert child not in warm.children()


def test_f4_hints_that_are_lost_with_redis_are_found_in_postgresql(warm: Host, office: Office) -> None:
    executions = [office.start(wait("ebb", 0.3)) for _ in range(3)]
    client().delete(*client().keys("uzo:executions:*"))
    assert [office.until_over(each).status for each in executions] == ["success"] * 3


def test_f2_a_worker_stopped_past_its_lease_writes_nothing_when_it_goes_on(
    warm: Host, office: Office, hosts: Callable[..., Host]
) -> None:
    execution, before = begun(office)
    stopped = [warm.process.pid, *warm.children()]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        hosts()
        assert office.until_over(execution, seconds=150).status == "success"
        after = finished(office, execution)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    time.sleep(4)  # what the first worker still had to do
    assert finished(office, execution) == after
    assert after.items() >= before.items()
    assert (len(after), office.now(execution).fence) == (3, 2)


@pytest.mark.usefixtures("warm")
def test_f2_a_worker_that_froze_while_it_wrote_keeps_its_successor_waiting_no_longer_than_its_lease(
    hosts: Callable[..., Host], office: Office, server: Callable[[], psycopg.Connection[Any]]
) -> None:
    execution = office.start(wait("ebb", 1), wait("flood", 0.1))
    owner = office.until(execution, lambda each: each.status == "running").lease_owner
    first = psutil.Process(int(owner.split(":")[1]))
    stopped = [first.pid, *(each.pid for each in first.children(recursive=True))]
    is_held = frozen_while_it_writes(office, server, execution, *stopped)
    assert is_held()
    try:
        hosts()
        over = office.until_over(execution, seconds=150)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert (over.status, over.fence) == ("success", 2)
    assert not is_held()
