"""F10: a thousand sockets, of which each tenth never reads: it drags nobody, and fills no memory."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.db.executions.office import Office
from tests.drills.conftest import Web
from tests.e2e.client import node

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(600)]
SOCKETS = 1_000
DEAF_SHARE = 10
FLOOD_EVENTS, FLOOD_BYTES = 80, 50_000
GROWTH_MB = 250
"""What the server may hold more after the flood; without the limit each deaf socket alone could hold 4 MB."""


class Crowd:
    """Readers, who follow one execution to its end, and deaf ones, to whom much is said."""

    def __init__(self, web: Web, host: str, tickets: list[str]) -> None:
        self.web = web
        self.host = f"{host}:{web.port}"
        self.tickets = tickets
        self.readers: list[ClientConnection] = []
        self.deaf: list[socket.socket] = []

    async def gather(self, heard: str, flooded: str) -> None:
        """Connect all, and subscribe the readers to `heard`, the deaf to `flooded`."""
        gate = asyncio.Semaphore(20)

        async def join(number: int, ticket: str) -> None:
            async with gate:
                if number % DEAF_SHARE:
                    self.readers.append(await self._reader(ticket, heard))
                else:
                    self.deaf.append(await asyncio.to_thread(self._deaf_one, ticket, flooded))

        await asyncio.gather(*(join(number, ticket) for number, ticket in enumerate(self.tickets)))

    async def _reader(self, ticket: str, channel: str) -> ClientConnection:
        line = await connect(
            f"ws://{self.host}/ws/?ticket={ticket}", host="127.0.0.1", port=self.web.port,
            open_timeout=120, ping_interval=None, max_queue=None, compression=None,
        )  # fmt: skip
        await line.send(json.dumps({"type": "subscribe", "channel": channel, "last_event_id": 0}))
        assert json.loads(await asyncio.wait_for(line.recv(), 120))["type"] == "subscribed"
        return line

    def _deaf_one(self, ticket: str, channel: str) -> socket.socket:
        """Shakes hands and subscribes by hand, and never reads again."""
        line = socket.create_connection(("127.0.0.1", self.web.port), timeout=120)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(
            f"GET /ws/?ticket={ticket} HTTP/1.1\r\nHost: {self.host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert b" 101 " in line.recv(1024)
        said = json.dumps({"type": "subscribe", "channel": channel, "last_event_id": 0}).encode()
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(said))
        assert 125 < len(said) < 65_536 or len(said) <= 125
        head = bytes([0x81, 0x80 | len(said)]) if len(said) <= 125 else b"\x81\xfe" + len(said).to_bytes(2, "big")
        line.sendall(head + mask + masked)
        return line

    async def follow(self) -> list[dict[str, Any]]:
        """What every reader heard last: the end of the execution."""

        async def to_the_end(line: ClientConnection) -> dict[str, Any]:
            newest = 0
            while True:
                message = json.loads(await line.recv())
                if message["type"] != "event":
                    continue
                assert message["id"] > newest, "ids only grow"
                newest = message["id"]
                if message["event"] == "execution_finished":
                    return dict(message["data"])

        async with asyncio.timeout(240):
            return await asyncio.gather(*(to_the_end(line) for line in self.readers))

    async def leave(self) -> None:
        await asyncio.gather(*(line.close() for line in self.readers), return_exceptions=True)
        for line in self.deaf:
            line.close()


async def test_f10_a_thousand_sockets_of_which_a_tenth_never_reads(
    web: Web, office: Office, committed_tenant: Any
) -> None:
    schema = committed_tenant.subscription.schema_name
    waits = [node(f"w{number}", "control", "wait", seconds=0) for number in range(4)]
    followed = await asyncio.to_thread(office.start, *waits)
    flooded = await asyncio.to_thread(office.start, *waits)
    tickets = await asyncio.to_thread(office.call, _tickets, schema)
    crowd = Crowd(web, committed_tenant.host, tickets)
    try:
        await crowd.gather(f"execution:{followed.pk}", f"execution:{flooded.pk}")
        before = web.memory()
        await asyncio.to_thread(office.call, _flood, f"execution:{flooded.pk}")
        following = asyncio.create_task(crowd.follow())
        await asyncio.to_thread(office.call, _run, followed, schema)
        ends = await following
        assert len(ends) == SOCKETS - SOCKETS // DEAF_SHARE
        assert {(end["id"], end["status"]) for end in ends} == {(str(followed.pk), "success")}
        grown = (web.memory() - before) / 2**20
        assert grown < GROWTH_MB, f"the server holds {grown:.0f} MB more"
    finally:
        await crowd.leave()
    assert web.process.poll() is None


def _tickets(schema: str) -> list[str]:
    from django.test import override_settings

    from apps.accounts.models import User
    from apps.realtime import tickets
    from apps.realtime.identity import Credential

    owner = User.objects.get(is_owner=True)
    holder = {"user_id": str(owner.pk), "credential": Credential().as_json()}
    with override_settings(SOCKET_TICKET_SECONDS=600):  # so many take their time to come
        return [tickets.issue(schema, holder) for _ in range(SOCKETS)]


def _flood(channel: str) -> None:
    from apps.realtime import log

    for number in range(FLOOD_EVENTS):
        log.append(channel, "log", {"node_id": None, "level": "info", "message": f"{number}:" + "x" * FLOOD_BYTES})


def _run(execution: Any, schema: str) -> None:
    """Run it as a worker, here: its events go to Redis and so to the server."""
    from apps.executions.flows.session import SEAT, Seat, claimed

    token = SEAT.set(Seat(owner="drill", alone=False))
    try:
        with claimed(execution.pk, schema) as session:
            assert session is not None
            session.run_all(session.run)
    finally:
        SEAT.reset(token)
