"""Who may open a socket at all. Whoever may not gets HTTP 403 at the handshake, and no reason.

The path must be exactly `/ws/`, the host a tenant's, the Origin the same as the Host (THREATS 18), the
credential a session cookie or a ticket. Only a ticket may come without an Origin: browsers always send
one. Nothing but a ticket may stand in the URL (THREATS 19).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port
from django_tenants.utils import schema_context

from apps.kernel.errors import UzoError
from apps.realtime import identity, tickets
from apps.realtime.access import Person
from apps.realtime.identity import Credential
from apps.tenants.hosts import subscription_of

logger = logging.getLogger(__name__)
PATH = "/ws/"
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class Refused(Exception):
    """The handshake is refused; the text is for our log."""


class Handshake:
    """ASGI middleware around the consumer; sets `scope["uzo"]` to the Person."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        query = scope.get("query_string", b"")
        if query:
            # The web server logs the very same scope when the socket opens or is refused.
            scope["query_string"] = b"[redacted]"
        try:
            person = await _admit(scope, query.decode("latin-1"))
        except (Refused, UzoError) as refusal:
            logger.info("a socket was refused: %s", refusal)
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._application({**scope, "uzo": person}, receive, send)


async def _admit(scope: dict[str, Any], query: str) -> Person:
    if scope.get("path") != PATH:
        raise Refused("unknown path")
    headers: dict[bytes, list[bytes]] = {}
    for name, value in scope.get("headers", ()):
        headers.setdefault(name.lower(), []).append(value)
    hosts, origins = headers.get(b"host", []), headers.get(b"origin", [])
    if not hosts or len(origins) > 1:
        raise Refused("no Host, or several Origins")
    # Scripts that reach a tenant at 127.0.0.1 say which by a second Host header; the last one is meant.
    # No browser sends two, and a ticket or session is good at its own tenant only, whichever is named.
    host = hosts[-1].decode("latin-1")
    ticket = _ticket(query)
    if origins:
        _same_origin(origins[0].decode("latin-1"), host)
    elif ticket is None:
        raise Refused("no Origin and no ticket")
    cookies = parse_cookie(b"; ".join(headers.get(b"cookie", [])).decode("latin-1"))
    person: Person = await database_sync_to_async(_identify, thread_sensitive=False)(
        host, ticket, cookies.get(settings.SESSION_COOKIE_NAME)
    )
    return person


def _ticket(query: str) -> str | None:
    parameters = parse_qsl(query, keep_blank_values=True)
    if any(name != "ticket" for name, _ in parameters) or len(parameters) > 1:
        raise Refused("something other than one ticket in the URL")
    return parameters[0][1] if parameters else None


def _same_origin(origin: str, host: str) -> None:
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != host.lower() or parts.path or parts.query:
        raise Refused("a foreign Origin")


def _identify(host: str, ticket: str | None, session_key: str | None) -> Person:
    name, _ = split_domain_port(host)
    if host.partition(":")[0].endswith("."):
        raise Refused("a host with a dot at its end")  # which Django would take away
    with schema_context("public"):
        subscription = subscription_of(name) if name else None
    if subscription is None or not subscription.is_active:
        raise Refused("unknown host")
    with schema_context(subscription.schema_name):
        user_id, credential = _credential(subscription.schema_name, ticket, session_key)
        identity.viewer(user_id, credential)
    return Person(subscription.schema_name, subscription.pk, user_id, credential)


def _credential(schema: str, ticket: str | None, session_key: str | None) -> tuple[UUID, Credential]:
    if ticket is not None:
        holder = tickets.redeem(schema, ticket)
        if holder is None:
            raise Refused("an unknown or used ticket")
        return UUID(holder["user_id"]), Credential.from_json(holder["credential"])
    if session_key:
        return identity.user_of_session(session_key), Credential(session_key=session_key)
    raise Refused("no credential")
