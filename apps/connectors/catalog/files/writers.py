"""Writing files of each kind from record batches. The caller makes it atomic."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
from pyarrow import parquet

from apps.connectors.catalog.files.options import FileFormat
from apps.connectors.sdk.batches import arrow_schema, to_frame
from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.frames import as_json
from apps.connectors.sdk.writes import cast_batches
from apps.nodes.columns import Schema

Batches = Iterable[pa.RecordBatch]
_FORMULA: Final = r"^[=+\-@\t\r]"
_NUMERIC: Final = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_EXCEL_ROWS: Final = 1_048_575
_EXCEL_COLUMNS: Final = 16_384
_EXACT: Final = 2**53
_CELL_CHARACTERS: Final = 32_767


def disarmed(text: pl.Expr) -> pl.Expr:
    """Text that a spreadsheet would run as a formula, with an apostrophe before; numbers stay as they are."""
    dangerous = text.str.contains(_FORMULA) & ~text.str.contains(_NUMERIC)
    return pl.when(dangerous).then(pl.lit("'") + text).otherwise(text)


def flat(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """What cells of text and numbers can hold: lists as JSON, binary as base64, durations as ISO 8601."""
    changes = []
    for column in schema:
        cell = pl.col(column.name)
        if column.type.name == "list":
            changes.append(as_json(column.name, column.type.to_polars()))
        elif column.type.name == "binary":
            changes.append(cell.bin.encode("base64"))
        elif column.type.name == "duration" or column.type.name == "time":  # noqa: PLR1714
            changes.append(cell.dt.to_string("iso"))
    return frame.with_columns(changes)


def _disarm(frame: pl.DataFrame) -> pl.DataFrame:
    text = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    frame = frame.with_columns(disarmed(pl.col(name)).alias(name) for name in text)
    names = pl.DataFrame({"name": frame.columns}).select(disarmed(pl.col("name"))).to_series().to_list()
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def write_csv(path: Path, batches: Batches, schema: Schema, options: FileFormat, *, more: bool = False) -> None:
    """`more`: lines are added to a file that has its header."""
    if options.encoding != "utf-8":
        raise failure("unsupported", "CSV is written as UTF-8", remedy="Leave out format.encoding.")
    with path.open("ab" if more else "wb") as file:
        header = options.header and not more
        for frame in _frames(batches, schema):
            cells = flat(frame, schema)
            (_disarm(cells) if options.escape_formulas else cells).write_csv(
                file,
                include_header=header,
                separator=options.separator,
                quote_char=options.quote or '"',
                quote_style="never" if options.quote is None else "necessary",
                null_value=options.null_values[0] if options.null_values else "",
            )
            header = False


def write_ndjson(path: Path, batches: Batches, schema: Schema, options: FileFormat, *, more: bool = False) -> None:
    del options
    with path.open("ab" if more else "wb") as file:
        for frame in _frames(batches, schema):
            _plain(frame, schema).write_ndjson(file)


def write_json(
    path: Path, batches: Batches, schema: Schema, options: FileFormat, *, before: tuple[Batches, Schema] | None = None
) -> None:
    """`before`: rows of a file that is there, and their own columns, to come first."""
    del options
    with path.open("wb") as file:
        separator = b"["
        for part, columns in [*([before] if before else []), (batches, schema)]:
            for frame in _frames(part, columns):
                for line in _plain(frame, columns).write_ndjson().encode().splitlines():
                    file.write(separator + b"\n" + line)
                    separator = b","
        file.write(b"[]" if separator == b"[" else b"\n]")


def write_parquet(path: Path, batches: Batches, schema: Schema, options: FileFormat) -> None:
    del options
    types = arrow_schema(schema)
    with parquet.ParquetWriter(path, types, compression="zstd") as writer:
        for batch in cast_batches(batches, types):
            writer.write_batch(batch)


def write_avro(path: Path, batches: Batches, schema: Schema, options: FileFormat) -> None:
    """All rows are held in memory: Polars writes Avro from whole frames only."""
    del options
    frames = [avro(frame, schema) for frame in _frames(batches, schema)]
    whole = pl.concat(frames)
    # Polars cannot read back an empty block that it has compressed.
    whole.write_avro(path, compression="deflate" if whole.height else "uncompressed")


def avro(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    changes = []
    for column in schema:
        cell = pl.col(column.name)
        if column.type.is_integer and column.type.name not in ("int32", "int64"):
            changes.append(cell.cast(pl.Int64))
        elif column.type.name in ("decimal", "null", "time"):
            changes.append(cell.cast(pl.String))
        elif column.type.name == "datetime" and column.type.zone:
            changes.append(cell.dt.convert_time_zone("UTC").dt.replace_time_zone(None))
        elif column.type.name == "duration":
            changes.append(cell.dt.to_string("iso"))
    return frame.with_columns(changes)


def write_xlsx(path: Path, batches: Batches, schema: Schema, options: FileFormat, *, sheet: str = "Sheet1") -> None:
    """Row by row, in bounded memory. Text is written as text: nothing becomes a formula or a link."""
    del options
    import xlsxwriter

    if len(schema) > _EXCEL_COLUMNS:
        raise failure("value_out_of_range", f"a sheet has at most {_EXCEL_COLUMNS:,} columns")
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    try:
        page = book.add_worksheet(sheet)
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise failure("invalid_name", f"{sheet!r} cannot name a sheet") from error
    stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for place, name in enumerate(schema.names):
        page.write_string(0, place, name)
    try:
        _fill(page, batches, schema, stamp)
    except BaseException:
        # The sheet's rows wait in a temporary file, which only closing the book would remove.
        page.row_data_fh.close()
        Path(page.row_data_filename).unlink(missing_ok=True)
        raise
    book.close()


def _fill(page: Any, batches: Batches, schema: Schema, stamp: Any) -> None:
    row = 0
    for frame in _frames(batches, schema):
        for values in flat(frame, schema).iter_rows():
            row += 1
            if row > _EXCEL_ROWS:
                raise failure("value_out_of_range", f"a sheet has at most {_EXCEL_ROWS:,} rows", remedy="Write CSV.")
            for place, value in enumerate(values):
                _cell(page, row, place, value, stamp)


def _cell(page: Any, row: int, place: int, value: Any, stamp: Any) -> None:
    match value:
        case None:
            return
        case bool():
            page.write_boolean(row, place, value)
        case int() if abs(value) <= _EXACT:
            page.write_number(row, place, value)
        case float() if math.isfinite(value):
            page.write_number(row, place, value)
        case decimal.Decimal() if value.is_finite() and len(value.as_tuple().digits) <= 15:
            page.write_number(row, place, float(value))
        case dt.datetime() if value.year >= 1900:
            page.write_datetime(row, place, value.replace(tzinfo=None), stamp)
        case dt.date() if value.year >= 1900 and not isinstance(value, dt.datetime):
            page.write_datetime(row, place, value)
        case dt.datetime() | dt.date() | dt.time():
            page.write_string(row, place, value.isoformat())
        case bytes():
            page.write_string(row, place, base64.b64encode(value).decode())
        case _:
            text = str(value)
            if len(text) > _CELL_CHARACTERS:
                raise failure("value_out_of_range", f"a cell holds at most {_CELL_CHARACTERS:,} characters")
            page.write_string(row, place, text)


def _plain(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """What JSON can hold: decimals as text, binary as base64, durations as ISO 8601."""
    changes = []
    for column in schema:
        cell = pl.col(column.name)
        match column.type.name:
            case "decimal" | "time":
                changes.append(cell.cast(pl.String))
            case "binary":
                changes.append(cell.bin.encode("base64"))
            case "duration":
                changes.append(cell.dt.to_string("iso"))
    return frame.with_columns(changes)


def _frames(batches: Batches, schema: Schema) -> Iterator[pl.DataFrame]:
    """Frames of the batches; one empty frame if there are none, so that a header is written."""
    some = False
    for batch in batches:
        some = True
        yield to_frame(batch, schema)
    if not some:
        yield schema.empty().collect()


def as_it_is(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Nothing is lost in this kind of file."""
    del schema
    return frame


FLATTENED: Final[dict[str, Callable[[pl.DataFrame, Schema], pl.DataFrame]]] = {"avro": avro, "xlsx": flat}
"""How rows look once they have been in such a file: new ones are made like that before they join old ones."""
Writer = Callable[[Path, Batches, Schema, FileFormat], None]
WRITERS: Final[dict[str, Writer]] = {
    "csv": write_csv,
    "ndjson": write_ndjson,
    "json": write_json,
    "parquet": write_parquet,
    "avro": write_avro,
    "xlsx": write_xlsx,
}
