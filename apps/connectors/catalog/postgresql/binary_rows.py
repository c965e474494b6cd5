"""Rows of a binary COPY as data frames, where `compiled` is there."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import polars as pl
import pyarrow as pa

from apps.connectors.catalog.postgresql import compiled
from apps.connectors.catalog.postgresql.compiled import Answer, Column, Sender
from apps.connectors.sdk.errors import failure

_FEWEST_BYTES: Final = 64 * 1024
_MOST_ROWS: Final = 65_536
_MOST_BYTES: Final = 2**31 - 1
_WIDE: Final = 16
"""Bytes of a view, and of a decimal."""
_MOST_DIGITS: Final = 38


class _Form(NamedTuple):
    """How `binary_rows.c` names a kind of value, its bytes in Arrow's buffer (0: a bit), what Arrow calls it."""

    kind: int
    size: int
    arrow: pa.DataType


_FORMS: Final = {
    "bool": _Form(0, 0, pa.bool_()),
    "int2": _Form(1, 2, pa.int16()),
    "int4": _Form(2, 4, pa.int32()),
    "int8": _Form(3, 8, pa.int64()),
    "float4": _Form(2, 4, pa.float32()),
    "float8": _Form(3, 8, pa.float64()),
    "date": _Form(4, 4, pa.date32()),
    "time": _Form(5, 8, pa.time64("ns")),
    "timestamp": _Form(6, 8, pa.timestamp("us")),
    "timestamptz": _Form(6, 8, pa.timestamp("us", tz="UTC")),
    "text": _Form(7, _WIDE, pa.string_view()),
    "bytea": _Form(8, _WIDE, pa.binary_view()),
}
KNOWN: Final = frozenset(_FORMS)
"""PostgreSQL's types that can be decoded, beside `numeric(12,2)` and its like. `text` stands for all that is sent as
its characters."""
_NUMERIC: Final = 9


def form_of(kind: str) -> _Form | None:
    """How values of that type are decoded; None where they cannot be."""
    found = re.fullmatch(r"numeric\((\d+),(\d+)\)", kind)
    if found is None:
        return _FORMS.get(kind)
    precision, scale = int(found[1]), int(found[2])
    fits = 0 < precision <= _MOST_DIGITS and scale <= precision
    return _Form(_NUMERIC, _WIDE, pa.decimal128(precision, scale)) if fits else None


def can_decode(types: Sequence[str]) -> bool:
    """Whether rows of these columns can be."""
    return compiled.is_there() and None not in map(form_of, types)


class Rows:
    """The rows that a connection in COPY OUT gives, as data frames of about `size` bytes. Iterate once, then
    `close`."""

    def __init__(self, sender: Sender, names: Sequence[str], types: Sequence[str], *, size: int) -> None:
        forms = [form_of(kind) for kind in types]
        self._forms = [form for form in forms if form is not None]
        assert len(self._forms) == len(types)
        self._names, self._types = list(names), list(types)
        width = sum(form.size for form in self._forms) + len(self._forms) // 4 + 1
        self._capacity = max(1, min(size // width, _MOST_ROWS))
        self._size = max(size, _FEWEST_BYTES)
        self._columns = (Column * len(self._forms))()
        for column, form in zip(self._columns, self._forms, strict=True):
            column.kind = form.kind
            if form.kind == _NUMERIC:
                column.precision, column.scale = form.arrow.precision, form.arrow.scale
        self._reader = sender.reader()
        self._reader.columns, self._reader.count = self._columns, len(self._forms)
        self._reader.capacity = self._capacity
        self._heap: pa.Buffer | None = None

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Raises ConnectorError `server_error` where a row does not have these columns, `value_out_of_range` for a
        number that is none and a text that is no UTF-8. Ends where the server does, by an error too: its result
        tells."""
        read, reader = compiled.library().uzo_decode, ctypes.byref(self._reader)
        answer = Answer.FULL
        while answer != Answer.OVER:
            buffers = self._begin()
            while (answer := Answer(read(reader))) in (Answer.QUIET, Answer.TOO_LONG):
                if answer == Answer.TOO_LONG:
                    self._grow(self._reader.length)
            self._refuse(answer)
            if self._reader.rows:
                yield self._frame(buffers)

    def close(self) -> None:
        compiled.library().uzo_close(ctypes.byref(self._reader))

    def _begin(self) -> list[tuple[pa.Buffer, pa.Buffer]]:
        bits = -(-self._capacity // 8)
        buffers = []
        for column, form in zip(self._columns, self._forms, strict=True):
            valid, values = pa.allocate_buffer(bits), pa.allocate_buffer(form.size * self._capacity or bits)
            column.valid, column.values, column.nulls = valid.address, values.address, 0
            buffers.append((valid, values))
        self._reader.rows = 0
        # What the frames before have left of it; they hold it as well.
        if self._reader.heap_size - self._reader.heap_used < self._size // 2:
            self._grow(self._size)
        return buffers

    def _grow(self, size: int) -> None:
        size = min(max(size, self._size), _MOST_BYTES)
        self._heap = pa.allocate_buffer(size)
        self._reader.heap, self._reader.heap_size, self._reader.heap_used = self._heap.address, size, 0

    def _refuse(self, answer: Answer) -> None:
        if answer == Answer.MALFORMED:
            raise failure("server_error", "the server sent rows of other columns than it was asked for")
        if answer == Answer.NOT_UTF8:
            raise failure(
                "value_out_of_range",
                f"column {self._names[self._reader.failed]!r} holds bytes that are no UTF-8",
                remedy="Read it by a query that decodes them, for example with convert_from.",
            )
        if answer == Answer.OUT_OF_RANGE:
            name, kind = self._names[self._reader.failed], self._types[self._reader.failed]
            raise failure("value_out_of_range", f"column {name!r} holds a number that is no {kind}")

    def _frame(self, buffers: list[tuple[pa.Buffer, pa.Buffer]]) -> pl.DataFrame:
        arrays = []
        for column, form, (valid, values) in zip(self._columns, self._forms, buffers, strict=True):
            own = [valid if column.nulls else None, values]
            parts = [*own, self._heap] if form.arrow in (pa.string_view(), pa.binary_view()) else own
            arrays.append(pa.Array.from_buffers(form.arrow, self._reader.rows, parts, column.nulls))
        frame = pl.from_arrow(pa.RecordBatch.from_arrays(arrays, names=self._names))
        assert isinstance(frame, pl.DataFrame)
        return frame
