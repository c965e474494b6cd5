"""Files that people uploaded, or that workflows wrote."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pyarrow as pa

from apps.connectors.catalog.files.options import FileFormat
from apps.connectors.sdk import (
    BatchStream,
    Capabilities,
    Connector,
    ConnectorConfig,
    ConnectorError,
    ReadRequest,
    Table,
    WriteMode,
    WriteRequest,
    WriteResult,
    failure,
)
from apps.connectors.sdk.batches import Quarantine, arrow_schema, from_lazy, limited, to_batches, to_frame
from apps.connectors.sdk.frames import selected
from apps.connectors.sdk.storage import StoredFile, check_name
from apps.connectors.sdk.writes import Counted, cast_batches, check_request, check_target
from apps.nodes.columns import Column, Schema


class FilesConfig(ConnectorConfig):
    """Nothing to set: the files belong to the connector."""


class Files(Connector[FilesConfig]):
    """Tables in files: CSV, JSON, NDJSON, Parquet, Excel and Avro.

    `table` is the file's name, `book.xlsx#Sheet` a sheet of a workbook (the first one if none is named).
    CSV: types are found from all values; an empty unquoted cell is null, `""` is empty text; numbers with
    leading zeros stay text. A line with the wrong number of cells, or a value that is not of its column's
    type, fails the read or is quarantined, as `format.onBadLine` says. Files are written whole: whoever reads
    at the same time sees the old one or the new one. Text that a spreadsheet would run as a formula gets an
    apostrophe before it in CSV (`format.escapeFormulas`), and is plain text in Excel.
    """

    type = "files"
    label = "Files"
    description = "CSV, JSON, Parquet, Excel and Avro files that you upload"
    category = "file"
    icon = "file-spreadsheet"
    color = "#2f9e44"
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_modes=frozenset({WriteMode.APPEND, WriteMode.REPLACE}),
        transactions=True,
        staging_swap=True,
        exact_types=False,
        pushes_columns=True,
        pushes_limit=True,
        lazy_scan=True,
        stores_files=True,
        quarantines=True,
    )
    Config = FilesConfig

    def probe(self) -> str:
        return f"{len(self.context.storage.files())} files"

    def discover(self, table: str | None = None) -> Sequence[Table]:
        if table is not None:
            return [self._table(table, ReadRequest(table=table))]
        found = []
        for file in self.context.storage.files():
            for name in self._parts(file):
                try:
                    found.append(self._table(name, ReadRequest(table=name)))
                except ConnectorError:
                    continue  # a file that is no table, or broken: reading it says why
        return found

    def read(self, request: ReadRequest) -> BatchStream:
        from apps.connectors.catalog.files import csv_read, formats

        file, kind, path, _ = self._locate(request)
        frame = self.scan(request)
        if frame is not None:
            return BatchStream(self._schema(request), self._lazily(frame, file.name, request.batch_rows))
        if kind != "csv":
            raise failure("unsupported", f"{kind} cannot be read")
        options = _options(file.name, request.format)
        schema = csv_read.Profile.from_json(self._facts(file, path, options)).schema
        wanted = selected(schema, request.columns)
        quarantine = Quarantine()

        def batches() -> Iterator[pa.RecordBatch]:
            with formats.reading(file.name):
                for chunk in csv_read.read(path, options, schema, quarantine):
                    yield from to_batches(chunk.select(wanted.names), request.batch_rows)

        return BatchStream(wanted, limited(batches(), request.limit), quarantine=quarantine)

    def scan(self, request: ReadRequest) -> pl.LazyFrame | None:
        from apps.connectors.catalog.files import csv_read, formats

        file, kind, path, sheet = self._locate(request)
        if kind == "csv":
            options = _options(file.name, request.format)
            facts = csv_read.Profile.from_json(self._facts(file, path, options))
            if not facts.clean:
                return None
            frame, schema = csv_read.scan(path, options, facts.schema), facts.schema
        else:
            frame, schema = formats.scan(kind, path, file.name, sheet, self.context.limits)
        if request.limit is not None:
            frame = frame.head(request.limit)
        return frame if request.columns is None else frame.select(selected(schema, request.columns).names)

    def write(self, batches: Iterable[pa.RecordBatch], request: WriteRequest) -> WriteResult:
        from apps.connectors.catalog.files import formats, writers

        check_request(request, self.capabilities, self.label)
        name, sheet = formats.split(request.table)
        check_name(name)
        kind = formats.kind_of(name)
        options = _options(name, request.format)
        counted = Counted(batches)
        old = self.context.storage.find(name)
        appending = old is not None and request.mode is WriteMode.APPEND
        with self.context.storage.writing(name) as path:
            if old is not None and appending and kind in ("csv", "ndjson"):
                schema, rows = self._lined_up(request, counted)
                _copy_lines(self.context.storage.path(old), path)
                add = writers.write_csv if kind == "csv" else writers.write_ndjson
                add(path, rows, schema, options, more=True)
            elif appending:
                self._rewrite(kind, path, counted, request, options)
            elif kind == "xlsx" and sheet is not None:
                writers.write_xlsx(path, counted, request.schema, options, sheet=sheet)
            else:
                writers.WRITERS[kind](path, counted, request.schema, options)
        return WriteResult(counted.rows, counted.rows, old is None)

    def _rewrite(
        self, kind: str, path: Path, batches: Iterable[pa.RecordBatch], request: WriteRequest, options: FileFormat
    ) -> None:
        """The old rows and the new ones into a fresh file."""
        from apps.connectors.catalog.files import writers

        schema, rows = self._lined_up(request, batches)
        with self.read(ReadRequest(table=request.table)) as old:
            if kind == "json":
                writers.write_json(path, rows, schema, options, before=(old, old.schema))
                return
            flatten = writers.FLATTENED.get(kind, writers.as_it_is)
            new = (batch for rows_ in rows for batch in to_batches(flatten(to_frame(rows_, schema), schema), 2**16))
            both = itertools.chain(old, cast_batches(new, arrow_schema(old.schema)))
            writers.WRITERS[kind](path, both, old.schema, options)

    def _lined_up(
        self, request: WriteRequest, batches: Iterable[pa.RecordBatch]
    ) -> tuple[Schema, Iterator[pa.RecordBatch]]:
        """New rows with the columns of the file that is there, in its order; missing ones are null."""
        known = self._schema(ReadRequest(table=request.table, format=request.format))
        check_target(request, known)
        given = {column.name: column for column in request.schema}
        schema = Schema.of(given.get(column.name, column) for column in known)

        def lined() -> Iterator[pa.RecordBatch]:
            for batch in batches:
                columns = [
                    batch.column(field.name) if field.name in given else pa.nulls(batch.num_rows, field.type)
                    for field in arrow_schema(schema)
                ]
                yield pa.RecordBatch.from_arrays(columns, names=list(schema.names))

        return schema, lined()

    def _table(self, name: str, request: ReadRequest) -> Table:
        from apps.connectors.catalog.files import csv_read

        file, kind, path, _ = self._locate(request)
        if kind != "csv":
            return Table(name, self._schema(request))
        facts = csv_read.Profile.from_json(self._facts(file, path, _options(file.name, request.format)))
        return Table(name, facts.schema, rows=facts.rows)

    def query_schema(self, request: ReadRequest) -> Table:
        """Columns of a file read with options that differ from the usual ones."""
        return self._table(request.table or "", request)

    def _schema(self, request: ReadRequest) -> Schema:
        from apps.connectors.catalog.files import csv_read, formats

        file, kind, path, sheet = self._locate(request)
        if kind == "csv":
            schema = csv_read.Profile.from_json(self._facts(file, path, _options(file.name, request.format))).schema
        else:
            key = f"schema:{sheet or ''}"
            known = file.facts.get(key)
            if known is None:
                schema = formats.scan(kind, path, file.name, sheet, self.context.limits)[1]
                self.context.storage.remember(file, {key: [column.as_json() for column in schema]})
            else:
                schema = Schema.of(map(Column.from_json, known))
        return selected(schema, request.columns)

    def _facts(self, file: StoredFile, path: Path, options: FileFormat) -> dict[str, object]:
        """What is known of a CSV file read this way; found out the first time."""
        from apps.connectors.catalog.files import csv_read

        known = file.facts.get(options.shape)
        if known is None:
            known = csv_read.profile(path, options).as_json()
            self.context.storage.remember(file, {options.shape: known})
        return dict(known)

    def _locate(self, request: ReadRequest) -> tuple[StoredFile, str, Path, str | None]:
        from apps.connectors.catalog.files import formats

        if request.table is None:
            raise self.unsupported("reading by a query")
        name, sheet = formats.split(request.table)
        file = self.context.storage.get(name)
        return file, formats.kind_of(name), self.context.storage.path(file), sheet

    def _parts(self, file: StoredFile) -> list[str]:
        """The tables of a file: itself, or the sheets of a workbook."""
        from apps.connectors.catalog.files import formats

        if not file.name.lower().endswith(".xlsx"):
            return [file.name]
        try:
            names = formats.sheets(self.context.storage.path(file), file.name, self.context.limits)
        except ConnectorError:
            return []
        return [f"{file.name}#{sheet}" for sheet in names]

    def _lazily(self, frame: pl.LazyFrame, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        from apps.connectors.catalog.files import formats

        with formats.reading(name):
            yield from from_lazy(frame, rows)


def _options(name: str, given: Mapping[str, Any]) -> FileFormat:
    """The options of a file: those given, on top of what its ending says."""
    usual = {"separator": "\t"} if name.lower().endswith(".tsv") else {}
    return FileFormat.of(usual | dict(given))


def _copy_lines(source: Path, target: Path) -> None:
    """A text file, its last line ended."""
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        if file.seek(0, 2) == 0:
            return
        file.seek(-1, 2)
        if file.read(1) != b"\n":
            file.write(b"\n")
