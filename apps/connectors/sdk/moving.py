"""Moving rows without reading them: a source that speaks SQL, a target that takes what it says.

A connector whose `capabilities.moves_rows` is true says with `origin` how its own SQL names the rows of a read, and
takes with `take` the rows of a statement of another connector of its type. What comes between, transforms
as SQL, is the caller's: `apps.connectors.nodes.moving`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from apps.connectors.sdk.errors import ConnectorError
from apps.nodes.columns import Schema
from apps.transforms.sql.relation import Relation, SqlColumn


@dataclass(frozen=True, slots=True)
class Origin:
    """The rows of a read, as their own database names them: a table, or a query in parentheses.

    `settings` are the values of the query's parameters. `place` tells database and account; `table` is the
    table's own id where it is an ordinary one, that nothing but itself decides the rows of; `rows` how many
    it has, as far as the catalog of the database knows.
    """

    sql: str
    columns: tuple[SqlColumn, ...]
    place: Hashable
    settings: tuple[str, ...] = ()
    table: int | None = None
    rows: int | None = None

    def relation(self) -> Relation:
        """All the rows."""
        return Relation.of(self.sql, self.columns)


@dataclass(frozen=True, slots=True)
class Statement:
    """Rows of a source on their way: who gives them, and the SELECT that says which. `repeatable`: asked
    twice of the same data it gives the same rows, and its first rows without working out all of them."""

    source: Any
    origin: Origin
    relation: Relation
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the source expects: rows that it looks at, rows that come out."""

    scanned: int
    rows: int


class FirstRows:
    """The first of the rows that move, kept so that they can be looked at: `most` of them, fewer where these
    would take more than `most_bytes`. `schema` is None until someone has begun to tell them; `passed`: how many
    rows have moved so far, first or not, as far as whoever moves them knows."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.schema: Schema | None = None
        self.passed: int | None = None
        self.batches: list[pa.RecordBatch] = []
        self._rows = 0
        self._bytes = 0

    @property
    def full(self) -> bool:
        return self._rows >= self.most or self._bytes >= self.most_bytes

    def add(self, batch: pa.RecordBatch) -> None:
        """Keep of a batch what there is room for."""
        if self.full:
            return
        room = self.most_bytes - self._bytes
        fitting = batch.num_rows if batch.nbytes <= room else max(1, batch.num_rows * room // batch.nbytes)
        part = batch.slice(0, min(self.most - self._rows, fitting))
        self.batches.append(part)
        self._rows += part.num_rows
        self._bytes += part.nbytes if fitting == batch.num_rows else room

    def read(self, schema: Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Take as many as are wanted."""
        self.schema = schema
        for batch in batches:
            self.add(batch)
            if self.full:
                return

    def watch(self, schema: Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches as they pass."""
        self.schema = schema
        for batch in batches:
            self.add(batch)
            yield batch


class UnrepeatableError(Exception):
    """The rows would pass unread, and asking for the first of them once more might give others."""


class SourceFailedError(Exception):
    """The side that gives the rows failed, and why."""

    def __init__(self, error: ConnectorError) -> None:
        super().__init__(str(error))
        self.error = error
