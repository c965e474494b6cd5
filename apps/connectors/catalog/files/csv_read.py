"""CSV, line by line accounted for: a line is read whole or named as bad, never cut or filled up.

Arrow's tokeniser tells the lines whose number of cells is wrong; cells that are not of their column's type
are found while they are converted. What was found out about a file is kept with it, so that a clean file
is later read by Polars' own lazy scan.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from apps.connectors.catalog.files.inference import Inference, convert
from apps.connectors.catalog.files.options import FileFormat
from apps.connectors.sdk.batches import BadLine, Quarantine
from apps.connectors.sdk.errors import failure
from apps.nodes.columns import Column, Schema

_BLOCK: Final = 4 * 2**20
_MAX_COLUMNS: Final = 5_000
_PROFILED_BYTES: Final = 256 * 2**20
_SAMPLE_BYTES: Final = 64 * 2**20

# Arrow bounds a record by its block; the standard library's own bound of 128 kB would only hide where one begins.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Profile:
    """`clean`: the whole file was looked at, no line is bad, and Polars counts the same rows."""

    schema: Schema
    rows: int | None
    bad: int
    clean: bool

    def as_json(self) -> dict[str, Any]:
        columns = [column.as_json() for column in self.schema]
        return {"columns": columns, "rows": self.rows, "bad": self.bad, "clean": self.clean}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Profile:
        return cls(Schema.of(map(Column.from_json, value["columns"])), value["rows"], value["bad"], value["clean"])


def profile(path: Path, options: FileFormat) -> Profile:
    """Look a file through: all of it, or the first part of a very large one."""
    size = path.stat().st_size
    whole = size <= _PROFILED_BYTES
    head = _header(path, options)
    inference = Inference(head.names)
    rows = passed = 0
    bad = Quarantine()
    for chunk in _chunks(path, options, head, bad):
        frame = chunk.drop("\x00line")
        inference.add(frame)
        rows += frame.height
        passed += int(frame.estimated_size())
        if not whole and passed > _SAMPLE_BYTES:
            break
    schema = inference.schema
    clean = whole and not len(bad) and _plain(options) and _polars_counts(path, options, schema) == rows
    return Profile(schema, rows if whole else None, len(bad), clean)


def scan(path: Path, options: FileFormat, schema: Schema) -> pl.LazyFrame:
    """A clean file as a lazy frame; types that Polars' reader spells otherwise are converted behind it."""
    direct = {"int64": pl.Int64(), "float64": pl.Float64(), "date": pl.Date()}
    types = {column.name: direct.get(str(column.type), pl.String()) for column in schema}
    frame = pl.scan_csv(
        path,
        separator=options.separator,
        quote_char=options.quote,
        has_header=options.header,
        schema=types,
        infer_schema=False,
    )
    others = [convert(column.name, column.type) for column in schema if str(column.type) not in direct]
    changed = [expression for column, expression in zip(
        (column for column in schema if str(column.type) not in direct), others, strict=True
    ) if column.type.name != "string"]  # fmt: skip
    return frame.with_columns(changed) if changed else frame


def read(path: Path, options: FileFormat, schema: Schema, quarantine: Quarantine) -> Iterator[pl.DataFrame]:
    """Frames of the rows that are well-formed; bad lines go to `quarantine`, or the first one raises
    `malformed_rows`, as the options say."""
    head = _header(path, options)

    def lines(records: set[int]) -> dict[int, int]:
        return _lines(path, options, head, records)

    bad = quarantine if options.on_bad_line == "quarantine" else _FirstFails(lines)
    for chunk in _chunks(path, options, head, bad):
        converted = chunk.select([*(convert(column.name, column.type) for column in schema), "\x00line"])
        wrong = [
            chunk[column.name].is_not_null() & converted[column.name].is_null()
            for column in schema
            if column.type.name != "string"
        ]
        broken = pl.Series([False]).new_from_index(0, chunk.height) if not wrong else _any(wrong)
        if broken.any():
            _report(chunk.filter(broken), schema, converted.filter(broken), options, bad)
            converted = converted.filter(~broken)
        yield converted.drop("\x00line")
    quarantine.renumber(lines)


class _FirstFails(Quarantine):
    def __init__(self, lines: Callable[[set[int]], dict[int, int]]) -> None:
        super().__init__()
        self._find = lines

    def add(self, line: BadLine) -> None:
        number = self._find({line.line})[line.line]
        raise failure("malformed_rows", f"line {number}: {line.reason}: {line.text[:200]!r}")


def _lines(path: Path, options: FileFormat, head: _Header, records: set[int]) -> dict[int, int]:
    """The line of the file on which each of these records begins: Arrow counts records, and a quoted cell
    may hold line breaks, and empty lines are no records."""
    found: dict[int, int] = {}
    last, record = max(records), head.lines
    with path.open(encoding=_decoding(options.encoding), errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=options.separator, **_quoting(options))
        begins = 1
        for cells in reader:
            if begins > head.lines and (cells or len(head.names) == 1):
                record += 1
                if record in records:
                    found[record] = begins
                if record >= last:
                    break
            begins = reader.line_num + 1
    return {number: found.get(number, number) for number in records}


def _open_record(path: Path, options: FileFormat, head: _Header) -> int | None:
    """The record whose quote is never closed: it has swallowed every line behind it. None where all are closed."""
    if options.quote is None or not _odd(path, options.quote.encode()):
        return None
    record, begins, end = head.lines, 1, ["\x00end"]
    with path.open(encoding=_decoding(options.encoding), errors="replace", newline="") as file:
        reader = csv.reader(itertools.chain(file, end), delimiter=options.separator, **_quoting(options))
        for cells in reader:
            if cells == end:
                return None
            if begins > head.lines and (cells or len(head.names) == 1):
                record += 1
            begins = reader.line_num + 1
    if record == head.lines:
        raise failure("invalid_file", "a quote in the first line is never closed")
    return record


def _odd(path: Path, sign: bytes) -> bool:
    """Whether a sign stands in a file an odd number of times; a quote that does may be left open."""
    with path.open("rb") as file:
        return sum(block.count(sign) for block in iter(lambda: file.read(2**20), b"")) % 2 == 1


def _any(masks: list[pl.Series]) -> pl.Series:
    result = masks[0]
    for mask in masks[1:]:
        result |= mask
    return result


def _report(rows: pl.DataFrame, schema: Schema, converted: pl.DataFrame, options: FileFormat, bad: Quarantine) -> None:
    for cells, values in zip(rows.iter_rows(named=True), converted.iter_rows(named=True), strict=True):
        column = next(item for item in schema if cells[item.name] is not None and values[item.name] is None)
        text = options.separator.join("" if cells[name] is None else cells[name] for name in schema.names)
        reason = f"{cells[column.name][:80]!r} in column {column.name!r} is not {column.type}"
        bad.add(BadLine(cells["\x00line"], text, reason))


@dataclass(frozen=True, slots=True)
class _Header:
    names: tuple[str, ...]
    lines: int


def _header(path: Path, options: FileFormat) -> _Header:
    """Column names, and how many lines of the file they take. Raises `invalid_file`."""
    try:
        # Broken characters further down are for the reader to judge; only the header's own are fatal.
        with path.open(encoding=_decoding(options.encoding), errors="replace", newline="") as file:
            reader = csv.reader(_bounded(file), delimiter=options.separator, **_quoting(options))
            cells = next(reader, None)
            lines = reader.line_num
    except (UnicodeError, csv.Error) as error:
        raise failure("invalid_file", f"the first line cannot be read as {options.encoding} CSV: {error}") from error
    if cells is None:
        return _Header((), 0)
    if options.header and any("\ufffd" in cell for cell in cells):
        raise failure("invalid_file", f"the first line is not {options.encoding}", remedy="Set format.encoding.")
    if len(cells) > _MAX_COLUMNS:
        raise failure("invalid_file", f"the first line has {len(cells):,} cells; {_MAX_COLUMNS:,} are the most")
    if not options.header:
        return _Header(tuple(f"column_{number}" for number in range(1, len(cells) + 1)), 0)
    return _Header(unique_names(cells), lines)


def _bounded(file: Any) -> Iterator[str]:
    while line := file.readline(2**20):
        yield line


def unique_names(cells: list[str]) -> tuple[str, ...]:
    """Names for columns: an empty one is numbered, a repeated one gets a number behind."""
    names: dict[str, None] = {}
    for place, cell in enumerate(cells, 1):
        base = cell.replace("\x00", "").strip() or f"column_{place}"
        candidates = itertools.chain([base], (f"{base}_{number}" for number in itertools.count(2)))
        names[next(name for name in candidates if name not in names)] = None
    return tuple(names)


def _quoting(options: FileFormat) -> dict[str, Any]:
    return {"quoting": csv.QUOTE_NONE} if options.quote is None else {"quotechar": options.quote}


def _decoding(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _plain(options: FileFormat) -> bool:
    return options.encoding == "utf-8" and not options.null_values


def _polars_counts(path: Path, options: FileFormat, schema: Schema) -> int | None:
    """Rows as Polars reads them with these types; None where it cannot."""
    if not len(schema):
        return None
    try:
        counted = scan(path, options, schema).select(pl.all().count(), pl.len().alias("\x00rows")).collect()
        return int(counted["\x00rows"][0])
    except pl.exceptions.PolarsError:
        return None


def _chunks(path: Path, options: FileFormat, head: _Header, bad: Quarantine) -> Iterator[pl.DataFrame]:
    """The well-shaped records as text columns, with their line numbers in the column `\\x00line`."""
    if not head.names:
        return
    shape = _Shape(head, bad)
    unclosed = _open_record(path, options, head)
    utf8 = options.encoding == "utf-8"
    kind = pa.binary() if utf8 else pa.string()
    try:
        reader = arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK,
                column_names=list(head.names),
                skip_rows=head.lines,
                encoding="utf8" if utf8 else options.encoding,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=options.separator,
                quote_char=options.quote or False,
                newlines_in_values=options.quote is not None,
                ignore_empty_lines=len(head.names) > 1,
                invalid_row_handler=shape.refuse,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(head.names, kind),
                null_values=["", *options.null_values],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        for batch in reader:
            shape.flush()
            yield shape.closed(shape.numbered(batch, utf8=utf8), unclosed, options.separator)
        shape.flush()
    except (pa.ArrowException, UnicodeError) as error:
        if "Empty CSV" in str(error):
            shape.flush()
            return
        raise failure("invalid_file", f"the file cannot be read as {options.encoding} CSV: {error}") from error


class _Shape:
    """Follows which records were refused for their number of cells, so that the others keep their numbers."""

    def __init__(self, head: _Header, bad: Quarantine) -> None:
        self._head = head
        self._bad = bad
        self._refused: list[int] = []
        self._waiting: list[BadLine] = []
        self._next = head.lines + 1

    def refuse(self, row: Any) -> str:
        self._waiting.append(
            BadLine(row.number, row.text, f"{row.actual_columns} cells instead of {row.expected_columns}")
        )
        return "skip"

    def flush(self) -> None:
        """Report what was refused; exceptions must not rise through Arrow's own thread."""
        for line in self._waiting:
            self._refused.append(line.line)
            self._bad.add(line)
        self._waiting.clear()

    def numbered(self, batch: pa.RecordBatch, *, utf8: bool) -> pl.DataFrame:
        numbers: list[int] = []
        refused = set(self._refused)
        while len(numbers) < batch.num_rows:
            if self._next not in refused:
                numbers.append(self._next)
            self._next += 1
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        frame = frame.with_columns(pl.Series("\x00line", numbers, dtype=pl.Int64))
        return self._decoded(frame) if utf8 else frame

    def closed(self, frame: pl.DataFrame, unclosed: int | None, separator: str) -> pl.DataFrame:
        """Without the record whose quote stays open, which is reported."""
        found = frame.filter(pl.col("\x00line") == unclosed) if unclosed is not None else frame.clear()
        for cells in found.iter_rows(named=True):
            text = separator.join(cells[name] or "" for name in self._head.names)
            self._bad.add(BadLine(cells["\x00line"], text, "a quote is never closed"))
        return frame.filter(pl.col("\x00line") != unclosed) if found.height else frame

    def _decoded(self, frame: pl.DataFrame) -> pl.DataFrame:
        names = list(self._head.names)
        try:
            return frame.with_columns(pl.col(names).cast(pl.String))
        except pl.exceptions.ComputeError:
            pass  # somewhere in this chunk: look at its lines one by one
        broken = pl.Series([any(not _is_utf8(cell) for cell in row) for row in frame.select(names).iter_rows()])
        for cells in frame.filter(broken).iter_rows(named=True):
            line = b",".join(cells[name] or b"" for name in names).decode(errors="replace")
            self._bad.add(BadLine(cells["\x00line"], line, "not valid UTF-8"))
        return frame.filter(~broken).with_columns(pl.col(names).cast(pl.String))


def _is_utf8(cell: bytes | None) -> bool:
    try:
        return cell is None or cell.decode() is not None
    except UnicodeDecodeError:
        return False
