"""Tables, columns and keys from PostgreSQL's catalog."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from apps.connectors.catalog.postgresql import markers
from apps.connectors.catalog.postgresql.column_types import SourceType
from apps.connectors.sdk.errors import failure
from apps.connectors.sdk.requests import ForeignKey, Table
from apps.connectors.sdk.sql import TableName
from apps.nodes.columns import Column, Schema

MAX_COLUMNS: Final = 50_000

_TYPE: Final = """
    coalesce(base.typname, t.typname), coalesce(base.typtype, t.typtype),
    CASE WHEN base.oid IS NULL THEN {modifier} ELSE t.typtypmod END,
    element.typname, element.typtype
"""
_TYPE_JOINS: Final = """
    JOIN pg_catalog.pg_type t ON t.oid = {oid}
    LEFT JOIN pg_catalog.pg_type base ON t.typtype = 'd' AND base.oid = t.typbasetype
    LEFT JOIN pg_catalog.pg_type element
        ON element.oid = coalesce(base.typelem, t.typelem) AND coalesce(base.typcategory, t.typcategory) = 'A'
"""
_COLUMNS: Final = f"""
    SELECT n.nspname, c.relname, a.attname, {_TYPE.format(modifier="a.atttypmod")},
           a.attnotnull, a.attgenerated <> '', pg_catalog.format_type(a.atttypid, a.atttypmod),
           greatest(c.reltuples, 0)::bigint, a.attnum = ANY(key.indkey::int2[]),
           array_position(key.indkey::int2[], a.attnum), c.oid
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    {_TYPE_JOINS.format(oid="a.atttypid")}
    LEFT JOIN pg_catalog.pg_index key ON key.indrelid = c.oid AND key.indisprimary
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {{chosen}}
    ORDER BY n.nspname, c.relname, a.attnum
    LIMIT {MAX_COLUMNS}
"""
_ALL: Final = _COLUMNS.format(
    chosen="n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
    f" AND c.relname <> '{markers.TABLE}' AND pg_catalog.has_table_privilege(c.oid, 'SELECT')"
)
_ONE: Final = _COLUMNS.format(chosen="c.oid = pg_catalog.to_regclass(%s)")
_FOREIGN_KEYS: Final = """
    SELECT k.conrelid, n.nspname, c.relname,
           (SELECT array_agg(a.attname ORDER BY part.place) FROM unnest(k.conkey) WITH ORDINALITY part(number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.number)::text[],
           (SELECT array_agg(a.attname ORDER BY part.place) FROM unnest(k.confkey) WITH ORDINALITY part(number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = part.number)::text[]
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype = 'f' AND k.conrelid = ANY(%s::oid[])
    ORDER BY k.conrelid, k.conname
"""
_TYPES: Final = f"""
    SELECT asked.place, {_TYPE.format(modifier="asked.modifier")}, pg_catalog.format_type(asked.oid, NULL)
    FROM unnest(%s::oid[], %s::int4[]) WITH ORDINALITY AS asked(oid, modifier, place)
    {_TYPE_JOINS.format(oid="asked.oid")}
    ORDER BY asked.place
"""


@dataclass(frozen=True, slots=True)
class ColumnOf:
    """A column and what writing must know: its type as SQL spells it, and whether it can be written."""

    column: Column
    source: SourceType
    sql_type: str
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    schema: str
    name: str
    columns: tuple[ColumnOf, ...]
    keys: tuple[str, ...]
    rows: int
    oid: int
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def spelled(self) -> str:
        """The name as discovery spells it: the schema is left out where it is `public`."""
        return spelled(self.schema, self.name)

    @property
    def table(self) -> TableName:
        return TableName(self.schema, self.name)

    def as_table(self, name: str) -> Table:
        schema = Schema(tuple(item.column for item in self.columns))
        return Table(name, schema, self.keys, self.rows, self.foreign_keys)


def spelled(schema: str, name: str) -> str:
    return name if schema == "public" else f"{schema}.{name}"


def relations(cursor: Any) -> list[Relation]:
    """Every table and view that the user may read, without the system's own."""
    cursor.execute(_ALL)
    return _gather(cursor.fetchall())


def relation(cursor: Any, table: TableName) -> Relation | None:
    """One table or view, found as a query would find it; None if there is none."""
    cursor.execute(_ONE, [table.sql])
    found = _gather(cursor.fetchall())
    return found[0] if found else None


def with_foreign_keys(cursor: Any, found: Sequence[Relation]) -> list[Relation]:
    """The same relations and where they lead: for people, so that writes need not ask."""
    cursor.execute(_FOREIGN_KEYS, [[item.oid for item in found]])
    leading: dict[int, tuple[ForeignKey, ...]] = {}
    for oid, schema, name, columns, referenced in cursor.fetchall():
        key = ForeignKey(tuple(columns), spelled(schema, name), tuple(referenced))
        leading[oid] = (*leading.get(oid, ()), key)
    return [replace(item, foreign_keys=leading.get(item.oid, ())) for item in found]


def require(cursor: Any, table: TableName) -> Relation:
    found = relation(cursor, table)
    if found is None:
        raise failure("unknown_table", f"there is no table {table.sql}")
    return found


def _gather(rows: Sequence[Any]) -> list[Relation]:
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row[-1], []).append(row)
    return [_relation(group) for group in grouped.values()]


def _relation(rows: list[Any]) -> Relation:
    columns, keys = [], []
    for row in rows:
        source = SourceType(*row[3:8])
        columns.append(ColumnOf(Column(row[2], source.data_type, not row[8]), source, row[10], row[9]))
        if row[12]:
            keys.append((row[13], row[2]))
    first = rows[0]
    return Relation(first[0], first[1], tuple(columns), tuple(name for _, name in sorted(keys)), first[11], first[14])


def types(cursor: Any, oids: Sequence[int], modifiers: Sequence[int]) -> list[tuple[SourceType, str]]:
    """Types by oid and modifier, each with the name by which SQL casts to it."""
    if not oids:
        return []
    cursor.execute(_TYPES, [list(oids), list(modifiers)])
    return [(SourceType(*row[1:6]), row[6]) for row in cursor.fetchall()]


def plan_of(cursor: Any, statement: str) -> dict[str, Any]:
    """How the planner would run a statement, as EXPLAIN tells it."""
    cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode())
    [told] = cursor.fetchone()
    plan: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return plan


def unique_on(cursor: Any, found: Relation, keys: Sequence[str]) -> bool:
    """Whether a unique index covers exactly these columns, so that ON CONFLICT can lean on it."""
    cursor.execute(
        """
        SELECT array_agg(a.attname ORDER BY a.attname)::text[]
        FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a
          ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey::int2[])
        WHERE i.indrelid = %s AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indimmediate
        GROUP BY i.indexrelid
        """,
        [found.oid],
    )
    return any(sorted(row[0]) == sorted(keys) for row in cursor.fetchall())
