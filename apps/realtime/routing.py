"""The ASGI application for sockets: `uzo.asgi` routes every websocket scope here."""

from __future__ import annotations

from apps.realtime.consumers import EventsConsumer
from apps.realtime.handshake import Handshake

application = Handshake(EventsConsumer.as_asgi())
