"""Tenants take turns: who queues a thousand executions waits for his own, not the others for his."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django_tenants.utils import tenant_context
from redis.exceptions import RedisError

from apps.executions import leases, queue, services
from apps.executions.models import WorkflowExecution
from apps.executions.queue import Hint, Lane
from apps.kernel import clock
from apps.kernel.redis import client
from tests.db.executions.conftest import chain
from tests.db.executions.office import saved
from tests.e2e.client import node

pytestmark = pytest.mark.django_db
BLOCK_MS = 50


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    keys = [Lane.RUN.turns, Lane.RUN.of_tenants, Lane.RUN.taken]
    client().delete(*keys)
    yield
    client().delete(*keys)


def push(schema: str, count: int = 1) -> list[UUID]:
    ids = [uuid4() for _ in range(count)]
    for id in ids:
        queue.push(Lane.RUN, schema, id)
    return ids


def take() -> Hint:
    hint = queue.take(Lane.RUN, block_ms=BLOCK_MS)
    assert hint is not None
    return hint


def test_a_tenant_that_queues_one_comes_before_the_thousand_of_another() -> None:
    many = push("heaps", 1_000)
    first = [take().execution_id for _ in range(10)]
    [one] = push("handful")
    assert first == many[:10], "each tenant's own in the order in which they came"
    assert one in [take().execution_id for _ in range(2)]


def test_two_tenants_with_many_take_turns() -> None:
    push("heaps", 50)
    push("piles", 50)
    taken = [take().schema for _ in range(40)]
    assert taken.count("heaps") == taken.count("piles") == 20
    assert queue.waiting(Lane.RUN) == 60


def test_a_tenant_that_was_away_has_no_turns_saved_up() -> None:
    push("heaps", 100)
    for _ in range(80):
        take()
    push("late", 100)
    taken = [take().schema for _ in range(20)]
    assert taken.count("late") == pytest.approx(10, abs=1)


def test_a_hint_given_twice_waits_once() -> None:
    [id] = push("heaps")
    queue.push(Lane.RUN, "heaps", id)
    assert queue.waiting(Lane.RUN) == 1
    assert take() == Hint("heaps", id)
    assert queue.take(Lane.RUN, block_ms=BLOCK_MS) is None


def test_what_is_hinted_is_not_found_a_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    [id] = push("heaps")
    there, not_there = Hint("heaps", id), Hint("heaps", uuid4())
    assert queue.hinted(Lane.RUN, [there, not_there]) == {there}

    def away(*_: object) -> Any:
        raise RedisError

    monkeypatch.setattr(client(), "zmscore", away)
    assert queue.hinted(Lane.RUN, [there]) == frozenset(), "then PostgreSQL alone tells"


def test_what_postgresql_tells_of_comes_in_turns_too(tenant: Any, rival: Any) -> None:
    for each, count in ((tenant, 5), (rival, 1)):
        with tenant_context(each):
            workflow, owner = saved(*chain(node("ebb", "control", "wait", seconds=0)))
            for _ in range(count):
                services.start_execution(viewer=owner, workflow_id=workflow.pk)
            old = clock.now() - timedelta(minutes=1 if each is rival else 9)
            WorkflowExecution.objects.update(queued_at=old)
    found = leases.claimable([tenant.schema_name, rival.schema_name], limit=3)
    assert [each.schema for each in found] == [tenant.schema_name, rival.schema_name, tenant.schema_name]
