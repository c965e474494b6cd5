"""The run store: where datasets lie between stages, and after the run.

A dataset is an Arrow IPC file named by the hash of its content, below `<root>/<tenant>/<execution>/`.
It is written under another name and moved into place: a reader sees all of it or nothing, and a
writer that dies leaves nothing that anyone would read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa

from apps.executions.core.dataset import Dataset
from apps.kernel.errors import Gone, NodeError
from apps.nodes.columns import Column, Schema

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")
_BATCH_ROWS = 65_536
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Pending:
    """A file that is being written; `adopt` makes a dataset of it."""

    path: Path
    schema: Schema | None


class RunStore:
    """Datasets below `root`; `area` is where this store writes, any store of the same root reads.

    All writing raises NodeError `disk_full` when there is no room, and leaves nothing behind.
    """

    def __init__(self, root: Path, area: str = "") -> None:
        self._root = root
        self._area = area

    @property
    def root(self) -> Path:
        return self._root

    def of_execution(self, tenant: str, execution: str) -> RunStore:
        """The part of one execution of one tenant; raises ValueError for what is no plain name."""
        return RunStore(self._root, f"{_plain(tenant)}/{_plain(execution)}")

    def below(self, *names: str) -> RunStore:
        """A part of this store's area, with a name of its own; raises ValueError for what is no plain name."""
        return RunStore(self._root, "/".join((self._area, *map(_plain, names))))

    # Reading

    def path(self, dataset: Dataset) -> Path:
        """Where the file lies; raises Gone once it has been removed."""
        path = self._root / dataset.path
        if not path.is_file():
            raise Gone("These rows were kept for a time and are no longer here")
        return path

    def scan(self, dataset: Dataset) -> pl.LazyFrame:
        """A lazy frame over the file; filters and columns reach it."""
        return pl.scan_ipc(self.path(dataset), glob=False)

    def slice(self, dataset: Dataset, *, offset: int, limit: int) -> pl.DataFrame:
        """Some rows, without reading the others."""
        return self.scan(dataset).slice(offset, limit).collect()

    # Writing

    def pending(self, schema: Schema | None = None) -> Pending:
        """A place for a file that someone else writes (`sink_ipc`), to be given to `adopt` or `discard`.
        `schema` is what was inferred: it tells json and nullability, which the file does not."""
        folder = self._root / self._area
        with _room():
            folder.mkdir(parents=True, exist_ok=True)
        return Pending(folder / f".{uuid.uuid4().hex}.part", schema)

    def adopt(self, pending: Pending) -> Dataset:
        """Make the written file a dataset under its content's name."""
        with _room(pending.path):
            with pa.memory_map(str(pending.path)) as source, pa.ipc.open_file(source) as reader:
                rows = sum(reader.get_batch(index).num_rows for index in range(reader.num_record_batches))
            schema = annotate(pl.Schema(pl.read_ipc_schema(pending.path)), pending.schema)
            digest = _digest(pending.path)
            size = pending.path.stat().st_size
            path = pending.path.with_name(f"{digest[:40]}.arrow")
            pending.path.replace(path)
        return Dataset(path.relative_to(self._root).as_posix(), digest, rows, size, schema)

    def discard(self, pending: Pending) -> None:
        pending.path.unlink(missing_ok=True)

    def write_frame(self, frame: pl.LazyFrame, schema: Schema | None = None) -> Dataset:
        """Store a lazy frame, streaming."""
        pending = self.pending(schema)
        with _room(pending.path):
            frame.sink_ipc(pending.path, engine="streaming")
        return self.adopt(pending)

    def write_batches(self, batches: Iterable[pa.RecordBatch], schema: Schema) -> Dataset:
        """Store Arrow record batches as they come; columns that come in another Arrow type of the same
        meaning are cast to the schema's."""
        wanted = schema.to_polars()
        pending = self.pending(schema)
        with _room(pending.path):
            target = pl.DataFrame(schema=wanted).to_arrow().schema
            with pa.OSFile(str(pending.path), "wb") as sink, pa.ipc.new_file(sink, target) as writer:
                for batch in batches:
                    for part in _conform(batch, wanted, target):
                        writer.write_batch(part)
        return self.adopt(pending)

    def take_over(self, dataset: Dataset) -> Dataset:
        """The same rows in this store's own area, where no other execution's retention reaches them; no byte is
        copied where the file system has links. Raises Gone."""
        source = self.path(dataset)
        folder = self._root / self._area
        target = folder / source.name
        with _room():
            folder.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                pending = folder / f".{uuid.uuid4().hex}.part"
                try:
                    os.link(source, pending)
                except OSError:
                    shutil.copyfile(source, pending)
                pending.replace(target)
        return replace(dataset, path=target.relative_to(self._root).as_posix())

    # Housekeeping

    def size(self) -> int:
        """Bytes on disk below this store's area."""
        return sum(path.stat().st_size for path in (self._root / self._area).rglob("*") if path.is_file())

    def delete_dataset(self, dataset: Dataset) -> None:
        (self._root / dataset.path).unlink(missing_ok=True)

    def delete_execution(self, tenant: str, execution: str) -> None:
        """Remove everything that an execution stored; harmless if there is nothing."""
        shutil.rmtree(self._root / _plain(tenant) / _plain(execution), ignore_errors=True)

    def clear(self) -> None:
        """Remove everything in this store's area."""
        assert self._area
        shutil.rmtree(self._root / self._area, ignore_errors=True)

    def clear_unfinished(self) -> None:
        """Remove what a writer that died left behind; only while nobody writes to this area."""
        for path in (self._root / self._area).glob(".*.part"):
            path.unlink(missing_ok=True)


def annotate(found: pl.Schema, inferred: Schema | None) -> Schema:
    """The columns of a file, with what the inference knew of columns of the same name and Arrow type."""
    columns = []
    for column in Schema.from_polars(found):
        known = inferred.get(column.name) if inferred is not None else None
        same = known is not None and known.type.to_polars() == found[column.name]
        columns.append(Column(column.name, known.type, known.nullable) if known is not None and same else column)
    return Schema(tuple(columns))


def _conform(batch: pa.RecordBatch, wanted: pl.Schema, target: pa.Schema) -> Iterator[pa.RecordBatch]:
    if batch.schema.equals(target):
        yield batch
        return
    frame = pl.DataFrame(pl.from_arrow(batch)).select(wanted.names()).cast(wanted)
    yield from frame.to_arrow().cast(target).to_batches(max_chunksize=_BATCH_ROWS)


def _plain(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError(f"{name!r} cannot name a folder of the run store")
    return name


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def is_disk_full(error: BaseException) -> bool:
    """Whether an error of the operating system, of Arrow or of Polars says that there is no room."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    text = str(error)
    return os.strerror(errno.ENOSPC) in text or os.strerror(errno.EDQUOT) in text


def disk_full() -> NodeError:
    return NodeError(
        "There is no room left for the rows of this run",
        code="disk_full",
        remedy="Free space in the run store, shorten the retention of runs, or filter earlier in the workflow.",
    )


@contextmanager
def _room(pending: Path | None = None) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if pending is not None:
            pending.unlink(missing_ok=True)
        if isinstance(error, Exception) and is_disk_full(error):
            raise disk_full() from error
        raise
