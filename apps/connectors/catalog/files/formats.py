"""The kinds of files, by ending: how each is scanned and what sheets or columns it has."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from apps.connectors.catalog.files.archives import check_workbook
from apps.connectors.sdk.context import Limits
from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.frames import normalised
from apps.nodes.columns import NULL, STRING, Column, Schema

CSV: Final = ("csv", "tsv", "txt")
ENDINGS: Final = dict.fromkeys(CSV, "csv") | {
    "json": "json",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "parquet": "parquet",
    "xlsx": "xlsx",
    "avro": "avro",
}


def kind_of(name: str) -> str:
    """The format that a file's name says; raises `unsupported`."""
    ending = name.rpartition(".")[2].lower()
    kind = ENDINGS.get(ending)
    if kind is None:
        raise failure(
            "unsupported",
            f"{name!r} is of no kind that can be read as a table",
            remedy="Use .csv, .tsv, .json, .ndjson, .parquet, .xlsx or .avro.",
        )
    return kind


def split(table: str) -> tuple[str, str | None]:
    """`book.xlsx#Sheet` as the name of the file and that of the sheet."""
    name, mark, sheet = table.partition("#")
    return name, sheet if mark else None


@contextlib.contextmanager
def reading(name: str) -> Iterator[None]:
    """Turns what readers raise about a broken file into `invalid_file`."""
    try:
        yield
    except ConnectorError:
        raise
    except (pl.exceptions.PolarsError, pa.ArrowException, OSError, ValueError, EOFError) as error:
        raise failure("invalid_file", f"{name!r} cannot be read: {_brief(error)}") from None
    except BaseException as error:
        # Polars' Rust panics are no Exceptions; a broken file may cause one, and must not end the process.
        if type(error).__name__ != "PanicException":
            raise
        raise failure("invalid_file", f"{name!r} cannot be read: its content is broken") from None


def _brief(error: BaseException) -> str:
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__


def scan(kind: str, path: Path, name: str, sheet: str | None, limits: Limits) -> tuple[pl.LazyFrame, Schema]:
    """A file other than CSV as a lazy frame with types that travel."""
    with reading(name):
        frame, schema = normalised(_scanned(kind, path, name, sheet, limits))
    return _without_null_type(frame, schema)


def _scanned(kind: str, path: Path, name: str, sheet: str | None, limits: Limits) -> pl.LazyFrame:
    if kind == "parquet":
        return pl.scan_parquet(path, glob=False)
    if kind == "ndjson":
        return pl.scan_ndjson(path, infer_schema_length=None) if path.stat().st_size else pl.LazyFrame()
    if path.stat().st_size > limits.in_memory_file_bytes:
        raise failure("file_too_large", f"{name!r} is larger than {limits.in_memory_file_bytes:,} bytes")
    if kind == "json":
        return _json(path, name).lazy()
    if kind == "avro":
        return pl.read_avro(path).lazy()
    return _sheet(path, sheet, limits).lazy()


def _json(path: Path, name: str) -> pl.DataFrame:
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"[", b"{"):
        raise failure("invalid_file", f"{name!r} holds neither a list of objects nor an object")
    frame = pl.read_json(path, infer_schema_length=None)
    if start == b"[" and frame.columns == [""]:
        raise failure("invalid_file", f"{name!r} must hold a list of objects, not of plain values")
    return frame


def sheets(path: Path, name: str, limits: Limits) -> list[str]:
    """Names of the sheets of a workbook, in its order."""
    import fastexcel

    check_workbook(path, limit=limits.unpacked_bytes)
    try:
        return list(fastexcel.read_excel(path.read_bytes()).sheet_names)
    except fastexcel.FastExcelError as error:
        raise failure("invalid_file", f"{name!r} cannot be read: {_brief(error)}") from None


def _sheet(path: Path, sheet: str | None, limits: Limits) -> pl.DataFrame:
    import fastexcel

    check_workbook(path, limit=limits.unpacked_bytes)
    try:
        book = fastexcel.read_excel(path.read_bytes())
        if sheet is not None and sheet not in book.sheet_names:
            raise failure("unknown_table", f"there is no sheet {sheet!r}; there are: {', '.join(book.sheet_names)}")
        return _typed(book.load_sheet(sheet if sheet is not None else 0).to_polars())
    except fastexcel.FastExcelError as error:
        raise failure("invalid_file", f"the workbook cannot be read: {_brief(error)}") from None


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """A workbook knows only floats and time stamps: whole numbers and whole days get their own types."""
    changes = []
    for column in frame.iter_columns():
        known = column.drop_nulls()
        if known.is_empty():
            continue
        if column.dtype == pl.Float64 and known.is_finite().all() and (known.abs() <= 2.0**53).all():
            if (known == known.round()).all():
                changes.append(column.cast(pl.Int64))
        elif isinstance(column.dtype, pl.Datetime) and (known.dt.time() == dt.time()).all():
            changes.append(column.cast(pl.Date))
    return frame.with_columns(changes)


def _without_null_type(frame: pl.LazyFrame, schema: Schema) -> tuple[pl.LazyFrame, Schema]:
    """Columns of nothing but nulls are text, so that they can be written and compared."""
    empty = [column.name for column in schema if column.type == NULL]
    if not empty:
        return frame, schema
    columns = (Column(column.name, STRING) if column.type == NULL else column for column in schema)
    return frame.with_columns(pl.col(empty).cast(pl.String)), Schema.of(columns)
