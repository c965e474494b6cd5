"""So many executions run at once, and no more: of a tenant, of a workflow, of those that use a connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.executions import leases, limits, operations, queue, services
from apps.executions.models import WorkflowExecution
from apps.executions.queue import Hint, Lane
from apps.executions.services.places import start_waiting
from apps.kernel import clock
from apps.kernel.redis import client
from tests.db.executions.conftest import chain
from tests.e2e.client import node

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Iterator[None]:
    keys = [Lane.RUN.turns, Lane.RUN.of_tenants, Lane.RUN.taken]
    client().delete(*keys)
    limits.forget()
    yield
    client().delete(*keys)
    limits.forget()


@pytest.fixture
def tide_table(workflow_of: Callable[..., Any]) -> Any:
    return workflow_of([node("ebb", "control", "wait", seconds=0)], [])


@pytest.fixture
def start(owner: Any) -> Callable[..., Any]:
    return lambda workflow: services.start_execution(viewer=owner, workflow_id=workflow.pk)


def only(most: int, of: Any) -> None:
    type(of).objects.filter(pk=of.pk).update(max_concurrent_executions=most)


def plan_allows(most: int, tenant: Any) -> None:
    from apps.tenants.models import Feature, FeatureOverride

    feature = Feature.objects.get(key="concurrent_executions")
    FeatureOverride.objects.create(subscription=tenant, feature=feature, limit=most)
    limits.forget()


def status(execution: Any) -> tuple[str, str | None]:
    found = WorkflowExecution.objects.get(pk=execution.pk)
    return found.status, found.waiting_for


def test_what_nothing_limits_is_claimed_in_one_statement(
    tide_table: Any, start: Any, django_assert_num_queries: Any
) -> None:
    limits.of_tenant()
    execution = start(tide_table)
    with django_assert_num_queries(1):
        assert leases.claim(execution.pk, "worker-1") is not None


def test_a_third_run_of_a_workflow_that_runs_two_at_once_waits_and_says_so(
    tide_table: Any, start: Any, api: Any, owner: Any
) -> None:
    only(2, tide_table)
    first, second, third = (start(tide_table) for _ in range(3))
    assert leases.claim(first.pk, "worker-1")
    assert leases.claim(second.pk, "worker-2")
    assert leases.claim(third.pk, "worker-3") is None
    told = api(owner).get(f"/api/v1/executions/{third.pk}").json()
    assert (told["status"], told["waiting_for"]) == ("queued", "workflow_limit")
    [lane] = [each for each in operations.queues(owner) if each["lane"] == "run"]
    assert lane["waiting_for"] == [{"reason": "workflow_limit", "executions": 1}]


def test_other_workflows_pass_one_that_is_full(tide_table: Any, workflow_of: Any, start: Any) -> None:
    only(1, tide_table)
    fog = workflow_of([node("fog", "control", "wait", seconds=0)], [])
    first, second, other = start(tide_table), start(tide_table), start(fog)
    assert leases.claim(first.pk, "worker-1")
    assert leases.claim(second.pk, "worker-2") is None
    assert leases.claim(other.pk, "worker-2")


def test_runs_that_use_a_connector_wait_for_each_other(quays: Any, workflow_of: Any, start: Any) -> None:
    only(1, quays)
    reads = [workflow_of(*chain(node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")))
             for _ in range(2)]  # fmt: skip
    one, two = (start(each) for each in reads)
    assert one.connectors == [quays.pk]
    assert leases.claim(one.pk, "worker-1")
    assert leases.claim(two.pk, "worker-2") is None
    assert status(two) == ("queued", "connector_limit")


def test_a_plan_limits_what_a_tenant_runs_at_once(tenant: Any, tide_table: Any, start: Any) -> None:
    plan_allows(1, tenant)
    one, two = start(tide_table), start(tide_table)
    assert leases.claim(one.pk, "worker-1")
    assert leases.claim(two.pk, "worker-2") is None
    assert status(two) == ("queued", "tenant_limit")


def test_the_end_of_one_tells_the_workers_of_the_one_that_waited_longest(
    tide_table: Any, start: Any, work: Any, django_capture_on_commit_callbacks: Any
) -> None:
    only(1, tide_table)
    first, second, third = (start(tide_table) for _ in range(3))
    held = leases.claim(first.pk, "worker-1")
    assert held is not None
    assert [leases.claim(each.pk, "worker-2") for each in (second, third)] == [None, None]
    with django_capture_on_commit_callbacks(execute=True):
        leases.end(first.pk, "worker-1")
        assert work(first).status == "success"
    assert queue.take(Lane.RUN, block_ms=50) == Hint(connection.schema_name, second.pk)
    assert queue.take(Lane.RUN, block_ms=50) is None
    assert leases.claim(third.pk, "worker-1") is None, "nobody passes the one that waited longer"
    assert leases.claim(second.pk, "worker-1")


def test_a_run_that_is_put_down_gives_its_place_away(
    workflow_of: Any, start: Any, work: Any, django_capture_on_commit_callbacks: Any
) -> None:
    long = workflow_of([node("slack", "control", "wait", seconds=3600)], [])
    only(1, long)
    one, two = start(long), start(long)
    assert leases.claim(one.pk, "worker-1")
    assert leases.claim(two.pk, "worker-2") is None
    leases.end(one.pk, "worker-1")
    with django_capture_on_commit_callbacks(execute=True):
        assert work(one).status == "paused"
    assert queue.take(Lane.RUN, block_ms=50) == Hint(connection.schema_name, two.pk)


def test_who_waits_for_a_place_is_no_claimable_work_until_there_is_one(tide_table: Any, start: Any) -> None:
    only(1, tide_table)
    one, two = start(tide_table), start(tide_table)
    WorkflowExecution.objects.update(queued_at=clock.now() - timedelta(minutes=1))
    assert leases.claim(one.pk, "worker-1")
    assert leases.claim(two.pk, "worker-2") is None
    schemas = [connection.schema_name]
    assert leases.claimable(schemas) == []
    assert limits.tenants_that_wait(schemas) == schemas
    assert limits.give() == []
    only(2, tide_table)
    assert limits.give() == [two.pk], "a limit that was raised is seen by whoever looks next"


def test_one_that_is_given_a_place_twice_is_told_once(tide_table: Any, start: Any) -> None:
    only(1, tide_table)
    one, two = start(tide_table), start(tide_table)
    assert leases.claim(one.pk, "worker-1")
    assert leases.claim(two.pk, "worker-2") is None
    only(2, tide_table)
    assert [start_waiting(), start_waiting()] == [1, 1]
    assert queue.waiting(Lane.RUN) == 1


def test_a_worker_that_takes_a_run_over_needs_no_place_of_its_own(tide_table: Any, start: Any) -> None:
    only(1, tide_table)
    one = start(tide_table)
    assert leases.claim(one.pk, "worker-1")
    leases.end(one.pk, "worker-1")
    assert leases.claim(one.pk, "worker-2")


def test_nobody_runs_for_a_tenant_that_is_suspended(tenant: Any, tide_table: Any, start: Any) -> None:
    execution = start(tide_table)
    type(tenant).objects.filter(pk=tenant.pk).update(status="suspended")
    assert leases.claim(execution.pk, "worker-1") is None
    assert status(execution) == ("queued", None)


def test_limits_are_settings_of_workflows_and_connectors(tide_table: Any, quays: Any, api: Any, owner: Any) -> None:
    at = {"workflow": f"/api/v1/workflows/{tide_table.pk}", "connector": f"/api/v1/connectors/{quays.pk}"}
    for path in at.values():
        assert api(owner).get(path).json()["max_concurrent_executions"] is None
        changed = api(owner).patch(path, {"max_concurrent_executions": 3})
        assert (changed.status_code, changed.json()["max_concurrent_executions"]) == (200, 3)
        refused = api(owner).patch(path, {"max_concurrent_executions": 0})
        assert refused.json()["errors"][0]["field"] == "max_concurrent_executions"
        assert api(owner).patch(path, {"max_concurrent_executions": None}).json()["max_concurrent_executions"] is None
