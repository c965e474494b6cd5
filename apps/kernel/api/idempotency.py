"""Idempotency-Key: the same POST sent twice is done once.

The work and its kept answer are one transaction, so a crash leaves both or neither. While it runs an
advisory lock of that transaction is held; it cannot outlive its connection, so nothing gets stuck.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.kernel.connections import connection
from apps.kernel.errors import Conflict, FieldError, Invalid, Unprocessable
from apps.kernel.models import IdempotentAnswer

KEPT = timedelta(hours=24)
MAX_KEY = 255


def key_of(request: Request) -> str | None:
    """The key of this request, if it has one that counts: a POST, and not under `auth/`."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST" or request.path.startswith("/api/v1/auth/"):
        return None
    if not 0 < len(key) <= MAX_KEY:
        message = f"Idempotency-Key must have 1 to {MAX_KEY} characters"
        raise Invalid(message, errors=[FieldError("Idempotency-Key", "invalid", message)])
    return key


def body_digest(request: Request) -> str:
    """SHA-256 of the body; of an upload its fields and files, since the boundary differs in each try."""
    digest = hashlib.sha256()
    if (request.content_type or "").startswith("multipart/"):
        parts: Any = request.data
        for name, values in sorted(parts.lists()):
            for value in values:
                digest.update(f"{name}\0{getattr(value, 'name', '')}\0".encode())
                if hasattr(value, "chunks"):
                    for chunk in value.chunks():
                        digest.update(chunk)
                    value.seek(0)
                else:
                    digest.update(str(value).encode())
    else:
        digest.update(request._request.body)
    return digest.hexdigest()


def once(request: Request, *, user_id: UUID, key: str, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Call `answer` once per key and body; later calls get the kept answer.

    Raises Unprocessable `idempotency_mismatch` for another body, Conflict `idempotency_running` while
    the first is under way.
    """
    digest = body_digest(request)
    with transaction.atomic():
        if not _lock(user_id, request.path, key):
            raise Conflict(
                "The first request with this key is still running",
                code="idempotency_running",
                remedy="Wait a moment and send it again",
            )
        kept = IdempotentAnswer.objects.filter(user_id=user_id, path=request.path, key=key).first()
        if kept is not None and kept.created_at < now() - KEPT:
            kept.delete()
            kept = None
        if kept is not None:
            return _replay(kept, digest)
        response = answer()
        if 200 <= response.status_code < 300 and isinstance(response, Response):
            body = b"" if response.data is None else JSONRenderer().render(response.data)
            IdempotentAnswer.objects.create(
                user_id=user_id,
                path=request.path,
                key=key,
                body_digest=digest,
                status=response.status_code,
                body=body.decode(),
                created_at=now(),
            )
        return response


def _lock(user_id: UUID, path: str, key: str) -> bool:
    scope = f"{connection.schema_name}\0{user_id}\0{path}\0{key}".encode()
    number = int.from_bytes(hashlib.sha256(scope).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [number])
        row: tuple[bool] = cursor.fetchone()
        return row[0]


def _replay(kept: IdempotentAnswer, digest: str) -> Response:
    if kept.body_digest != digest:
        raise Unprocessable(
            "This Idempotency-Key was used with another body",
            code="idempotency_mismatch",
            remedy="Use a new key for a new request",
        )
    body: Any = json.loads(kept.body) if kept.body else None
    return Response(body, status=kept.status, headers={"Idempotency-Replayed": "true"})


def forget_old() -> int:
    """Delete the answers that are no longer kept; gives their number."""
    deleted, _ = IdempotentAnswer.objects.filter(created_at__lt=now() - KEPT).delete()
    return deleted
