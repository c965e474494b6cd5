"""Rows of a binary COPY come out as they were put in, whatever lies beside them."""

from __future__ import annotations

import ctypes
import shutil
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.connectors.catalog.postgresql.binary_rows import KNOWN, Rows, form_of
from apps.connectors.catalog.postgresql.compiled import Sender
from apps.connectors.catalog.postgresql.raw_rows import Piece, gathered
from apps.connectors.sdk.errors import ConnectorError

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler here")
HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
_ZERO = date(2000, 1, 1)
_MOMENT = datetime.fromisoformat("2000-01-01")


def _microseconds(value: timedelta) -> int:
    return value // timedelta(microseconds=1)


def numeric(value: Decimal, scale: int) -> bytes:
    """As `numeric_send` does it: groups of four digits round the point, without zeros at either end."""
    digits = f"{value.copy_abs():.{scale}f}".partition(".")
    before = digits[0].lstrip("0")
    before = before.zfill(-(-len(before) // 4) * 4)
    after = digits[2].ljust(-(-len(digits[2]) // 4) * 4, "0")
    groups = [int((before + after)[at : at + 4]) for at in range(0, len(before + after), 4)]
    weight = len(before) // 4 - 1
    while groups and groups[-1] == 0:
        groups.pop()
    while groups and groups[0] == 0:
        groups.pop(0)
        weight -= 1
    sign = 0x4000 if value < 0 else 0
    return struct.pack(f">hhHh{len(groups)}h", len(groups), weight if groups else 0, sign, scale, *groups)


SENT: dict[str, Callable[[Any], bytes]] = {
    "bool": lambda value: struct.pack(">?", value),
    "int2": lambda value: struct.pack(">h", value),
    "int4": lambda value: struct.pack(">i", value),
    "int8": lambda value: struct.pack(">q", value),
    "float4": lambda value: struct.pack(">f", value),
    "float8": lambda value: struct.pack(">d", value),
    "date": lambda value: struct.pack(">i", (value - _ZERO).days),
    "time": lambda value: struct.pack(">q", _microseconds(datetime.combine(_ZERO, value) - _MOMENT)),
    "timestamp": lambda value: struct.pack(">q", _microseconds(value - _MOMENT)),
    "timestamptz": lambda value: struct.pack(">q", _microseconds(value - _MOMENT.replace(tzinfo=UTC))),
    "text": lambda value: value.encode(),
    "bytea": bytes,
    "numeric(12,2)": lambda value: numeric(value, 2),
    "numeric(18,18)": lambda value: numeric(value, 18),
    "numeric(18,0)": lambda value: numeric(value, 0),
    "numeric(5,3)": lambda value: numeric(value, 3),
    "numeric(38,10)": lambda value: numeric(value, 10),
    "numeric(38,38)": lambda value: numeric(value, 38),
}
"""As PostgreSQL's `…send` functions do it."""


WIDE = Context(prec=40)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "float4": st.floats(width=32, allow_nan=False),
    "float8": st.floats(allow_nan=False),
    "date": st.dates(),
    "time": st.times(),
    "timestamp": st.datetimes(),
    "timestamptz": st.datetimes(timezones=st.just(UTC)),
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
    "bytea": st.binary(max_size=40),
    "numeric(12,2)": st.decimals(Decimal("-9999999999.99"), Decimal("9999999999.99"), places=2),
    "numeric(18,18)": st.decimals(Decimal("-0.9"), Decimal("0.9"), places=18),
    "numeric(18,0)": st.decimals(1 - 10**18, 10**18 - 1, places=0),
    "numeric(5,3)": st.decimals(Decimal("-99.999"), Decimal("99.999"), places=3),
    "numeric(38,10)": st.integers(1 - 10**38, 10**38 - 1).map(lambda whole: Decimal(whole).scaleb(-10, WIDE)),
    "numeric(38,38)": st.integers(1 - 10**38, 10**38 - 1).map(lambda whole: Decimal(whole).scaleb(-38, WIDE)),
}


def sent(types: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """What a server sends: the header with the first row, each row, the end."""
    messages = [struct.pack(">h", len(types)) for _ in rows]
    for index, row in enumerate(rows):
        for kind, value in zip(types, row, strict=True):
            data = None if value is None else SENT[kind](value)
            messages[index] += struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data
    messages.append(END)
    messages[0] = HEADER + messages[0]
    return messages


_GET = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_int)
_CONSUME = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_FREE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Server:
    """Stands for libpq: has the messages one by one, each once its bytes have been asked for where it `dawdles`, and
    counts those that nobody has given back."""

    def __init__(self, messages: Sequence[bytes], *, dawdles: bool = False, lost: bool = False) -> None:
        self._waiting = [ctypes.create_string_buffer(each, len(each)) for each in messages]
        self._lent: dict[int, Any] = {}
        self._here = not dawdles
        self._dawdles, self._lost = dawdles, lost
        self._ours, self._theirs = socket.socketpair()
        self._theirs.send(b".")  # so that there always is something to read
        self._functions = (_GET(self._give), _CONSUME(self._consume), _FREE(self._take_back))

    def _give(self, _: int | None, row: Any, nonblocking: int) -> int:
        assert nonblocking == 1
        if not self._here:
            return 0
        if not self._waiting:
            return -1
        message = self._waiting.pop(0)
        address = ctypes.addressof(message)
        self._lent[address] = message
        row[0] = address
        self._here = not self._dawdles
        return len(message)

    def _consume(self, _: int | None) -> int:
        self._here = True
        return 0 if self._lost else 1

    def _take_back(self, address: int) -> None:
        del self._lent[address]

    @contextmanager
    def sending(self) -> Iterator[Sender]:
        get, consume, free = (ctypes.cast(each, ctypes.c_void_p).value or 0 for each in self._functions)
        try:
            yield Sender(get, consume, free, 1, self._ours.fileno())
        finally:
            self._ours.close()
            self._theirs.close()
            assert not self._lent, "a row was not given back"

    def frames(self, names: Sequence[str], types: Sequence[str], size: int) -> list[pl.DataFrame]:
        with self.sending() as sender, closing(Rows(sender, names, types, size=size)) as rows:
            return list(rows)

    def pieces(self) -> list[Piece]:
        with self.sending() as sender:
            return list(gathered(sender))


def decode(messages: Sequence[bytes], names: Sequence[str], types: Sequence[str], size: int = 2**16) -> pl.DataFrame:
    return pl.concat(Server(messages).frames(names, types, size))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[Any]]]:
    types = draw(st.lists(st.sampled_from(sorted(SENT)), min_size=1, max_size=6))
    row = st.tuples(*(st.none() | VALUES[kind] for kind in types)).map(list)
    return types, draw(st.lists(row, max_size=12))


def test_there_is_a_way_to_send_every_type_that_can_be_decoded() -> None:
    assert {kind for kind in SENT if not kind.startswith("numeric")} == KNOWN
    assert all(map(form_of, SENT))
    assert not any(map(form_of, ("numeric", "numeric(39,2)", "numeric(2,3)", "numeric(3,-2)", "_int4", "jsonb")))


@given(tables(), st.sampled_from([1, 2, 100, 2**16]))
def test_rows_come_out_as_they_were_sent(table: tuple[list[str], list[list[Any]]], size: int) -> None:
    types, rows = table
    names = [f"c{index}" for index in range(len(types))]
    frames = Server(sent(types, rows)).frames(names, types, size)
    assert [list(row) for frame in frames for row in frame.rows()] == rows
    assert all(frame.columns == names for frame in frames)


@given(tables(), st.data())
def test_whatever_is_sent_is_either_refused_or_rows(
    table: tuple[list[str], list[list[Any]]], data: st.DataObject
) -> None:
    types, rows = table
    messages = [bytearray(each) for each in sent(types, rows)]
    for _ in range(data.draw(st.integers(1, 4))):
        message = data.draw(st.sampled_from(messages))
        at = data.draw(st.integers(0, len(message) - 1))
        match data.draw(st.sampled_from(["another byte", "an extreme length", "cut off", "more"])):
            case "another byte":
                message[at] = data.draw(st.integers(0, 255))
            case "an extreme length":
                message[at : at + 4] = struct.pack(">i", data.draw(st.sampled_from([-2, -(2**31), 2**31 - 1, 4])))
            case "cut off":
                del message[at + 1 :]
            case _:
                message += data.draw(st.binary(min_size=1, max_size=9))
    names = [f"c{index}" for index in range(len(types))]
    frames: list[pl.DataFrame] = []
    refused = None
    try:
        frames = Server([bytes(each) for each in messages]).frames(names, types, 2**16)
    except ConnectorError as error:
        refused = error.code
    assert refused in (None, "server_error", "value_out_of_range")
    assert [list(frame.columns) for frame in frames] == [names] * len(frames)
    assert sum(frame.height for frame in frames) <= len(rows)


def test_types_are_those_of_the_columns_even_without_a_value() -> None:
    types = ["bool", "date", "time", "timestamp", "timestamptz", "text", "bytea", "int2", "float4", "numeric(38,9)"]
    frame = decode(sent(types, [[None] * len(types)]), types, types)
    assert list(frame.dtypes) == [
        pl.Boolean, pl.Date, pl.Time, pl.Datetime("us"), pl.Datetime("us", "UTC"), pl.String, pl.Binary, pl.Int16,
        pl.Float32, pl.Decimal(38, 9),
    ]  # fmt: skip
    assert frame.null_count().row(0) == (1,) * len(types)


def test_more_rows_than_a_frame_holds_come_in_several_that_stay_as_they_are() -> None:
    rows = [[number, None if number % 7 == 0 else f"crate {number} of the long quay"] for number in range(20_000)]
    frames = Server(sent(["int4", "text"], rows)).frames(["n", "t"], ["int4", "text"], 2**16)
    assert len(frames) > 3
    assert [list(row) for frame in frames for row in frame.rows()] == rows


def test_a_text_longer_than_a_frame_comes_whole() -> None:
    words = ["short", "ä" * 200_000, None, "y" * 70_000, "end"]
    frames = Server(sent(["text"], [[word] for word in words])).frames(["t"], ["text"], 2**16)
    assert pl.concat(frames)["t"].to_list() == words


def test_rows_are_waited_for() -> None:
    frames = Server(sent(["int2"], [[1], [2], [None]]), dawdles=True).frames(["n"], ["int2"], 2**16)
    assert pl.concat(frames)["n"].to_list() == [1, 2, None]


def test_a_connection_that_is_lost_ends_the_rows_and_its_result_tells_why() -> None:
    assert Server(sent(["int2"], [[1]]), dawdles=True, lost=True).frames(["n"], ["int2"], 2**16) == []


def test_a_nan_stays_one_and_is_no_null() -> None:
    frame = decode(sent(["float8"], [[float("nan")], [None]]), ["n"], ["float8"])
    assert (frame["n"].is_nan().to_list(), frame["n"].null_count()) == ([True, None], 1)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 11, 12, 13, 14, 300])
def test_a_text_of_any_length_is_the_same_text(size: int) -> None:
    words = [("ä" * size)[: size // 2] + "x" * (size % 2), None, "", "Oslo"]
    frame = decode(sent(["text"], [[word] for word in words]), ["t"], ["text"])
    assert frame["t"].to_list() == words
    assert (frame["t"] == "Oslo").to_list() == [False, None, False, True]
    assert frame["t"].unique(maintain_order=True).len() == len(set(words))


@pytest.mark.parametrize(
    "message",
    [
        HEADER + struct.pack(">hi", 2, -1),
        HEADER + struct.pack(">hih", 1, 2, 5),
        HEADER + struct.pack(">hiq", 1, 99, 5),
        HEADER + struct.pack(">hii", 1, 4, 5) + b"more",
        HEADER + struct.pack(">hi", 1, 2**31 - 1),
        HEADER + struct.pack(">hi", 1, -2),
        HEADER + END + b"more",
        HEADER + b"\0",
        HEADER[:-4] + struct.pack(">i", 2**31 - 1),
        HEADER.replace(b"COPY", b"COPI"),
        b"",
    ],
    ids=[
        "another number of columns", "a narrow value", "a length beyond the row", "something behind it", "endless",
        "a length below none", "something behind the end", "half a number", "an endless header", "another header",
        "nothing",
    ],
)  # fmt: skip
def test_rows_of_another_shape_are_refused(message: bytes) -> None:
    with pytest.raises(ConnectorError) as refused:
        decode([message] if message else [b"\0"], ["n"], ["int4"])
    assert refused.value.code == "server_error"


@pytest.mark.parametrize(
    "found",
    [
        struct.pack(">hhHh", 0, 0, 0xC000, 0),
        struct.pack(">hhHh", 0, 0, 0xD000, 0),
        struct.pack(">hhHhh", 1, 2, 0, 0, 1),
        struct.pack(">hhHhh", 1, 0, 0, 0, 1000),
        struct.pack(">hhHhhh", 2, 0, 0, 4, 1, 1),
        struct.pack(">hhHhh", 1, -2, 0, 8, 1),
    ],
    ids=["not a number", "infinity", "far too large", "too large by one", "too fine by two digits", "far too fine"],
)
def test_a_number_that_does_not_fit_its_column_is_refused_by_name(found: bytes) -> None:
    with pytest.raises(ConnectorError, match="'fee'") as refused:
        decode([HEADER + struct.pack(">hi", 1, len(found)) + found], ["fee"], ["numeric(5,2)"])
    assert refused.value.code == "value_out_of_range"


@pytest.mark.parametrize(
    "found", [b"\xff\xfe", "Ålesund".encode("latin-1"), b"a longer text that ends in half a sign \xc3"]
)
def test_bytes_that_are_no_text_are_refused_before_anybody_takes_them_for_one(found: bytes) -> None:
    with pytest.raises(ConnectorError, match=r"'port'.*UTF-8") as refused:
        decode([HEADER + struct.pack(">hi", 1, len(found)) + found], ["port"], ["text"])
    assert refused.value.code == "value_out_of_range"


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=50), st.booleans())
def test_rows_that_pass_undecoded_are_all_there_in_their_order(messages: list[bytes], dawdles: bool) -> None:
    pieces = Server(messages, dawdles=dawdles).pieces()
    assert b"".join(piece.data for piece in pieces) == b"".join(messages)
    assert sum(piece.rows for piece in pieces) == len(messages)


def test_pieces_of_undecoded_rows_are_bounded_but_for_a_row_that_is_longer() -> None:
    messages = [b"a" * 50_000, b"b" * 50_000, b"c" * 100_000, b"d" * 500_000, b"e", b"f" * 60_000, b"g" * 131_072]
    pieces = Server(messages).pieces()
    assert b"".join(piece.data for piece in pieces) == b"".join(messages)
    assert max(len(piece.data) for piece in pieces) == 500_000
    assert [piece.rows for piece in pieces] == [2, 1, 1, 3]


def test_who_stops_early_gives_the_row_back_that_had_no_room() -> None:
    server = Server([b"a" * 70_000, b"b" * 200_000, b"c" * 300_000])
    with server.sending() as sender, closing(gathered(sender)) as pieces:
        assert next(pieces).rows == 1
        assert next(pieces).rows == 1
