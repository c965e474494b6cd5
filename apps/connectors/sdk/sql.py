"""SQL that is safe to build: quoted names, bound values, statements over a staging table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.requests import QueryParameters

_NAME_LIMIT: Final = 1000
_PART: Final = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
ROW: Final = "__uzo_row"
"""Column of a staging table that numbers the rows: of two with the same key the later one counts."""


def quote(name: str) -> str:
    """An identifier, whatever is in it."""
    if not name or "\x00" in name or len(name) > _NAME_LIMIT:
        raise failure("unknown_column", "a name is empty, too long or holds a NUL")
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class TableName:
    """`schema` is None where the database's own search decides."""

    schema: str | None
    name: str

    @classmethod
    def parse(cls, text: str) -> TableName:
        """Read `table`, `schema.table` or `"quo.ted"."name"`. Raises `unknown_table`."""
        parts, position = [], 0
        while position < len(text):
            match = _PART.match(text, position)
            if match is None:
                break
            parts.append(match[1].replace('""', '"') if match[1] else match[2])
            position = match.end() + 1
            if match.end() < len(text) and text[match.end()] != ".":
                break
        else:
            if 1 <= len(parts) <= 2 and not text.endswith(".") and "\x00" not in text:
                return cls(parts[0] if len(parts) == 2 else None, parts[-1])
        raise failure("unknown_table", f"{text[:80]!r} is not a table name", remedy="Write table or schema.table.")

    @property
    def sql(self) -> str:
        return quote(self.name) if self.schema is None else f"{quote(self.schema)}.{quote(self.name)}"


_TOKEN: Final = re.compile(
    r"""
      (?P<skip> '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | \$\$.*?\$\$
          | \$(?P<tag>[A-Za-z_]\w*)\$.*?\$(?P=tag)\$ | :: )
    | (?P<comment> /\* )
    | (?<![\w:]):(?P<named>[A-Za-z_]\w*)
    | \{\{\s*(?P<braced>[A-Za-z_]\w*)\s*\}\}
    | (?<!\w)\$(?P<numbered>[0-9]{1,4})
    | (?P<mark>\?)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement whose placeholders are numbered `$1`, `$2`, …, and their values in that order."""

    sql: str
    values: tuple[Any, ...] = ()


def bind(query: str, parameters: QueryParameters, *, marks: bool = False) -> Bound:
    """Number the placeholders of a query. Named parameters are written `:name` or `{{ name }}`,
    listed ones `$1`, `$2` (and `?` where `marks`). Text, quoted names and comments are left alone.

    Raises `unknown_parameter` for a placeholder without a value.
    """
    named = parameters if isinstance(parameters, Mapping) else {}
    listed = () if isinstance(parameters, Mapping) else tuple(parameters)
    values: list[Any] = []
    numbers: dict[str, int] = {}
    out: list[str] = []
    position = seen_marks = 0

    def number(key: str, value: Any) -> str:
        if key not in numbers:
            values.append(value)
            numbers[key] = len(values)
        return f"${numbers[key]}"

    def item(index: int) -> str:
        if not 1 <= index <= len(listed):
            raise _unknown(f"number {index}")
        return number(f"#{index}", listed[index - 1])

    while position < len(query):
        end, replaced = _step(query, position)
        if isinstance(replaced, str):
            out.append(replaced)
        elif (name := replaced["named"] or replaced["braced"]) is not None:
            if name in named:
                out.append(number(name, named[name]))
            elif replaced["braced"] or named:
                raise _unknown(repr(name))
            else:
                out.append(query[position:end])
        elif replaced["numbered"] is not None:
            out.append(item(int(replaced["numbered"])))
        elif marks and listed:
            seen_marks += 1
            out.append(item(seen_marks))
        else:
            out.append(query[position:end])
        position = end
    return Bound("".join(out), tuple(values))


def tokens(query: str) -> Iterator[tuple[int, int, re.Match[str] | None]]:
    """Start and end of each token, with the match where it is a placeholder."""
    position = 0
    while position < len(query):
        end, found = _step(query, position)
        yield position, end, None if isinstance(found, str) else found
        position = end


def _step(query: str, position: int) -> tuple[int, str | re.Match[str]]:
    """The end of the token here, and its text or the placeholder found."""
    if query[position] in "eE" and query[position + 1 : position + 2] == "'" and not _wordy(query, position - 1):
        match = _ESCAPED.match(query, position + 1)
        if match:
            return match.end(), query[position : match.end()]
    match = _TOKEN.match(query, position)
    if match is None:
        return position + 1, query[position]
    if match["skip"] is not None:
        return match.end(), match[0]
    if match["comment"] is not None:
        end = _comment_end(query, position)
        return end, query[position:end]
    return match.end(), match


def _wordy(query: str, position: int) -> bool:
    return position >= 0 and (query[position].isalnum() or query[position] == "_")


def _comment_end(query: str, position: int) -> int:
    depth, index = 0, position
    while index < len(query):
        pair = query[index : index + 2]
        if pair == "/*":
            depth, index = depth + 1, index + 2
        elif pair == "*/":
            depth, index = depth - 1, index + 2
            if depth == 0:
                return index
        else:
            index += 1
    return len(query)


def _unknown(what: str) -> Exception:
    return failure("unknown_parameter", f"the query names the parameter {what}, which has no value",
                   remedy="Give it in queryParameters.")  # fmt: skip


def single(query: str) -> str:
    """A query without what follows it: blanks and semicolons."""
    text = query.rstrip().rstrip("; \t\r\n")
    if not text:
        raise failure("invalid_query", "the query is empty")
    return text


def create_table(table: str, columns: Mapping[str, str], keys: Sequence[str] = (), *, temporary: bool = False) -> str:
    parts = [f"{quote(name)} {kind}" for name, kind in columns.items()]
    if keys:
        parts.append(f"PRIMARY KEY ({names(keys)})")
    return f"CREATE {'TEMPORARY ' if temporary else ''}TABLE {table} ({', '.join(parts)})"


def names(columns: Sequence[str], prefix: str = "") -> str:
    return ", ".join(prefix + quote(column) for column in columns)


@dataclass(frozen=True, slots=True)
class Staged:
    """Statements that move rows from a staging table into a target. `values` gives the SQL of each column
    read from the staging table, cast to the target's type. All names are quoted here."""

    target: str
    staging: str
    values: Mapping[str, str]
    keys: tuple[str, ...] = ()

    @property
    def _rest(self) -> list[str]:
        return [name for name in self.values if name not in self.keys]

    @property
    def source(self) -> str:
        """The staged rows with the target's types, the last one of each key."""
        columns = ", ".join(f"{value} AS {quote(name)}" for name, value in self.values.items())
        if not self.keys:
            return f"(SELECT {columns} FROM {self.staging} ORDER BY {quote(ROW)})"
        latest = f"row_number() OVER (PARTITION BY {names(self.keys)} ORDER BY {quote(ROW)} DESC)"
        return (
            f"(SELECT {columns} FROM (SELECT *, {latest} AS {quote('__uzo_nth')} FROM {self.staging}) AS ranked "
            f"WHERE {quote('__uzo_nth')} = 1)"
        )

    def _same_key(self, left: str, right: str) -> str:
        return " AND ".join(f"{left}.{quote(key)} = {right}.{quote(key)}" for key in self.keys)

    def null_keys(self) -> str:
        """How many staged rows have no whole key."""
        return f"SELECT count(*) FROM {self.staging} WHERE " + " OR ".join(f"{quote(k)} IS NULL" for k in self.keys)

    def insert(self) -> str:
        return (
            f"INSERT INTO {self.target} ({names(list(self.values))}) SELECT * FROM {self.source} AS staged WHERE true"
        )

    def insert_or_update(self) -> str:
        """Upsert where a unique index on the keys arbitrates."""
        change = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in self._rest)
        action = f"DO UPDATE SET {change}" if change else "DO NOTHING"
        return f"{self.insert()} ON CONFLICT ({names(self.keys)}) {action}"

    def update(self) -> str:
        change = ", ".join(f"{quote(name)} = staged.{quote(name)}" for name in self._rest)
        where = self._same_key("target", "staged")
        return f"UPDATE {self.target} AS target SET {change} FROM {self.source} AS staged WHERE {where}"

    def insert_missing(self) -> str:
        return (
            f"INSERT INTO {self.target} ({names(list(self.values))}) SELECT {names(list(self.values), 'staged.')} "
            f"FROM {self.source} AS staged WHERE NOT EXISTS "
            f"(SELECT 1 FROM {self.target} AS target WHERE {self._same_key('target', 'staged')})"
        )

    def delete(self) -> str:
        return (
            f"DELETE FROM {self.target} AS target WHERE EXISTS "
            f"(SELECT 1 FROM {self.source} AS staged WHERE {self._same_key('target', 'staged')})"
        )
