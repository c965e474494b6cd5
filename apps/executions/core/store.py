"""The run store: where datasets lie between stages, and after the run.

A dataset is an Arrow IPC file named by the hash of its content. What stages leave is shared between the
executions of a tenant, below `<tenant>/objects/<day>/`: equal rows of one day are stored once. A name is given
on its day only, so what is older gets no new reader but through one who has it, and may be collected once
nobody has (`collecting`). What an execution needs for a while only lies below `<tenant>/<execution>/`.

A file is written under another name and put into place whole: a reader sees all of it or nothing, and a writer
that dies leaves nothing that anyone would read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa

from apps.executions.core.dataset import Dataset
from apps.executions.core.objects import FolderObjects, Objects
from apps.kernel import clock
from apps.kernel.errors import Gone, NodeError
from apps.nodes.columns import Column, Schema

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")
_BATCH_ROWS = 65_536
_CHUNK = 1 << 20
_SHARED = "objects"


def shared_folder(tenant: str) -> str:
    """Where the datasets lie that a tenant's executions share, a folder for each day; raises ValueError for what
    is no plain name."""
    return f"{_plain(tenant)}/{_SHARED}"


def is_shared(name: str) -> bool:
    """Whether a file is one that several executions may need."""
    return name.split("/")[1:2] == [_SHARED]


@dataclass(frozen=True, slots=True)
class Pending:
    """A file that is being written; `adopt` makes a dataset of it."""

    path: Path
    schema: Schema | None


class RunStore:
    """Datasets of one store. `area` is where this part of it writes, `shared` where it puts what several
    executions may need; any part reads what lies in the same store. `room` is asked before a file of so many
    bytes is kept, and raises where there is none.

    All writing raises NodeError `disk_full` when there is no room on disk, and leaves nothing behind.
    """

    def __init__(
        self,
        objects: Objects | Path,
        area: str = "",
        *,
        shared: str | None = None,
        room: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._objects: Objects = FolderObjects(objects) if isinstance(objects, Path) else objects
        self._area = area
        self._shared = shared
        self._room = room

    @property
    def objects(self) -> Objects:
        return self._objects

    def of_execution(self, tenant: str, execution: str) -> RunStore:
        """The part of one execution of one tenant; raises ValueError for what is no plain name."""
        area = f"{_plain(tenant)}/{_plain(execution)}"
        return RunStore(self._objects, area, shared=shared_folder(tenant), room=self._room)

    def below(self, *names: str) -> RunStore:
        """A part of this store's area, with a name of its own, for what is needed for a while only; raises
        ValueError for what is no plain name."""
        return RunStore(self._objects, "/".join((self._area, *map(_plain, names))), room=self._room)

    # Reading

    def has(self, dataset: Dataset) -> bool:
        return self._objects.has(dataset.path)

    def scan(self, dataset: Dataset) -> pl.LazyFrame:
        """A lazy frame over the file; filters and columns reach it. Raises Gone once it has been removed."""
        if not self.has(dataset):
            raise Gone("These rows were kept for a time and are no longer here")
        return self._objects.scan(dataset.path)

    def slice(self, dataset: Dataset, *, offset: int, limit: int) -> pl.DataFrame:
        """Some rows, without reading the others."""
        return self.scan(dataset).slice(offset, limit).collect()

    # Writing

    def pending(self, schema: Schema | None = None) -> Pending:
        """A place for a file that someone else writes (`sink_ipc`), to be given to `adopt` or `discard`.
        `schema` is what was inferred: it tells json and nullability, which the file does not."""
        folder = self._objects.scratch / self._area
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
            name = self._name(digest)
            if self._objects.has(name):
                pending.path.unlink()
            else:
                self._room(size)
                self._objects.put(pending.path, name)
        return Dataset(name, digest, rows, size, schema)

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
        """The same rows as one of this part's own: what is shared stays where it is, else it is copied within the
        store. Raises Gone."""
        if self._shared is not None and dataset.path.startswith(f"{self._shared}/"):
            if not self.has(dataset):
                raise Gone("These rows were kept for a time and are no longer here")
            return dataset
        name = self._name(dataset.digest)
        with _room():
            if not self._objects.has(name):
                try:
                    self._objects.copy(dataset.path, name)
                except FileNotFoundError as error:
                    raise Gone("These rows were kept for a time and are no longer here") from error
        return replace(dataset, path=name)

    def _name(self, digest: str) -> str:
        if self._shared is None:
            return f"{self._area}/{digest}.arrow"
        return f"{self._shared}/{clock.now():%Y-%m-%d}/{digest}.arrow"

    # Housekeeping

    def delete_execution(self, tenant: str, execution: str) -> None:
        """Remove what an execution alone had; harmless if there is nothing. What it shared is collected once
        nobody needs it."""
        self._objects.delete_below(f"{_plain(tenant)}/{_plain(execution)}")

    def clear(self) -> None:
        """Remove everything in this store's area."""
        assert self._area
        self._objects.delete_below(self._area)


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
