"""Reading the audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from apps.accounts import access
from apps.accounts.models import Group, Role, User
from apps.audit.models import AuditEntry
from apps.kernel.connections import connection

# Hops from one action to the next in the index: a DISTINCT would read every line of the log.
_ACTIONS = """
WITH RECURSIVE known AS (
    (SELECT action FROM {table} ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (SELECT action FROM {table} WHERE action > known.action ORDER BY action LIMIT 1)
    FROM known WHERE known.action IS NOT NULL
)
SELECT action FROM known WHERE action IS NOT NULL
"""


def actions() -> list[str]:
    """Every action that the log of the present tenant speaks of, sorted; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS.format(table=AuditEntry._meta.db_table))
        return [row[0] for row in cursor.fetchall()]


def names_now(entries: Iterable[AuditEntry]) -> dict[UUID, str]:
    """Id of an object → its name today, for entries that tell none; a query for each kind among them."""
    nameless: dict[str, set[UUID]] = defaultdict(set)
    for entry in entries:
        if not entry.object_name and entry.object_id is not None:
            nameless[entry.object_type].add(entry.object_id)
    found: dict[UUID, str] = {}
    for kind, ids in nameless.items():
        found.update(_names(kind, ids))
    return found


def _names(kind: str, ids: set[UUID]) -> Iterable[tuple[UUID, str]]:
    if kind == "user":
        return User.objects.filter(pk__in=ids).values_list("pk", "email")
    if kind == "group":
        return Group.objects.filter(pk__in=ids).values_list("pk", "name")
    if kind == "role":
        return Role.objects.filter(pk__in=ids).values_list("pk", "name")
    if kind in access.kind_names():
        return access.kind_named(kind).model._base_manager.filter(pk__in=ids).values_list("pk", "name")
    return ()
