"""A thousand executions at once, of two tenants, under limits of tenant, workflow and connector: all finish, the
late small tenant is not starved, and never do more run at once than may. What PostgreSQL wrote down decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.db.conftest import PEOPLE, _people_of
from tests.db.executions.office import Office
from tests.drills.conftest import Host
from tests.e2e.client import node

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(900)]
MANY, FEW = 850, 150
AT_ONCE = {"tenant": 3, "workflow": 2, "connector": 1}
CHILDREN = 4


@pytest.fixture(scope="module")
def elbe_shipping(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Another tenant whose rows are really committed; its schema."""
    from apps.tenants.services import provision, remove, suspend

    with django_db_blocker.unblock():
        subscription = provision(name="Elbe Shipping", host="elbe.drill.example", plan_key="enterprise")
        _people_of(subscription, {"owner": PEOPLE["owner"].replace("harbour", "elbe")})
        connection.set_schema_to_public()
        yield subscription.schema_name
        connection.set_schema_to_public()
        remove(subscription=suspend(subscription=subscription))


@pytest.fixture
def elbe(elbe_shipping: str) -> Iterator[Office]:
    office = Office(elbe_shipping)
    yield office
    office.close()


def limit_the_tenant() -> None:
    from apps.tenants.features import current_subscription
    from apps.tenants.models import Feature, FeatureOverride

    feature = Feature.objects.get(key="concurrent_executions")
    FeatureOverride.objects.create(subscription=current_subscription(), feature=feature, limit=AT_ONCE["tenant"])


def workflow(*nodes: dict[str, Any], **limits: int) -> Any:
    from tests.db.executions.office import saved

    made, _ = saved(list(nodes), [])
    type(made).objects.filter(pk=made.pk).update(**limits)
    return made


def crane() -> Any:
    """A connector that one execution uses at a time."""
    from apps.accounts.models import User
    from apps.connectors.services.connectors import create_connector
    from apps.connectors.services.files import store_file

    owner = User.objects.get(is_owner=True)
    made = create_connector(
        viewer=owner, name="Crane", connector_type="files", config={},
        max_concurrent_executions=AT_ONCE["connector"],
    )  # fmt: skip
    store_file(viewer=owner, connector=made, name="crates.csv", chunks=[b"crate,tons\nA,1\nB,2\n"])
    return made


def queue(workflows: list[Any], count: int) -> None:
    """Queue so many executions, of the workflows in turn."""
    from apps.accounts.models import User
    from apps.executions.services import start_execution

    owner = User.objects.get(is_owner=True)
    for number in range(count):
        start_execution(viewer=owner, workflow_id=workflows[number % len(workflows)].pk)


def runs() -> list[Any]:
    from apps.executions.models import WorkflowExecution

    return list(WorkflowExecution.objects.defer("plan").order_by("queued_at"))


def unfinished() -> int:
    from apps.executions.models import WorkflowExecution

    return WorkflowExecution.objects.exclude(status__in=WorkflowExecution.OVER).count()


def most_at_once(executions: list[Any]) -> int:
    """How many ran at the same moment, at most."""
    moments = [(each.started_at, 1) for each in executions] + [(each.finished_at, -1) for each in executions]
    most = now = 0
    for _, step in sorted(moments):
        now += step
        most = max(most, now)
    return most


def until_all_are_over(*offices: Office, seconds: float) -> None:
    import time

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(office.call(unfinished) for office in offices):
            return
        time.sleep(0.5)
    left = [office.call(unfinished) for office in offices]
    raise AssertionError(f"{left} are not over")


def test_a_thousand_at_once_all_finish_in_turns_and_within_every_limit(
    office: Office, elbe: Office, hosts: Callable[..., Host], environment: dict[str, str], settings: Any
) -> None:
    settings.TENANT_STORAGE = Path(environment["UZO_DATA_DIR"]) / "tenants"
    office.call(limit_the_tenant)
    connector = office.call(crane)
    tides = office.call(
        workflow, node("ebb", "control", "wait", seconds=0), max_concurrent_executions=AT_ONCE["workflow"]
    )
    crates = office.call(workflow, node("read", "connector", "read", connector=str(connector.pk), table="crates.csv"))
    plain = office.call(workflow, node("ebb", "control", "wait", seconds=0))
    ferries = elbe.call(workflow, node("ebb", "control", "wait", seconds=0))
    office.call(queue, [tides, tides, tides, plain, plain, crates], MANY)
    elbe.call(queue, [ferries], FEW)
    hosts("--processes", str(CHILDREN))
    until_all_are_over(office, elbe, seconds=800)

    many, few = office.call(runs), elbe.call(runs)
    assert (len(many), len(few)) == (MANY, FEW)
    assert {each.status for each in (*many, *few)} == {"success"}
    assert {each.fence for each in (*many, *few)} == {1}, "none was run twice"
    assert most_at_once(many) == AT_ONCE["tenant"]
    assert most_at_once([each for each in many if each.workflow_id == tides.pk]) == AT_ONCE["workflow"]
    assert most_at_once([each for each in many if connector.pk in each.connectors]) == AT_ONCE["connector"]
    last = max(each.started_at for each in few)
    passed = sum(each.started_at < last for each in many)
    assert passed <= 2 * FEW, f"{passed} of the many began before the last of the few"
