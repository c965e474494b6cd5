"""The web server's own handler: threads and their connections stay, tenants and people never."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, connections
from django.http import FileResponse, HttpResponse
from django.urls import path
from django_tenants.utils import tenant_context

from apps.kernel.threads import ThreadedHandler
from tests.db.conftest import CommittedTenant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("committed_tenant")]
THREADS = 3


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """Sends requests to an ASGI application; `leaves_after` hangs up once so many pieces have come."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def get(self, path: str, host: str, *, token: str = "", leaves_after: int | None = None) -> Answer:
        headers = [(b"host", host.encode()), *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        told: list[Any] = []
        gone = asyncio.Event()
        asked = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, Any]:
            if asked:
                return asked.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            told.append(message)
            if leaves_after is not None and len(told) > leaves_after:
                gone.set()
                await asyncio.sleep(0)

        await self._application(scope, receive, send)
        names = {name.decode().lower(): value.decode() for name, value in told[0]["headers"]}
        return Answer(told[0]["status"], names, b"".join(each.get("body", b"") for each in told[1:]))


def backend(request: Any) -> HttpResponse:
    """Which PostgreSQL process answers this thread, and in which schema."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_schema()")
        pid, schema = cursor.fetchone()
    return HttpResponse(json.dumps({"pid": pid, "schema": schema}), content_type="application/json")


class Endless:
    """A file without an end that knows how often it was read."""

    def __init__(self) -> None:
        self.reads = 0
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        self.reads += 1
        return b"x" * max(size, 1)

    def close(self) -> None:
        self.closed = True


def endless(request: Any) -> FileResponse:
    return FileResponse(OPENED[-1], content_type="application/octet-stream")


OPENED: list[Any] = []
urlpatterns = [path("backend", backend), path("endless", endless)]


@pytest.fixture
def browser(django_db_blocker: Any, settings: Any) -> Iterator[Browser]:
    with django_db_blocker.unblock():
        handler = ThreadedHandler(threads=THREADS)
        yield Browser(handler)
        handler.close()


@pytest.fixture
def own_paths(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def tokens(committed_tenant: CommittedTenant, django_db_blocker: Any) -> dict[str, str]:
    """Access tokens of two people of the tenant."""
    from apps.accounts.models import User
    from apps.accounts.services.sign_in import issue_tokens

    def issue() -> dict[str, str]:
        try:
            with tenant_context(committed_tenant.subscription):
                return {user.email: issue_tokens(user=user).access for user in User.objects.all()}
        finally:
            connections.close_all()

    # In a thread: what this test's own connection writes is never committed.
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as thread:
        return thread.submit(issue).result()


@pytest.mark.usefixtures("own_paths")
async def test_a_connection_serves_more_than_one_request(browser: Browser, committed_tenant: CommittedTenant) -> None:
    answers = [(await browser.get("/backend", committed_tenant.host)).json() for _ in range(10)]
    assert len({each["pid"] for each in answers}) <= THREADS < len(answers)
    assert {each["schema"] for each in answers} == {committed_tenant.subscription.schema_name}


@pytest.mark.usefixtures("own_paths")
async def test_no_more_requests_than_threads_hold_a_connection(
    browser: Browser, committed_tenant: CommittedTenant
) -> None:
    answers = await asyncio.gather(*(browser.get("/backend", committed_tenant.host) for _ in range(30)))
    assert 1 <= len({each.json()["pid"] for each in answers}) <= THREADS


@pytest.mark.usefixtures("own_paths")
async def test_t01_a_kept_connection_never_answers_in_the_last_visitors_schema(
    browser: Browser, committed_tenant: CommittedTenant
) -> None:
    from tests.db.conftest import HOST

    ours = committed_tenant.subscription.schema_name
    hosts = [committed_tenant.host, HOST] * 30
    answers = await asyncio.gather(*(browser.get("/backend", host) for host in hosts))
    for host, answer in zip(hosts, answers, strict=True):
        schema = answer.json()["schema"]
        assert (schema == ours) == (host == committed_tenant.host)
        assert schema.startswith("t_")


async def test_t01_people_who_come_at_once_each_see_themselves(
    browser: Browser, committed_tenant: CommittedTenant, tokens: dict[str, str]
) -> None:
    asked = [*tokens.items(), ("", "")] * 10
    answers = await asyncio.gather(
        *(browser.get("/api/v1/auth/me", committed_tenant.host, token=token) for _, token in asked)
    )
    seen = Counter(
        (email, each.status, each.json().get("email", "")) for (email, _), each in zip(asked, answers, strict=True)
    )
    assert seen == {**{(email, 200, email): 10 for email in tokens}, ("", 401, ""): 10}


async def test_t10_a_token_dies_with_its_person_whatever_the_threads_keep(
    browser: Browser, committed_tenant: CommittedTenant, tokens: dict[str, str]
) -> None:
    from apps.accounts.models import User

    (token,) = [token for email, token in tokens.items() if email.startswith("vera@")]

    def switch(*, on: bool) -> None:
        with tenant_context(committed_tenant.subscription):
            User.objects.filter(email__startswith="vera@").update(is_active=on)
        connections.close_all()

    async def status() -> int:
        return (await browser.get("/api/v1/auth/me", committed_tenant.host, token=token)).status

    assert [await status() for _ in range(THREADS)] == [200] * THREADS
    await asyncio.to_thread(switch, on=False)
    try:
        assert [await status() for _ in range(THREADS)] == [401] * THREADS
    finally:
        await asyncio.to_thread(switch, on=True)


@pytest.mark.usefixtures("own_paths")
async def test_a_long_answer_ends_when_the_client_leaves(browser: Browser, committed_tenant: CommittedTenant) -> None:
    OPENED.append(Endless())
    answer = await asyncio.wait_for(browser.get("/endless", committed_tenant.host, leaves_after=5), 10)
    assert answer.status == 200
    assert len(answer.body) > 4 * ThreadedHandler.chunk_size
    assert OPENED[-1].closed
    assert OPENED[-1].reads < 20


async def test_only_http_is_answered(browser: Browser) -> None:
    with pytest.raises(ValueError, match="websocket"):
        await browser._application({"type": "websocket"}, None, None)
