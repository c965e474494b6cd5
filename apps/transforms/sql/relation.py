"""Rows as SQL sees them: a SELECT, and what is known of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from apps.nodes.columns import Column, DataType, Schema
from apps.transforms.sql.text import NotInSql, quoted

LONGEST = 200_000
"""Characters of one statement: beyond, planning it costs more than it saves."""


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column of a SELECT. `own` is the database's own type while the column has come through untouched from
    the source, and `read` then makes of it what an expression sees; None once it is of the type of `column`.
    `check` is SQL of the value that fails where nothing but the database could hold it."""

    column: Column
    own: str | None = None
    read: Callable[[str], str] | None = None
    check: Callable[[str], str] | None = None

    def checked(self, value: str) -> str:
        """The value, sure to be one that UZO could read."""
        return value if self.check is None else self.check(value)

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def type(self) -> DataType:
        return self.column.type

    def renamed(self, name: str) -> SqlColumn:
        return replace(self, column=Column(name, self.column.type, self.column.nullable))

    def retyped(self) -> SqlColumn:
        """The column once an expression has made it."""
        return SqlColumn(self.column)


@dataclass(frozen=True, slots=True)
class Relation:
    """A SELECT whose rows are called `t` by whoever builds on it. `ordered`: its last clause sorts."""

    columns: tuple[SqlColumn, ...]
    statement: str
    ordered: bool = False

    @classmethod
    def of(cls, origin: str, columns: Iterable[SqlColumn]) -> Relation:
        """All rows of a table, or of a query in parentheses."""
        kept = tuple(columns)
        names = ", ".join(f"t.{quoted(each.name)}" for each in kept)
        return cls(kept, f"SELECT {names} FROM {origin} AS t")

    @property
    def schema(self) -> Schema:
        return Schema(tuple(each.column for each in self.columns))

    def column(self, name: str) -> SqlColumn:
        for each in self.columns:
            if each.name == name:
                return each
        raise NotInSql(f"there is no column {name!r}")

    def read(self, name: str) -> str:
        """The column as an expression sees it: of its type, text in the order of code points."""
        found = self.column(name)
        plain = found.checked(f"t.{quoted(name)}")
        value = plain if found.read is None else found.read(plain)
        return f'({value} COLLATE "C")' if found.type.is_text else value

    def unchecked(self) -> Relation:
        """The same for a condition or an order, which lets an index be used; what comes out is checked."""
        return replace(self, columns=tuple(replace(each, check=None) for each in self.columns))

    def select(
        self,
        items: Iterable[tuple[SqlColumn, str]],
        *,
        where: str | None = None,
        clauses: str = "",
        ordered: bool = False,
    ) -> Relation:
        """Rows made of these: each column with its SQL over `t`."""
        chosen = tuple(items)
        listed = ", ".join(f"{value} AS {quoted(column.name)}" for column, value in chosen)
        sql = f"SELECT {listed} FROM ({self.statement}) AS t"
        if where is not None:
            sql += f" WHERE {where}"
        if len(sql) + len(clauses) > LONGEST:
            raise NotInSql("a statement so long")
        return Relation(tuple(column for column, _ in chosen), sql + clauses, ordered)

    def all(self) -> list[tuple[SqlColumn, str]]:
        """Every column as it is."""
        return [(each, f"t.{quoted(each.name)}") for each in self.columns]
