"""Sockets against a tenant whose rows are committed: the consumer looks from threads of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import pytest_asyncio
from asgiref.testing import ApplicationCommunicator
from django.db import connections
from django_tenants.utils import schema_context


@pytest.fixture(scope="module", autouse=True)
def short_connections() -> Iterator[None]:
    """Threads give their database connection back after each call, so that the database can be dropped."""
    options = connections.settings["default"]
    kept, options["CONN_MAX_AGE"] = options["CONN_MAX_AGE"], 0
    yield
    options["CONN_MAX_AGE"] = kept


@pytest.fixture(autouse=True)
def no_announcer_left() -> Iterator[None]:
    from apps.realtime import access, announcer

    access.forget()
    yield
    announcer.close()


class Socket(ApplicationCommunicator):
    """A client of `/ws/`. (Channels' own communicator imports daphne, which is not ours.)"""

    def __init__(self, application: Any, url: str, headers: list[tuple[bytes, bytes]]) -> None:
        parts = urlsplit(url)
        self.given = {
            "type": "websocket",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": headers,
            "subprotocols": [],
        }
        super().__init__(application, self.given)

    async def connect(self, timeout: float = 5) -> bool:
        """Whether the handshake was accepted."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout)
        return bool(answer["type"] == "websocket.accept")

    async def disconnect(self) -> None:
        if not self.future.done():
            await self.send_input({"type": "websocket.disconnect", "code": 1000})
            await self.wait(5)

    async def say(self, **message: Any) -> None:
        await self.send_text(json.dumps(message))

    async def send_text(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, timeout: float = 10) -> dict[str, Any]:
        answer = await self.receive_output(timeout)
        assert answer["type"] == "websocket.send", answer
        message: dict[str, Any] = json.loads(answer["text"])
        return message

    async def hear_events(self, count: int, timeout: float = 10) -> list[dict[str, Any]]:
        return [await self.hear(timeout) for _ in range(count)]


@pytest.fixture
def in_tenant(committed_tenant: Any) -> Callable[..., Any]:
    """Calls a function in the tenant's schema, in a thread as a service of another process would be."""
    from apps.realtime.access import in_schema

    async def call(function: Callable[..., Any], *args: Any) -> Any:
        return await in_schema(committed_tenant.subscription.schema_name, function, *args)

    return call


@pytest.fixture
def person(committed_tenant: Any) -> Callable[[str], Any]:
    """A person of the tenant by the name before the @."""

    def find(name: str) -> Any:
        from apps.accounts.models import User

        with schema_context(committed_tenant.subscription.schema_name):
            return User.objects.select_related("role").get(email__startswith=f"{name}@")

    return find


@pytest.fixture
def ticket_of(committed_tenant: Any) -> Callable[..., str]:
    from apps.realtime import tickets
    from apps.realtime.identity import Credential

    def issue(user: Any, **credential: Any) -> str:
        holder = {"user_id": str(user.pk), "credential": Credential(**credential).as_json()}
        return tickets.issue(committed_tenant.subscription.schema_name, holder)

    return issue


@pytest_asyncio.fixture
async def socket(committed_tenant: Any) -> AsyncIterator[Callable[..., Socket]]:
    """Makes sockets at the tenant's host, and closes those that were opened."""
    from apps.realtime.routing import application

    made: list[Socket] = []

    def make(path: str = "/ws/", *, host: str | None = None, origin: str | None = None, cookie: str = "") -> Socket:
        headers = [(b"host", (host or committed_tenant.host).encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        if cookie:
            headers.append((b"cookie", cookie.encode()))
        made.append(Socket(application, path, headers=headers))
        return made[-1]

    yield make
    for each in made:
        await each.disconnect()
