"""Opening, suspending, resuming and removing tenants: by service, command and API."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_tenants.utils import schema_exists, tenant_context

from apps.accounts.models import User
from apps.kernel.errors import Conflict, Invalid
from apps.tenants import services
from apps.tenants.events import FirstOwner
from apps.tenants.models import Domain, Subscription
from tests.db.conftest import HOST, PASSWORD, TenantClient

OPERATOR = "operator.localhost"
SUBSCRIPTIONS = "/api/v1/subscriptions"


@pytest.fixture
def public(db: None) -> None:
    connection.set_schema_to_public()


@pytest.fixture
def operator(public: None) -> TenantClient:
    User.objects.create_superuser("ada@platform.example", PASSWORD, name="Ada")
    client = TenantClient(OPERATOR)
    access = client.post("/api/v1/auth/login", {"email": "ada@platform.example", "password": PASSWORD}).json()["access"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client


def test_a_new_tenant_has_a_schema_of_its_own_and_its_owner(public: None) -> None:
    owner = FirstOwner(email="Lena@lagoon.example", name="Lena", password="an owl in the reeds")
    made = services.provision(name="Lagoon; drop schema public", host="Lagoon.example", owner=owner)
    assert made.schema_name == f"t_{made.id.hex}"
    assert schema_exists(made.schema_name)
    assert connection.schema_name == "public"
    with tenant_context(made):
        lena = User.objects.get()
        assert (lena.email, lena.is_owner, lena.role.name) == ("lena@lagoon.example", True, "owner")
    assert Domain.objects.get(tenant=made).domain == "lagoon.example"


@pytest.mark.parametrize(
    "host", ["", "a b", "x_y.example", "x..example", OPERATOR, "http://x", "x:80", "é.example", HOST]
)
def test_a_host_that_is_wrong_or_taken_is_refused_and_nothing_is_left(public: None, host: str) -> None:
    before = Subscription.objects.count()
    with pytest.raises(Invalid) as refused:
        services.provision(name="Lagoon", host=host)
    assert refused.value.errors[0].field == "host"
    assert Subscription.objects.count() == before


def test_when_a_step_fails_nothing_is_left(public: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr("apps.tenants.services.provisioning.publish", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        services.provision(name="Lagoon", host="lagoon.example")
    assert not Subscription.objects.filter(name="Lagoon").exists()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_namespace where nspname like 't\\_%%'")
        assert cursor.fetchone()[0] == Subscription.objects.count()


def test_removing_needs_a_suspended_tenant_and_leaves_nothing(public: None) -> None:
    made = services.provision(name="Lagoon", host="lagoon.example")
    schema = made.schema_name
    with pytest.raises(Conflict, match="Only a suspended"):
        services.remove(subscription=made)
    services.remove(subscription=services.suspend(subscription=made))
    assert not schema_exists(schema)
    assert not Domain.objects.filter(domain="lagoon.example").exists()


def test_suspending_twice_is_a_conflict(public: None) -> None:
    harbour = Subscription.objects.get(domains__domain=HOST)
    services.suspend(subscription=harbour)
    with pytest.raises(Conflict):
        services.suspend(subscription=harbour)
    assert services.resume(subscription=harbour).is_active


def test_the_commands_do_the_same(public: None, monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    monkeypatch.setenv("LENAS_PASSWORD", "an owl in the reeds")
    words = ["Lagoon", "lagoon.example", "--plan", "premium", "--owner", "lena@lagoon.example"]
    call_command("create_tenant", *words, "--password-variable", "LENAS_PASSWORD", stdout=out)
    made = Subscription.objects.get(domains__domain="lagoon.example")
    assert str(made.id) in out.getvalue()
    assert made.plan.key == "premium"
    call_command("suspend_tenant", "lagoon.example", stdout=out)
    call_command("suspend_tenant", str(made.id), "--resume", stdout=out)
    with pytest.raises(CommandError, match="Only a suspended"):
        call_command("remove_tenant", "lagoon.example", "--yes", stdout=out)
    call_command("suspend_tenant", "lagoon.example", stdout=out)
    with pytest.raises(CommandError, match="--yes"):
        call_command("remove_tenant", "lagoon.example", stdout=out)
    call_command("remove_tenant", "lagoon.example", "--yes", stdout=out)
    assert not Subscription.objects.filter(pk=made.pk).exists()
    with pytest.raises(CommandError, match="There is no subscription"):
        call_command("suspend_tenant", "lagoon.example", stdout=out)


def test_operators_open_change_suspend_and_remove_tenants_over_http(operator: TenantClient) -> None:
    body = {"name": "Lagoon", "host": "lagoon.example", "plan": "standard", "owner": {"email": "lena@lagoon.example"}}
    made = operator.post(SUBSCRIPTIONS, body)
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["hosts"]) == ("active", ["lagoon.example"])
    path = f"{SUBSCRIPTIONS}/{made.json()['id']}"
    assert operator.patch(path, {"plan": "enterprise", "name": "Lagoon & Co"}).json()["plan"] == "enterprise"
    assert operator.get(SUBSCRIPTIONS, {"search": "lagoon", "plan": "enterprise"}).json()["count"] == 1
    assert operator.delete(path, {"hard": "true"}, QUERY_STRING="hard=true").status_code == 409
    assert operator.delete(path).status_code == 204
    assert operator.get(path).json()["status"] == "suspended"
    assert operator.patch(path, {"status": "active"}).json()["status"] == "active"
    assert operator.delete(path).status_code == 204
    assert operator.delete(path, QUERY_STRING="hard=true").status_code == 204
    assert operator.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "X"}, "host"),
        ({"name": "X", "host": HOST}, "host"),
        ({"name": "X", "host": "x.example", "plan": "gold"}, "plan"),
    ],
)
def test_a_wrong_body_names_its_field(operator: TenantClient, body: dict[str, Any], field: str) -> None:
    answer = operator.post(SUBSCRIPTIONS, body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_subscriptions_are_the_operators_alone(tenant: Any, owner: User, api: Any) -> None:
    assert api(owner).get(SUBSCRIPTIONS).status_code == 404
    assert TenantClient(OPERATOR).get(SUBSCRIPTIONS).status_code == 401
    connection.set_schema_to_public()
    guest = User.objects.create_user("guest@platform.example", PASSWORD)
    from apps.accounts.services.sign_in import issue_tokens

    client = TenantClient(OPERATOR)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(user=guest).access}")
    assert client.get(SUBSCRIPTIONS).status_code == 403
