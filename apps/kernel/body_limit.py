"""A limit on request bodies at the door, before anything of them is kept: also where no length is announced."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from apps.kernel.api.problems import problem_of
from apps.kernel.errors import TooLarge

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_UPLOADS = re.compile(r"/api/v1/connectors/[^/]+/files")


class _BodyTooLargeError(Exception):
    pass


class BodyLimit:
    """Wraps an ASGI application: bodies above 10 MB, uploads above 1 GB, are 413 as soon as that is known."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(scope)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            await self._refuse(send, limit)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _BodyTooLargeError
            return message

        try:
            await self.app(scope, counted, send)
        except _BodyTooLargeError:
            await self._refuse(send, limit)

    @staticmethod
    def _limit(scope: MutableMapping[str, Any]) -> int:
        upload = scope["method"] == "POST" and _UPLOADS.fullmatch(scope["path"])
        limit: int = settings.UPLOAD_MAX_BYTES if upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return limit

    @staticmethod
    async def _refuse(send: Send, limit: int) -> None:
        answer = problem_of(
            TooLarge(f"The body is larger than {limit // 2**20} MB", remedy="Send less, or upload it as a file")
        )
        headers = [
            (b"content-type", answer["Content-Type"].encode()),
            (b"content-length", str(len(answer.content)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})
