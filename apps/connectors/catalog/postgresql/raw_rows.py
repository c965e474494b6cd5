"""Rows as a server sends them by COPY, which are not decoded on their way."""

from __future__ import annotations

import select as polling
from collections.abc import Generator
from itertools import repeat
from typing import Any, Final, NamedTuple

from apps.connectors.catalog.postgresql.connection import answer, classified, next_result, refused

_BYTES: Final = 64 * 1024
_WAIT_SECONDS: Final = 0.5


class Piece(NamedTuple):
    """Rows one behind the other, and how many. The header of a binary COPY lies before the first row; its end counts
    as one."""

    data: bytes
    rows: int


def copied(source: Any, connection: Any, copy: str) -> Generator[Piece, None, None]:
    """What the server sends for a `COPY … TO STDOUT`, in pieces of bounded size. Raises ConnectorError. Who
    stops before the end closes the connection: the server still has rows to send."""
    over = False
    try:
        with classified(source.scrub):
            yield from _received(source, connection.pgconn, copy)
        over = True
    finally:
        if not over:
            connection.close()


def _received(source: Any, raw: Any, copy: str) -> Generator[Piece, None, None]:
    """libpq hands out row by row. All that it has at once is joined before more is read: so the rows are still in the
    processor's cache, and no more of them are held than libpq's buffer."""
    from psycopg.pq import ExecStatus

    raw.send_query(copy.encode())
    result = next_result(raw)
    if result.status != ExecStatus.COPY_OUT:
        raise refused(result, source.scrub)
    waiting = polling.poll()
    waiting.register(raw.socket, polling.POLLIN)
    parts: list[bytes] = []
    count, size, length = 0, 0, 0
    while length >= 0:
        rows: list[bytes] = []
        for length, data in map(raw.get_copy_data, repeat(1)):
            if length <= 0:
                break
            rows.append(data)
        parts.append(b"".join(rows))
        count += len(rows)
        size += len(parts[-1])
        if size >= _BYTES:
            yield Piece(b"".join(parts), count)
            parts, count, size = [], 0, 0
        if length == 0:
            waiting.poll(_WAIT_SECONDS * 1000)
            raw.consume_input()
    if size:
        yield Piece(b"".join(parts), count)
    result = answer(raw)
    if result is not None and result.status != ExecStatus.COMMAND_OK:
        raise refused(result, source.scrub)
