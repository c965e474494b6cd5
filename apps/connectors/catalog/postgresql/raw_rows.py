"""COPY from a server: how it begins and ends, and its rows where nobody decodes them on their way."""

from __future__ import annotations

import ctypes
import select as polling
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import repeat
from typing import Any, Final, NamedTuple

from apps.connectors.catalog.postgresql import compiled
from apps.connectors.catalog.postgresql.compiled import Answer, Sender
from apps.connectors.catalog.postgresql.connection import answer, classified, next_result, refused
from apps.connectors.sdk.errors import failure

_BYTES: Final = 64 * 1024
_WAIT_SECONDS: Final = 0.5


class Piece(NamedTuple):
    """Rows one behind the other, and how many. The header of a binary COPY lies before the first row; its end counts
    as one."""

    data: bytes
    rows: int


@contextmanager
def copying(source: Any, connection: Any, copy: str) -> Iterator[Any]:
    """libpq's connection, which sends the rows of a `COPY … TO STDOUT`: take all of them. Raises ConnectorError, at the
    end too, where the server says what was wrong. Who stops before closes the connection by that: the server still
    has rows to send."""
    from psycopg.pq import ExecStatus

    raw, over = connection.pgconn, False
    try:
        with classified(source.scrub):
            raw.send_query(copy.encode())
            result = next_result(raw)
            if result is None or result.status != ExecStatus.COPY_OUT:
                raise _failed(result, source)
            yield raw
            result = answer(raw)
            if result is None or result.status != ExecStatus.COMMAND_OK:
                raise _failed(result, source)
        over = True
    finally:
        if not over:
            connection.close()


def _failed(result: Any, source: Any) -> Exception:
    from psycopg.pq import ExecStatus

    if result is None or result.status == ExecStatus.COPY_OUT:
        return failure("connection_lost", "the connection ended before all rows had come")
    return refused(result, source.scrub)


def copied(source: Any, connection: Any, copy: str) -> Generator[Piece, None, None]:
    """What the server sends, in pieces of bounded size. Raises as `copying`."""
    with (
        copying(source, connection, copy) as raw,
        closing(gathered(compiled.sender_of(raw)) if compiled.is_there() else _joined(raw)) as pieces,
    ):
        yield from pieces


def gathered(sender: Sender) -> Generator[Piece, None, None]:
    """The same by what is compiled."""
    reader, library = sender.reader(), compiled.library()
    reader.capacity, size = _BYTES, 2 * _BYTES
    heap = ctypes.create_string_buffer(size)
    reader.heap, reader.heap_size = ctypes.addressof(heap), size
    try:
        said = Answer.FULL
        while said != Answer.OVER:
            said = Answer(library.uzo_gather(ctypes.byref(reader)))
            if reader.rows and said != Answer.QUIET:
                yield Piece(ctypes.string_at(heap, reader.heap_used), reader.rows)
                reader.rows = reader.heap_used = 0
            elif said == Answer.TOO_LONG:
                heap = ctypes.create_string_buffer(reader.length)
                reader.heap, reader.heap_size = ctypes.addressof(heap), reader.length
    finally:
        library.uzo_close(ctypes.byref(reader))


def _joined(raw: Any) -> Generator[Piece, None, None]:
    """libpq hands out row by row. All that it has at once is joined before more is read: so the rows are still in the
    processor's cache, and no more of them are held than libpq's buffer."""
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
