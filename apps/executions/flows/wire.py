"""What the parent of the warm pool and its children say to each other: JSON lines on a socket pair."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

READY, RUN, CLAIMED, DONE, CANCEL = "ready", "run", "claimed", "done", "cancel"
BROKEN = "broken"
"""The outcome of a run that the child could not go on with."""


class Wire:
    """One end. Sending is safe from several threads; reading belongs to one."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = bytearray()
        self._sending = threading.Lock()

    def send(self, what: str, **fields: Any) -> None:
        """Raises OSError when the other end is gone."""
        line = json.dumps({"what": what, **fields}).encode() + b"\n"
        with self._sending:
            self._socket.sendall(line)

    def receive(self, timeout: float | None) -> list[dict[str, Any]]:
        """All whole messages that are there, waiting up to `timeout` seconds for the first (None: for ever).
        Raises EOFError when the other end is gone."""
        waiting = self._whole()
        if waiting:
            return waiting
        self._socket.settimeout(timeout)
        try:
            chunk = self._socket.recv(65536)
        except TimeoutError:
            return []
        except OSError as error:
            raise EOFError from error
        if not chunk:
            raise EOFError
        self._buffer += chunk
        return self._whole()

    def messages(self) -> Iterator[dict[str, Any]]:
        """Messages for ever, until the other end is gone."""
        while True:
            try:
                yield from self.receive(None)
            except EOFError:
                return

    def close(self) -> None:
        self._socket.close()

    def _whole(self) -> list[dict[str, Any]]:
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        return [json.loads(line) for line in lines]
