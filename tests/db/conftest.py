"""One tenant schema and one rival's for the whole session; each test runs in a transaction of its own.

`owner`, `editor`, `runner`, `viewer` are people of the tenant, `api(user)` is their client. A test that
needs committed rows (threads, real processes) asks for `committed_tenant`, which is a schema of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

HOST = "harbour.example"
RIVAL_HOST = "rival.example"
PASSWORD = "seven blue herons at dawn"
ROLES = ("owner", "editor", "runner", "viewer")

# One role of the tenants' people: name → email.
PEOPLE = {
    "owner": "olive@harbour.example",
    "editor": "edgar@harbour.example",
    "runner": "runa@harbour.example",
    "viewer": "vera@harbour.example",
}


class TenantClient(APIClient):
    """A client of one host that leaves the test's connection in the schema where it was."""

    def __init__(self, host: str, **defaults: Any) -> None:
        super().__init__(HTTP_HOST=host, **defaults)
        self.host = host

    def request(self, **kwargs: Any) -> Any:
        tenant = connection.tenant
        try:
            return super().request(**kwargs)
        finally:
            connection.set_tenant(tenant)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database with both tenants and their people in it."""
    with django_db_blocker.unblock():
        _people_of(_open("Harbour office", HOST), PEOPLE)
        _people_of(_open("Rival & Sons", RIVAL_HOST), {"owner": "rosa@rival.example", "viewer": "rob@rival.example"})
        connection.set_schema_to_public()
    return


def _open(name: str, host: str) -> Any:
    from apps.tenants.models import Domain
    from apps.tenants.services import provision

    known = Domain.objects.select_related("tenant").filter(domain=host).first()  # with --reuse-db
    return known.tenant if known else provision(name=name, host=host, plan_key="enterprise")


def _people_of(tenant: Any, people: dict[str, str]) -> None:
    from django_tenants.utils import tenant_context

    from apps.accounts.models import Role, User

    with tenant_context(tenant):
        for role, email in people.items():
            if not User.objects.filter(email=email).exists():
                User.objects.create_user(
                    email,
                    PASSWORD,
                    name=email.split("@")[0].title(),
                    is_owner=role == "owner",
                    role=Role.objects.get(name=role),
                )


@pytest.fixture(autouse=True)
def hosts_of_this_test() -> None:
    """What the test before saw of hosts was rolled back."""
    from apps.tenants.hosts import forget_hosts

    forget_hosts()


@pytest.fixture
def django_assert_num_queries(django_assert_num_queries: Any) -> Any:
    """Counts a request as that of whoever comes first within a second: its host is asked for, however fast or slow
    the test before it was."""
    from apps.tenants.hosts import forget_hosts

    @contextmanager
    def counted(*expected: Any, **how: Any) -> Iterator[Any]:
        forget_hosts()
        with django_assert_num_queries(*expected, **how) as found:
            yield found

    return counted


def _subscription(host: str) -> Any:
    from apps.tenants.hosts import subscription_of

    connection.set_schema_to_public()
    return subscription_of(host)


@pytest.fixture
def tenant(db: None) -> Iterator[Any]:
    """The subscription; the test's connection is in its schema."""
    subscription = _subscription(HOST)
    connection.set_tenant(subscription)
    yield subscription
    connection.set_schema_to_public()


@pytest.fixture
def rival(db: None, tenant: Any) -> Any:
    """Another subscription; the connection stays with `tenant`. Use `tenant_context(rival)` to go there."""
    subscription = _subscription(RIVAL_HOST)
    connection.set_tenant(tenant)
    return subscription


def _person(email: str) -> Any:
    from apps.accounts.models import User

    return User.objects.select_related("role").get(email=email)


@pytest.fixture
def owner(tenant: Any) -> Any:
    return _person(PEOPLE["owner"])


@pytest.fixture
def editor(tenant: Any) -> Any:
    return _person(PEOPLE["editor"])


@pytest.fixture
def runner(tenant: Any) -> Any:
    return _person(PEOPLE["runner"])


@pytest.fixture
def viewer(tenant: Any) -> Any:
    return _person(PEOPLE["viewer"])


@pytest.fixture
def rival_owner(rival: Any) -> Any:
    from django_tenants.utils import tenant_context

    with tenant_context(rival):
        return _person("rosa@rival.example")


@pytest.fixture
def api(tenant: Any) -> Callable[..., TenantClient]:
    """`api(user)` is that person's client at the tenant's host, `api()` a stranger's.
    `api(rival_owner, host=RIVAL_HOST, tenant=rival)` is one at the rival's."""

    def client(user: Any = None, *, host: str = HOST, tenant: Any = tenant) -> TenantClient:
        from django_tenants.utils import tenant_context

        from apps.accounts.services.sign_in import issue_tokens

        found = TenantClient(host)
        if user is not None:
            with tenant_context(tenant):
                found.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(user=user).access}")
        return found

    return client


@dataclass(frozen=True)
class CommittedTenant:
    subscription: Any
    host: str


@pytest.fixture(scope="module")
def committed_tenant(django_db_setup: None, django_db_blocker: Any) -> Iterator[CommittedTenant]:
    """A tenant whose rows are really committed, for threads; dropped after the module."""
    from apps.tenants.services import provision, remove, suspend

    host = f"t{uuid4().hex[:10]}.example"
    with django_db_blocker.unblock():
        subscription = provision(name="Committed", host=host, plan_key="enterprise")
        _people_of(subscription, {"owner": "olive@committed.example", "viewer": "vera@committed.example"})
        connection.set_schema_to_public()
        yield CommittedTenant(subscription, host)
        connection.set_schema_to_public()
        remove(subscription=suspend(subscription=subscription))


@pytest.fixture
def eager_tasks() -> Iterator[None]:
    """Celery tasks run at once, in the test's own process and transaction."""
    from uzo.celery import app

    before = app.conf.task_always_eager, app.conf.task_eager_propagates
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager, app.conf.task_eager_propagates = before
