"""Single-use tickets for the socket: a token never travels in a URL, a ticket is worth nothing twice."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from django.conf import settings

from apps.kernel.redis import client, key


def _key(schema: str, ticket: str) -> str:
    # Only the hash is stored: whoever reads Redis cannot use a ticket.
    return key(schema, "ws-ticket", hashlib.sha256(ticket.encode()).hexdigest())


def issue(schema: str, holder: dict[str, Any]) -> str:
    """A ticket for `holder` (JSON-ready: whom and what credential it stands for), good for 30 seconds."""
    ticket = secrets.token_urlsafe(32)
    client().set(_key(schema, ticket), json.dumps(holder), ex=settings.SOCKET_TICKET_SECONDS)
    return ticket


def redeem(schema: str, ticket: str) -> dict[str, Any] | None:
    """Whom the ticket stands for, once; None if it is unknown, used, expired or of another tenant."""
    found = client().getdel(_key(schema, ticket))
    if found is None:
        return None
    holder: dict[str, Any] = json.loads(found)
    return holder
