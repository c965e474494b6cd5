"""Rows on their way: a schema, and Arrow record batches of bounded size."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType

import polars as pl
import pyarrow as pa

from apps.connectors.sdk.errors import failure
from apps.nodes.columns import INT64, STRING, Column, Schema

QUARANTINE = Schema.of([Column("line", INT64, False), Column("text", STRING), Column("reason", STRING, False)])
"""Columns of quarantined lines; `line` counts from 1, the header included."""


@dataclass(frozen=True, slots=True)
class BadLine:
    line: int
    text: str
    reason: str


class Quarantine:
    """Lines that could not be read. Raises `malformed_rows` once there are more than `limit`: a file that
    is mostly wrong was read with the wrong format."""

    def __init__(self, limit: int = 100_000) -> None:
        self._lines: list[BadLine] = []
        self._limit = limit

    def add(self, line: BadLine) -> None:
        if len(self._lines) >= self._limit:
            raise failure("malformed_rows", f"more than {self._limit:,} lines are malformed; the first: {self.first}")
        self._lines.append(line)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def first(self) -> str:
        line = min(self._lines, key=lambda bad: bad.line)
        return f"line {line.line}: {line.reason}"

    def renumber(self, lines: Callable[[set[int]], dict[int, int]]) -> None:
        """Replace the numbers by which lines were found by those that `lines` gives for them."""
        known = lines({bad.line for bad in self._lines}) if self._lines else {}
        self._lines = [replace(bad, line=known.get(bad.line, bad.line)) for bad in self._lines]

    def frame(self) -> pl.LazyFrame:
        lines = sorted(self._lines, key=lambda bad: bad.line)
        rows = [(line.line, line.text, line.reason) for line in lines]
        return pl.LazyFrame(rows, schema=QUARANTINE.to_polars(), orient="row")


class BatchStream:
    """Record batches of the columns in `schema`, in order. Iterate once, then `close` (or use `with`).

    `quarantine` fills up while the stream is read; it is complete at the end. `frames` opens the source for some
    columns, in place of `batches`; `prefiltered`: the source leaves out rows as the request's prefilter says.
    `part`: how much of the source has been read, from 0 to 1, where that is known.
    """

    def __init__(
        self,
        schema: Schema,
        batches: Iterator[pa.RecordBatch],
        *,
        close: Callable[[], None] | None = None,
        quarantine: Quarantine | None = None,
        frames: Callable[[tuple[str, ...]], Iterator[pl.DataFrame]] | None = None,
        prefiltered: bool = False,
    ) -> None:
        self.schema = schema
        self.prefiltered = prefiltered
        self.part: float | None = None
        self.quarantine = quarantine if quarantine is not None else Quarantine()
        self._batches = batches
        self._close = close
        self._frames = frames

    def frames(self, names: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        """The rows as data frames of these columns: in place of iterating over the stream, and once as well."""
        if self._frames is not None:
            yield from self._frames(names)
            return
        for batch in self:
            yield to_frame(batch, self.schema).select(names)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self._batches

    def close(self) -> None:
        """Free what the stream holds; harmless when called again."""
        close, self._close = self._close, None
        closing = getattr(self._batches, "close", None)
        if closing is not None:
            # A driver that does not obey `cancel` still holds its thread: it frees itself when it returns.
            with contextlib.suppress(ValueError):
                closing()
        if close is not None:
            close()

    def __enter__(self) -> BatchStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def collect(self) -> pl.DataFrame:
        """All rows at once, for samples and tests."""
        frames = [to_frame(batch, self.schema) for batch in self]
        return pl.concat(frames) if frames else self.schema.empty().collect()


def to_frame(batch: pa.RecordBatch, schema: Schema) -> pl.DataFrame:
    """A batch as a data frame with exactly the types of `schema`."""
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    return frame.cast(schema.to_polars())


def to_batches(frame: pl.DataFrame, rows: int) -> Iterator[pa.RecordBatch]:
    """A data frame as record batches of at most `rows` rows; one empty batch for an empty frame's types."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    yield from table.to_batches(max_chunksize=rows)


def from_lazy(frame: pl.LazyFrame, rows: int) -> Iterator[pa.RecordBatch]:
    """Run a lazy frame in streaming fashion, batch by batch."""
    for chunk in frame.collect_batches(chunk_size=rows, maintain_order=True):
        yield from to_batches(chunk, rows)


def arrow_schema(schema: Schema) -> pa.Schema:
    """The Arrow types that batches of these columns have."""
    return schema.empty().collect().to_arrow(compat_level=pl.CompatLevel.oldest()).schema


def limited(batches: Iterator[pa.RecordBatch], limit: int | None) -> Iterator[pa.RecordBatch]:
    """The first `limit` rows."""
    if limit is None:
        yield from batches
        return
    left = limit
    for batch in batches:
        if left <= 0:
            return
        part = batch.slice(0, left)
        left -= part.num_rows
        yield part
        if left <= 0:
            return
