"""Rows of a binary COPY come out as they were put in, whatever lies beside them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.connectors.catalog.postgresql.binary_rows import KNOWN, decode, is_known
from apps.connectors.sdk.errors import ConnectorError

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
_ZERO = date(2000, 1, 1)
_MOMENT = datetime.fromisoformat("2000-01-01")


def _microseconds(value: timedelta) -> int:
    return value // timedelta(microseconds=1)


def numeric(value: Decimal, scale: int) -> bytes:
    """As `numeric_send` does it: groups of four digits round the point, without zeros at either end."""
    digits = f"{abs(value):.{scale}f}".partition(".")
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
}
"""As PostgreSQL's `…send` functions do it."""


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
}


def sent(types: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[bytes, list[int]]:
    """What a server sends: the header with the first row, each row, the end."""
    messages = [struct.pack(">h", len(types)) for _ in rows]
    for index, row in enumerate(rows):
        for kind, value in zip(types, row, strict=True):
            data = None if value is None else SENT[kind](value)
            messages[index] += struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data
    messages.append(END)
    messages[0] = HEADER + messages[0]
    return b"".join(messages), [len(each) for each in messages]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[Any]]]:
    types = draw(st.lists(st.sampled_from(sorted(SENT)), min_size=1, max_size=6))
    row = st.tuples(*(st.none() | VALUES[kind] for kind in types)).map(list)
    return types, draw(st.lists(row, max_size=12))


def test_there_is_a_way_to_send_every_type_that_can_be_decoded() -> None:
    assert {kind for kind in SENT if not kind.startswith("numeric")} == KNOWN
    assert all(map(is_known, SENT))
    assert not any(map(is_known, ("numeric", "numeric(19,2)", "_int4", "interval", "jsonb")))


@given(tables())
def test_rows_come_out_as_they_were_sent(table: tuple[list[str], list[list[Any]]]) -> None:
    types, rows = table
    names = [f"c{index}" for index in range(len(types))]
    frame = decode(*sent(types, rows), names, types)
    assert frame.columns == names
    assert [list(row) for row in frame.rows()] == rows


@given(tables(), st.integers(0, 12))
def test_where_a_piece_ends_makes_no_difference(table: tuple[list[str], list[list[Any]]], cut: int) -> None:
    types, rows = table
    names = [f"c{index}" for index in range(len(types))]
    data, lengths = sent(types, rows)
    split = sum(lengths[:cut])
    parts = [(data[:split], lengths[:cut]), (data[split:], lengths[cut:])]
    frames = [decode(*part, names, types) for part in parts if part[1]]
    assert pl.concat(frames).rows() == decode(data, lengths, names, types).rows()


def test_types_are_those_of_the_columns_even_without_a_row() -> None:
    types = ["bool", "date", "time", "timestamp", "timestamptz", "text", "bytea", "int2", "float4"]
    frame = decode(*sent(types, []), types, types)
    assert list(frame.dtypes) == [
        pl.Boolean, pl.Date, pl.Time, pl.Datetime("us"), pl.Datetime("us", "UTC"), pl.String, pl.Binary, pl.Int16,
        pl.Float32,
    ]  # fmt: skip


def test_a_nan_stays_one_and_is_no_null() -> None:
    frame = decode(*sent(["float8"], [[float("nan")], [None]]), ["n"], ["float8"])
    assert (frame["n"].is_nan().to_list(), frame["n"].null_count()) == ([True, None], 1)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 11, 12, 13, 14, 300])
def test_a_text_of_any_length_is_the_same_text(size: int) -> None:
    words = [("ä" * size)[: size // 2] + "x" * (size % 2), None, "", "Oslo"]
    frame = decode(*sent(["text"], [[word] for word in words]), ["t"], ["text"])
    assert frame["t"].to_list() == words
    assert (frame["t"] == "Oslo").to_list() == [False, None, False, True]
    assert frame["t"].unique(maintain_order=True).len() == len(set(words))


@pytest.mark.parametrize(
    ("data", "lengths"),
    [
        (HEADER + struct.pack(">hi", 2, -1), [25]),
        (HEADER + struct.pack(">hih", 1, 2, 5), [27]),
        (HEADER + struct.pack(">hiq", 1, 99, 5), [33]),
        (HEADER + struct.pack(">hii", 1, 4, 5) + b"more", [33]),
        (HEADER + struct.pack(">hi", 1, 2**31 - 1), [25]),
    ],
    ids=["another number of columns", "a narrow value", "a length beyond the row", "something behind it", "endless"],
)
def test_rows_of_another_shape_are_refused(data: bytes, lengths: list[int]) -> None:
    with pytest.raises(ConnectorError) as refused:
        decode(data, lengths, ["n"], ["int4"])
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
    data = struct.pack(">hi", 1, len(found)) + found
    with pytest.raises(ConnectorError, match="'fee'") as refused:
        decode(data, [len(data)], ["fee"], ["numeric(5,2)"])
    assert refused.value.code == "value_out_of_range"


@pytest.mark.parametrize(
    "found", [b"\xff\xfe", "Ålesund".encode("latin-1"), b"a longer text that ends in half a sign \xc3"]
)
def test_bytes_that_are_no_text_are_refused_before_anybody_takes_them_for_one(found: bytes) -> None:
    data = struct.pack(">hi", 1, len(found)) + found
    with pytest.raises(ConnectorError, match=r"'port'.*UTF-8") as refused:
        decode(data, [len(data)], ["port"], ["text"])
    assert refused.value.code == "value_out_of_range"
