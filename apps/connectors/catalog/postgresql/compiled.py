"""What is compiled of `binary_rows.c`, and libpq's functions that it calls.

It does what ADBC's reader does, for the types that make up nearly every table, in a third of its processor time: the
published driver is built without optimisation since 1.9, and takes numerics for text. `make` compiles it where there
is a C compiler. Where there is none, `library` is None: ADBC reads then.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

LIBRARY: Final = Path(__file__).with_name("libbinary_rows.so")
_VERSION: Final = 2
_WAIT_MILLISECONDS: Final = 500


class Answer(IntEnum):
    """Why rows are no longer taken, as `binary_rows.c` explains."""

    FULL, OVER, QUIET, TOO_LONG, MALFORMED, NOT_UTF8, OUT_OF_RANGE = range(7)


class Column(ctypes.Structure):
    """A column of the frame that is being filled."""

    _fields_ = (
        ("kind", ctypes.c_int32),
        ("precision", ctypes.c_int32),
        ("scale", ctypes.c_int32),
        ("nulls", ctypes.c_int32),
        ("valid", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
    )


class Reader(ctypes.Structure):
    """A connection whose rows are taken, and where they go."""

    _fields_ = (
        ("get_copy_data", ctypes.c_void_p),
        ("consume_input", ctypes.c_void_p),
        ("free_memory", ctypes.c_void_p),
        ("connection", ctypes.c_void_p),
        ("socket", ctypes.c_int32),
        ("wait_milliseconds", ctypes.c_int32),
        ("columns", ctypes.POINTER(Column)),
        ("count", ctypes.c_int32),
        ("failed", ctypes.c_int32),
        ("rows", ctypes.c_int64),
        ("capacity", ctypes.c_int64),
        ("heap", ctypes.c_void_p),
        ("heap_used", ctypes.c_int64),
        ("heap_size", ctypes.c_int64),
        ("row", ctypes.c_void_p),
        ("length", ctypes.c_int32),
        ("begun", ctypes.c_int32),
    )


@dataclass(frozen=True, slots=True)
class Sender:
    """A connection in COPY OUT, and the addresses of the functions that give its rows: libpq's, or those of a test
    that stands for it."""

    get_copy_data: int
    consume_input: int
    free_memory: int
    connection: int
    socket: int

    def reader(self) -> Reader:
        return Reader(
            get_copy_data=self.get_copy_data, consume_input=self.consume_input, free_memory=self.free_memory,
            connection=self.connection, socket=self.socket, wait_milliseconds=_WAIT_MILLISECONDS,
        )  # fmt: skip


@cache
def library() -> Any:
    """The compiled functions; None where they have not been compiled, or are not of this version."""
    try:
        found = ctypes.CDLL(str(LIBRARY))
        if found.uzo_load() != _VERSION:
            return None
        functions = (found.uzo_decode, found.uzo_gather, found.uzo_close)
    except (OSError, AttributeError):
        return None
    for each in functions:
        each.argtypes = (ctypes.POINTER(Reader),)
    return found


@cache
def _libpq() -> tuple[int, int, int] | None:
    """The addresses in the libpq that psycopg's wheel brings; None where there is no such wheel."""
    try:
        found = ctypes.CDLL(import_module("psycopg_binary.pq").__file__)
        functions = (found.PQgetCopyData, found.PQconsumeInput, found.PQfreemem)
    except (ImportError, OSError, AttributeError):
        return None
    get, consume, free = (ctypes.cast(each, ctypes.c_void_p).value or 0 for each in functions)
    return get, consume, free


def is_there() -> bool:
    """Whether rows can be taken from psycopg's connections."""
    return library() is not None and _libpq() is not None


def sender_of(raw: Any) -> Sender:
    """Psycopg's connection as one that sends rows."""
    functions = _libpq()
    assert functions is not None
    return Sender(*functions, raw.pgconn_ptr, raw.socket)
