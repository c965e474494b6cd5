"""Exactly once: a mark of each write, in the target's own transaction.

A worker may die after the target has committed and before UZO knows. Whoever runs the write again finds
its mark and writes nothing; one that still is at work on it makes the other wait. The marks lie in a small
table beside the target. Where the account may not make it, writes are at least once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

from apps.connectors.sdk.sql import quote

TABLE: Final = "uzo_stage_commits"
_KEPT: Final = "7 days"
_USABLE: Final = """
    SELECT has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
       AND has_table_privilege(oid, 'UPDATE') FROM CAST(to_regclass(%s) AS oid) AS oid
"""
_CLEARED: Final = 0.02
"""How often a write also removes old marks."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one schema, for the write of one key."""

    schema: str
    key: str

    @property
    def table(self) -> str:
        return f"{quote(self.schema)}.{quote(TABLE)}"

    def claim(self, cursor: Any) -> tuple[int, int] | None:
        """Mark the write in the cursor's transaction; rows and changed rows of an earlier one that has been
        committed, None where this is the first. Waits while another transaction holds the same mark."""
        cursor.execute(f"INSERT INTO {self.table} (key) VALUES ($1) ON CONFLICT DO NOTHING RETURNING key", [self.key])
        if cursor.fetchone() is not None:
            return None
        cursor.execute(f"SELECT row_count, affected FROM {self.table} WHERE key = $1", [self.key])
        found = cursor.fetchone()
        return (0, 0) if found is None else (int(found[0]), int(found[1]))

    def settle(self, cursor: Any, *, rows: int, affected: int) -> None:
        """Note what the write did, for whoever comes again."""
        cursor.execute(
            f"UPDATE {self.table} SET row_count = {int(rows)}, affected = {int(affected)} WHERE key = $1", [self.key]
        )


def prepare(connection: Any, schema: str, key: str) -> Marks | None:
    """The marks of a schema, their table made if it is not there; None where the account may not make it.
    Uses a psycopg connection outside the write's transaction, and ends what it has begun there."""
    import psycopg

    marks = Marks(schema, key)
    with connection.cursor() as cursor:
        cursor.execute(_USABLE, [marks.table])
        [usable] = cursor.fetchone()
        try:
            if usable is None:
                cursor.execute(
                    f"CREATE TABLE {marks.table} (key text PRIMARY KEY, row_count bigint NOT NULL DEFAULT 0, "
                    "affected bigint NOT NULL DEFAULT 0, committed_at timestamptz NOT NULL DEFAULT now())"
                )
                cursor.execute(f"CREATE INDEX ON {marks.table} (committed_at)")
                usable = True
            elif usable and random.random() < _CLEARED:  # noqa: S311 - nobody gains from guessing it
                cursor.execute(f"DELETE FROM {marks.table} WHERE committed_at < now() - interval '{_KEPT}'")
            connection.commit()
        except (psycopg.errors.DuplicateTable, psycopg.errors.UniqueViolation):
            connection.rollback()  # another write has made it in this moment
            usable = True
        except psycopg.errors.InsufficientPrivilege:
            connection.rollback()
            usable = usable is True  # it is there; only clearing it is not allowed
    return marks if usable else None
