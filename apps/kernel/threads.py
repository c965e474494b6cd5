"""Django on ASGI, each request whole in one thread of a pool that lives as long as the server.

All our middlewares and views are synchronous. Django's own handler gives every request a thread of its own,
which dies with it, and with it go the database connection and the connections to Redis: opening them anew
costs more than most answers do. It also changes threads around every middleware. Here a request enters a
thread once, as under WSGI, and finds its connections open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import IO, Any, TypeVar, cast

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.db import connections
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

T = TypeVar("T")


class ThreadedHandler(ASGIHandler):
    """An ASGI application. At most `threads` requests are worked on at once, each with a database connection;
    further ones wait for their turn. Raises ValueError for scopes other than `http`."""

    def __init__(self, *, threads: int) -> None:
        # Not ASGIHandler's own: it would load the middlewares for running in an event loop.
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._count = threads

    def close(self) -> None:
        """Wait for what is being answered, then end the threads and their database connections."""
        together = Barrier(self._count)

        def leave() -> None:
            together.wait()  # so that each thread takes one of these calls
            connections.close_all()

        for _ in range(self._count):
            self._threads.submit(leave)
        self._threads.shutdown()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Django answers HTTP only, not {scope['type']}")
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        try:
            response = await self._in_thread(self._respond, scope, body)
            if response.streaming:
                await self._stream(cast(StreamingHttpResponse, response), receive, send)
            else:
                await self.send_response(response, send)
        finally:
            body.close()

    async def _in_thread(self, call: Callable[..., T], *args: Any) -> T:
        # Without a copy of the context: what Django keeps per context (caches' connections) stays in the thread.
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)

    def _respond(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        """The answer; a plain one is closed already, so that Django tidies up the thread that it used."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, refused = self.create_request(scope, body)
        response: Any = refused if request is None else self.get_response(request)
        response._handler_class = type(self)
        if response.streaming:
            response.block_size = self.chunk_size
        else:
            response.close()
        return cast(HttpResponseBase, response)

    async def _stream(self, response: StreamingHttpResponse, receive: Receive, send: Send) -> None:
        """Send an answer piece by piece; stops when the client goes away."""
        gone = asyncio.ensure_future(receive())
        try:
            await send({"type": "http.response.start", "status": response.status_code, "headers": _headers(response)})
            pieces = iter(cast("Iterator[bytes]", response))
            while not gone.done():
                piece = await self._in_thread(next, pieces, None)
                if piece is None:
                    break
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body"})
        finally:
            gone.cancel()
            await self._in_thread(response.close)


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    fields = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = [(b"Set-Cookie", each.output(header="").encode("ascii").strip()) for each in response.cookies.values()]
    return [*fields, *cookies]
