"""Who may open a socket: the handshake, by itself and at a real web server."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from tests.db.realtime.conftest import Socket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("committed_tenant")]
Make = Callable[..., Socket]


@pytest.fixture
def ticket(ticket_of: Any, person: Any) -> str:
    return str(ticket_of(person("olive")))


@pytest.fixture
def home(committed_tenant: Any) -> str:
    return f"http://{committed_tenant.host}"


async def test_a_ticket_opens_a_socket_once(socket: Make, ticket: str) -> None:
    assert await socket(f"/ws/?ticket={ticket}").connect()
    assert not await socket(f"/ws/?ticket={ticket}").connect()


async def test_a_ticket_is_over_after_its_time(socket: Make, ticket: str) -> None:
    from apps.kernel.redis import client

    [key] = client().keys(f"uzo:*:ws-ticket:{sha256(ticket.encode()).hexdigest()}")
    assert 25 < client().ttl(key) <= 30
    client().delete(key)
    assert not await socket(f"/ws/?ticket={ticket}").connect()


async def test_t17_without_a_credential_nobody_comes_in(socket: Make, home: str) -> None:
    assert not await socket().connect()
    assert not await socket(origin=home).connect()
    assert not await socket(origin=home, cookie="sessionid=guessed").connect()
    assert not await socket("/ws/?ticket=guessed").connect()


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://{host}.evil.example", "http://{host}:81", "file://{host}", "http://evil.example/{host}"],
)  # fmt: skip
async def test_t18_a_foreign_origin_is_refused_even_with_a_good_ticket(
    socket: Make, ticket: str, committed_tenant: Any, origin: str
) -> None:
    assert not await socket(f"/ws/?ticket={ticket}", origin=origin.format(host=committed_tenant.host)).connect()


async def test_t18_the_own_origin_is_let_in_and_the_port_belongs_to_it(
    socket: Make, ticket_of: Any, olive: Any, committed_tenant: Any
) -> None:
    host = f"{committed_tenant.host}:8000"
    assert await socket(f"/ws/?ticket={ticket_of(olive)}", host=host, origin=f"http://{host}").connect()


@pytest.fixture
def olive(person: Any) -> Any:
    return person("olive")


@pytest.mark.parametrize(
    "query", ["token=abc", "access=abc", "api_key=abc", "ticket={ticket}&token=abc", "ticket={ticket}&ticket={ticket}"]
)
async def test_t19_nothing_but_one_ticket_may_stand_in_the_url(socket: Make, ticket: str, query: str) -> None:
    assert not await socket(f"/ws/?{query.format(ticket=ticket)}").connect()


async def test_t19_an_access_token_is_no_ticket(socket: Make, olive: Any, home: str) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"
    assert not await socket(f"/ws/?ticket={token}", origin=home).connect()


@pytest.mark.parametrize("path", ["/", "/ws", "/ws//", "/ws/x", "/api/v1/ws/", "/WS/"])
async def test_an_unknown_path_is_refused(socket: Make, ticket: str, path: str) -> None:
    assert not await socket(f"{path}?ticket={ticket}").connect()


@pytest.mark.parametrize("host", ["nobody.example", "www.{host}", "{host}.", "", "operator.localhost", "[::1]"])
async def test_an_unknown_host_is_refused(socket: Make, ticket: str, committed_tenant: Any, host: str) -> None:
    assert not await socket(f"/ws/?ticket={ticket}", host=host.format(host=committed_tenant.host) or " ").connect()


async def test_a_ticket_of_one_tenant_opens_no_socket_at_another(socket: Make, ticket: str) -> None:
    assert not await socket(f"/ws/?ticket={ticket}", host="rival.example").connect()


async def test_t19_the_ticket_is_gone_from_what_the_server_logs(socket: Make, ticket: str) -> None:
    for path in ("/ws/", "/elsewhere"):
        wire = socket(f"{path}?ticket={ticket}")
        await wire.connect()
        assert ticket.encode() not in wire.given["query_string"]


def test_t19_a_filter_takes_credentials_out_of_every_log_line() -> None:
    import logging

    from apps.realtime.redaction import RedactCredentials

    record = logging.LogRecord(
        "uvicorn.error", 20, "", 1, '%s - "WebSocket %s" 403', ("1.2.3.4", "/x?ticket=s3cret&a=1&token=t0p"), None
    )
    assert RedactCredentials().filter(record)
    assert record.getMessage() == '1.2.3.4 - "WebSocket /x?ticket=[redacted]&a=1&token=[redacted]" 403'
    for name in ("uvicorn.error", "uvicorn.access"):
        assert any(isinstance(each, RedactCredentials) for each in logging.getLogger(name).filters)
