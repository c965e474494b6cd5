"""Rows of a binary COPY as data frames, decoded a column at a time.

A row is the number of its fields and, for each, a length (-1 for null) and so many bytes, big-endian
(https://www.postgresql.org/docs/current/sql-copy.html). Where a field of one row begins is known once the field
before it has been looked at, for all rows of a piece at once: so numpy goes through the columns, not through the
rows. Texts are not copied: Arrow's views point into the piece.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from apps.connectors.sdk.errors import failure

_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
_HEADER: Final = len(_SIGNATURE) + 8
_END: Final = -1
_INLINE: Final = 12
"""Bytes of a text that lie in its view."""
_PADDING: Final = bytes(16)
"""Behind a piece, so that the widest value may be read at its last byte."""
_EPOCH_DAYS: Final = 10_957
_EPOCH_MICROSECONDS: Final = _EPOCH_DAYS * 86_400_000_000
_LOW: Final = np.array([(1 << 8 * min(size, 8)) - 1 for size in range(_INLINE + 1)], dtype="<u8")
_HIGH: Final = np.array([(1 << 8 * max(size - 8, 0)) - 1 for size in range(_INLINE + 1)], dtype="<u4")
"""What is to be kept of the first eight bytes and the four behind them, by the length of a text."""


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A type whose values all take the same bytes: how they lie there, what Arrow holds, and what is added or
    multiplied to come from one to the other."""

    wire: str
    arrow: pa.DataType
    added: int = 0
    times: int = 1


_FIXED: Final = {
    "bool": _Fixed("u1", pa.bool_()),
    "int2": _Fixed(">i2", pa.int16()),
    "int4": _Fixed(">i4", pa.int32()),
    "int8": _Fixed(">i8", pa.int64()),
    "float4": _Fixed(">f4", pa.float32()),
    "float8": _Fixed(">f8", pa.float64()),
    "date": _Fixed(">i4", pa.date32(), added=_EPOCH_DAYS),
    "time": _Fixed(">i8", pa.time64("ns"), times=1_000),
    "timestamp": _Fixed(">i8", pa.timestamp("us"), added=_EPOCH_MICROSECONDS),
    "timestamptz": _Fixed(">i8", pa.timestamp("us", tz="UTC"), added=_EPOCH_MICROSECONDS),
}
_VIEWS: Final = {"text": pa.string_view(), "bytea": pa.binary_view()}
KNOWN: Final = frozenset(_FIXED) | frozenset(_VIEWS)
"""PostgreSQL's types that can be decoded, beside `numeric(12,2)` and its like. `text` stands for all that is sent as
its characters."""
MOST_DIGITS: Final = 18
"""Of a numeric that can be decoded: its digits fit a machine's word."""
_NUMERIC_HEADER: Final = 8
_GROUP: Final = 4
"""Decimal digits that lie together."""
_NEGATIVE: Final = 0x4000
_SPECIAL: Final = 0x8000
_LARGEST: Final = 10**MOST_DIGITS - 1
_POWERS: Final = np.array([10**power for power in range(MOST_DIGITS + 1)], dtype=np.int64)


class _Numeric(NamedTuple):
    precision: int
    scale: int


@cache
def _numeric(kind: str) -> _Numeric | None:
    found = re.fullmatch(r"numeric\((\d+),(\d+)\)", kind)
    return None if found is None or int(found[1]) > MOST_DIGITS else _Numeric(int(found[1]), int(found[2]))


def is_known(kind: str) -> bool:
    """Whether values of that type can be decoded."""
    return kind in KNOWN or _numeric(kind) is not None


def decode(data: bytes, lengths: Sequence[int], names: Sequence[str], types: Sequence[str]) -> pl.DataFrame:
    """The rows of a piece. `lengths`: of what the server sent, row by row, as `data` holds it; the first piece of a
    COPY begins with its header, the last one ends with its trailer. Raises ConnectorError `server_error` where a row
    does not have these columns, `value_out_of_range` for a number that is none and a
    text that is no UTF-8."""
    sizes = np.fromiter(lengths, dtype=np.int64, count=len(lengths))
    ends = np.cumsum(sizes)
    starts = ends - sizes
    if data.startswith(_SIGNATURE):
        starts[0] += _HEADER
    buffer = pa.py_buffer(data + _PADDING)
    content = np.frombuffer(buffer, dtype=np.uint8)
    # Neither a header alone nor a trailer is a row.
    rows = starts < ends
    rows[rows] = _at(content, ">i2")[starts[rows]] != _END
    starts, ends = starts[rows], ends[rows]
    if (_at(content, ">i2")[starts] != len(types)).any():
        raise failure("server_error", "the server sent rows of other columns than it was asked for")
    place = starts + 2
    columns = []
    for name, kind in zip(names, types, strict=True):
        column, place = _column(name, kind, buffer, content, place)
        columns.append(column)
    if (place != ends).any():
        raise failure("server_error", "the server sent rows that are longer than their columns")
    frame = pl.from_arrow(pa.RecordBatch.from_arrays(columns, names=list(names)))
    assert isinstance(frame, pl.DataFrame)
    return frame


def _at(content: np.ndarray[Any, Any], wire: str) -> np.ndarray[Any, Any]:
    """The values that begin at each byte."""
    dtype = np.dtype(wire)
    count = len(content) - dtype.itemsize + 1
    return np.lib.stride_tricks.as_strided(content[: dtype.itemsize].view(dtype), (count,), (1,), writeable=False)


def _column(
    name: str, kind: str, buffer: pa.Buffer, content: np.ndarray[Any, Any], place: np.ndarray[Any, Any]
) -> tuple[pa.Array, np.ndarray[Any, Any]]:
    """The column whose fields begin at `place`, and where the next one's do."""
    length = _at(content, ">i4")[place].astype(np.int64)
    place = place + 4
    valid = length >= 0
    mask = None
    if not valid.all():
        mask = pa.py_buffer(np.packbits(valid, bitorder="little"))
        length = np.where(valid, length, 0)
    following = place + length
    if len(following) and following.max() > len(content) - len(_PADDING):
        raise failure("server_error", "the server sent a field that is longer than its row")
    if kind in _VIEWS:
        values = _views(content, place, length)
        column = pa.Array.from_buffers(_VIEWS[kind], len(place), [mask, pa.py_buffer(values), buffer])
        if kind == "text":
            _require_characters(name, column)
        return column, following
    numeric = _numeric(kind)
    if numeric is not None:
        values = _decimals(numeric, content, place, length)
        if values is None:
            raise failure("value_out_of_range", f"column {name!r} holds a number that is no {kind}")
        return pa.Array.from_buffers(pa.decimal128(*numeric), len(place), [mask, pa.py_buffer(values)]), following
    fixed = _FIXED[kind]
    wire = np.dtype(fixed.wire)
    if ((length if mask is None else length[valid]) != wire.itemsize).any():
        raise failure("server_error", f"the server sent a {kind} of another size than PostgreSQL's")
    return _of_fixed(fixed, _at(content, fixed.wire)[place], mask), following


def _require_characters(name: str, column: pa.Array) -> None:
    """A database of the encoding SQL_ASCII keeps any bytes as text, which would be the end of who takes them for
    UTF-8."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raise failure(
            "value_out_of_range",
            f"column {name!r} holds bytes that are no UTF-8",
            remedy="Read it by a query that decodes them, for example with convert_from.",
        ) from None


def _of_fixed(fixed: _Fixed, found: np.ndarray[Any, Any], mask: pa.Buffer | None) -> pa.Array:
    if pa.types.is_boolean(fixed.arrow):
        values = np.packbits(found.astype(bool), bitorder="little")
    else:
        values = found.astype(found.dtype.newbyteorder("="))
        # An infinite date goes round to the other end of the numbers, where no date is either.
        if fixed.added:
            values += np.array(fixed.added, dtype=values.dtype)
        if fixed.times != 1:
            values *= fixed.times
    return pa.Array.from_buffers(fixed.arrow, len(found), [mask, pa.py_buffer(values)])


def _views(content: np.ndarray[Any, Any], place: np.ndarray[Any, Any], length: np.ndarray[Any, Any]) -> Any:
    """Arrow's views (https://arrow.apache.org/docs/format/Columnar.html#variable-size-binary-view-layout): the
    length, then a short text itself, or four bytes of a long one, its buffer's number and its place there."""
    views = np.empty((len(place), 4), dtype="<u4")
    short = np.minimum(length, _INLINE)
    low = _at(content, "<u8")[place] & _LOW[short]
    high = _at(content, "<u4")[place + 8] & _HIGH[short]
    long = length > _INLINE
    views[:, 0] = length
    views[:, 1] = low & np.uint64(0xFFFFFFFF)
    views[:, 2] = np.where(long, 0, low >> np.uint64(32))
    views[:, 3] = np.where(long, place, high)
    return views


def _decimals(
    numeric: _Numeric, content: np.ndarray[Any, Any], place: np.ndarray[Any, Any], length: np.ndarray[Any, Any]
) -> Any:
    """Numbers as Arrow's decimals, 128 bits each; None where one of them is NaN, infinite or does not fit. A numeric
    is the number of its groups of four digits, how many of them stand before the point (less one), its sign, how
    many digits are shown behind the point, and the groups."""
    short = _at(content, ">i2")
    there = length > 0
    groups, weight, sign = (np.where(there, short[place + 2 * part], 0).astype(np.int64) for part in range(3))
    if (length != np.where(there, _NUMERIC_HEADER + 2 * groups, 0)).any():
        raise failure("server_error", "the server sent a numeric of another size than PostgreSQL's")
    fits = (sign & _SPECIAL) == 0
    total = np.zeros(len(place), dtype=np.int64)
    for group in range(int(groups.max(initial=0))):
        digits = short[np.where(groups > group, place + _NUMERIC_HEADER + 2 * group, 0)].astype(np.int64)
        digits[groups <= group] = 0
        power = _GROUP * (weight - group) + numeric.scale
        above, below = _POWERS[np.clip(power, 0, MOST_DIGITS)], _POWERS[np.clip(-power, 0, _GROUP)]
        fits &= (digits % below == 0) & (digits <= _LARGEST // above)
        total += digits // below * above
    fits &= total < _POWERS[numeric.precision]
    if not fits.all():
        return None
    decimals = np.empty((len(place), 2), dtype=np.int64)
    decimals[:, 0] = np.where(sign & _NEGATIVE, -total, total)
    decimals[:, 1] = decimals[:, 0] >> 63
    return decimals
