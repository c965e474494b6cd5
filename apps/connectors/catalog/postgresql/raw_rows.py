"""Rows as a server sends them by COPY, which are not decoded on their way."""

from __future__ import annotations

import select as polling
from collections.abc import Iterator
from itertools import repeat
from typing import Any, Final

from apps.connectors.catalog.postgresql.connection import answer, classify, refused
from apps.connectors.sdk.moving import SourceFailedError

_CHUNK: Final = 64 * 1024
_WAIT_SECONDS: Final = 0.5


def copied(source: Any, connection: Any, copy: str) -> Iterator[tuple[int, bytes]]:
    """What the server sends for a `COPY … TO STDOUT`, in pieces of bounded size, and how many rows lie in each: the
    end of a binary COPY counts as one. Raises SourceFailedError."""
    import psycopg

    try:
        yield from _received(source, connection.pgconn, copy)
    except psycopg.Error as error:
        raise SourceFailedError(classify(error, source.scrub)) from error


def _received(source: Any, raw: Any, copy: str) -> Iterator[tuple[int, bytes]]:
    """libpq hands out row by row. All that it has at once is joined before more is read: so the rows are still in
    the processor's cache, and no more of them are held than libpq's buffer."""
    from psycopg.pq import ExecStatus

    result = raw.exec_(copy.encode())
    if result.status != ExecStatus.COPY_OUT:
        raise SourceFailedError(refused(result, source.scrub))
    waiting = polling.poll()
    waiting.register(raw.socket, polling.POLLIN)
    parts: list[bytes] = []
    size, length, count = 0, 0, 0
    while length >= 0:
        rows: list[bytes] = []
        for length, data in map(raw.get_copy_data, repeat(1)):
            if length <= 0:
                break
            rows.append(data)
        parts.append(b"".join(rows))
        size += len(parts[-1])
        count += len(rows)
        if size >= _CHUNK:
            yield count, b"".join(parts)
            parts, size, count = [], 0, 0
        if length == 0:
            waiting.poll(_WAIT_SECONDS * 1000)
            raw.consume_input()
    if size:
        yield count, b"".join(parts)
    result = answer(raw)
    if result is not None and result.status != ExecStatus.COMMAND_OK:
        raise SourceFailedError(refused(result, source.scrub))
