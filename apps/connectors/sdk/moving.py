"""Moving rows without reading them: a source that speaks SQL, a target that takes what it says.

A connector whose `capabilities.moves_rows` is true says with `origin` how its own SQL names the rows of a read, and
takes with `take` the rows of a statement of another connector of its type. What comes between, transforms
as SQL, is the caller's: `apps.connectors.nodes.moving`.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from apps.connectors.sdk.errors import ConnectorError
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
    """Rows of a source on their way: who gives them, and the SELECT that says which."""

    source: Any
    origin: Origin
    relation: Relation


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the source expects: rows that it looks at, rows that come out."""

    scanned: int
    rows: int


class SourceFailedError(Exception):
    """The side that gives the rows failed, and why."""

    def __init__(self, error: ConnectorError) -> None:
        super().__init__(str(error))
        self.error = error
