"""Operations: queues, workers, leases and the run store, of this tenant alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from redis.exceptions import ConnectionError as RedisAway

from apps.accounts.models import Role, User
from apps.executions import heartbeat, leases, queue
from apps.executions.heartbeat import Child, Host
from apps.executions.models import WorkflowExecution
from apps.executions.services import start_execution
from apps.kernel import clock
from apps.kernel.redis import client
from tests.e2e.client import node

Make = Callable[..., Any]
PATH = "/api/v1/operations"


@pytest.fixture(autouse=True)
def nothing_remembered(tenant: Any) -> Iterator[None]:
    """Neither hosts nor sizes of a test before this one."""
    client().delete("uzo:executions:hosts")
    yield
    client().delete("uzo:executions:hosts")


@pytest.fixture
def tide(workflow_of: Make) -> Any:
    return workflow_of([node("ebb", "control", "wait", seconds=0)], [])


@pytest.fixture
def told(api: Make, owner: User) -> Callable[[], Any]:
    def ask() -> Any:
        answer = api(owner).get(PATH)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


def host(name: str, *, running: Any = None, schema: str | None = None, age: float = 0) -> Host:
    seen = clock.now() - timedelta(seconds=age)
    child = Child(f"{name}/run-0", "run", 4711, True, 300_000_000, schema, running)
    return Host(name, 4700, seen - timedelta(hours=1), seen, (child,))


def lane(told: Any, name: str) -> Any:
    return next(each for each in told["queues"] if each["lane"] == name)


def test_what_is_queued_is_told_by_workflow_with_the_age_of_the_oldest(
    told: Callable[[], Any], tide: Any, owner: User
) -> None:
    first = start_execution(viewer=owner, workflow_id=tide.pk)
    start_execution(viewer=owner, workflow_id=tide.pk)
    WorkflowExecution.objects.filter(pk=first.pk).update(queued_at=clock.now() - timedelta(seconds=90))
    runs = lane(told(), "run")
    assert (runs["queued"], runs["running"], runs["paused"]) == (2, 0, 0)
    assert 89_000 < runs["oldest_age_ms"] < 120_000
    [queued] = runs["workflows"]
    assert (queued["workflow_id"], queued["workflow_name"], queued["queued"]) == (str(tide.pk), "Tide table", 2)
    assert lane(told(), "preview")["queued"] == 0


def test_hints_of_other_tenants_are_not_counted(told: Callable[[], Any]) -> None:
    before = lane(told(), "run")["hints"]
    queue.push(queue.Lane.RUN, connection.schema_name, uuid4())
    queue.push(queue.Lane.RUN, "somebody_else", uuid4())
    assert lane(told(), "run")["hints"] == before + 1


def test_a_lease_says_who_holds_what_until_when(told: Callable[[], Any], tide: Any, owner: User) -> None:
    execution = start_execution(viewer=owner, workflow_id=tide.pk)
    leases.claim(execution.pk, "quay-7:12/run-0")
    [lease] = told()["leases"]
    assert lease["execution_id"] == str(execution.pk)
    assert lease["workflow_name"] == "Tide table"
    assert (lease["owner"], lease["fence"], lease["recoveries"]) == ("quay-7:12/run-0", 1, 0)
    assert 0 < lease["left_ms"] <= 6_000
    WorkflowExecution.objects.filter(pk=execution.pk).update(lease_until=clock.now() - timedelta(seconds=3))
    assert told()["leases"][0]["left_ms"] < 0


def test_workers_tell_what_they_run_to_the_tenant_whose_it_is(told: Callable[[], Any]) -> None:
    ours, theirs = uuid4(), uuid4()
    heartbeat.beat(host("quay-7", running=ours, schema=connection.schema_name))
    heartbeat.beat(host("quay-8", running=theirs, schema="somebody_else"))
    seven, eight = told()["workers"]
    assert seven["children"][0]["execution_id"] == str(ours)
    assert (eight["children"][0]["busy"], eight["children"][0]["execution_id"]) == (True, None)
    assert str(theirs) not in str(told())


def test_a_silent_host_is_shown_as_such_and_forgotten_after_a_minute(told: Callable[[], Any]) -> None:
    heartbeat.beat(host("quay-7", age=20))
    assert [(each["host"], each["silent"]) for each in told()["workers"]] == [("quay-7", True)]
    heartbeat.beat(host("quay-6", age=300))
    heartbeat.beat(host("quay-8"))
    assert [each["host"] for each in told()["workers"]] == ["quay-7", "quay-8"]


def test_a_pool_tells_of_itself_and_is_off_the_list_once_it_ends(told: Callable[[], Any]) -> None:
    from apps.executions.flows.pool import Pool

    pool = Pool(runs=1, previews=1)
    heartbeat.beat(pool.as_host())
    [found] = told()["workers"]
    assert [(each["name"], each["lane"], each["ready"]) for each in found["children"]] == [
        ("run-0", "run", False),
        ("preview-0", "preview", False),
    ]
    heartbeat.forget([found["host"]])
    assert told()["workers"] == []


def test_while_redis_is_away_the_rest_is_told(
    told: Callable[[], Any], tide: Any, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise RedisAway("gone")

    start_execution(viewer=owner, workflow_id=tide.pk)
    monkeypatch.setattr(heartbeat, "hosts", away)
    monkeypatch.setattr(queue, "waiting_of", away)
    answer = told()
    assert answer["workers"] is None
    assert (lane(answer, "run")["hints"], lane(answer, "run")["queued"]) == (None, 1)


def test_the_run_store_counts_this_tenants_datasets(told: Callable[[], Any], run_folder: Path) -> None:
    for tenant, size in ((connection.schema_name, 100), ("somebody_else", 10_000)):
        folder = run_folder / tenant / str(uuid4())
        folder.mkdir(parents=True)
        (folder / "rows.arrow").write_bytes(b"x" * size)
    store = told()["run_store"]
    assert (store["bytes"], store["datasets"], store["executions"]) == (100, 1, 0)
    assert store["retention_days"] == 30
    assert store["oldest_at"].endswith("Z")


def test_what_the_last_hour_asked_for_is_told_by_the_minute(
    told: Callable[[], Any], tide: Any, owner: User, work: Make
) -> None:
    done = work(start_execution(viewer=owner, workflow_id=tide.pk))
    start_execution(viewer=owner, workflow_id=tide.pk)
    old = start_execution(viewer=owner, workflow_id=tide.pk)
    WorkflowExecution.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(hours=2))
    assert done.status == "success"
    throughput = told()["throughput"]
    sums = {
        name: sum(each[name] for each in throughput["minutes"])
        for name in ("success", "failed", "cancelled", "unfinished")
    }
    assert sums == {"success": 1, "failed": 0, "cancelled": 0, "unfinished": 1}
    assert throughput["wait_ms"]["p95"] >= throughput["wait_ms"]["p50"] >= 0
    assert throughput["run_ms"]["p95"] is not None


def test_t13_a_name_that_one_may_not_read_is_not_told(api: Make, tide: Any, owner: User, viewer: User) -> None:
    """A role may look at operations without reading every workflow."""
    viewer.role = Role.objects.create(name="watch", capabilities=["operations.read"])
    viewer.save()
    leases.claim(start_execution(viewer=owner, workflow_id=tide.pk).pk, "quay-7")
    start_execution(viewer=owner, workflow_id=tide.pk)
    answer = api(viewer).get(PATH)
    assert answer.status_code == 200
    assert answer.json()["leases"][0]["workflow_name"] is None
    assert lane(answer.json(), "run")["workflows"][0]["workflow_name"] is None
    assert "Tide table" not in answer.content.decode()


def test_who_may_look_is_said_by_the_role(api: Make, owner: User, editor: User) -> None:
    refused = api(editor).get(PATH)
    assert (refused.status_code, refused.json()["capability"]) == (403, "operations.read")
    editor.role = Role.objects.get(name="owner")
    editor.save()
    assert api(editor).get(PATH).status_code == 200


def test_a_plan_without_monitoring_is_403_and_says_which_has_it(api: Make, owner: User, tenant: Any) -> None:
    from apps.tenants.services import change_plan

    change_plan(subscription=tenant, plan_key="standard")
    refused = api(owner).get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (403, "feature_disabled")
    assert refused.json()["remedy"] == "Upgrade to Premium or Enterprise"


def test_the_operators_command_shows_workers_and_run_stores_of_all_tenants(
    run_folder: Path, tide: Any, owner: User, rival: Any
) -> None:
    execution = start_execution(viewer=owner, workflow_id=tide.pk)
    heartbeat.beat(host("quay-7", running=uuid4(), schema=rival.schema_name))
    folder = run_folder / connection.schema_name / str(execution.pk)
    folder.mkdir(parents=True)
    (folder / "rows.arrow").write_bytes(b"x" * 1_400)
    out = StringIO()
    call_command("executions", stdout=out)
    said = out.getvalue()
    assert "quay-7/run-0" in said
    assert rival.schema_name in said
    assert "1.4 kB" in said
    assert str(execution.pk) in said
