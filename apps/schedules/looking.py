"""One look of a scheduler: what is due in any tenant is claimed and started.

Any number of schedulers may look at once, with clocks that differ: what is due is said by PostgreSQL's clock,
and a claim is made once (`services.firing`). One look does a bounded amount of work; the next goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import DatabaseError, connection
from django_tenants.utils import schema_context
from psycopg import sql

from apps.executions.models import JobRun
from apps.executions.tenancy import active_schemas
from apps.kernel.errors import UzoError
from apps.schedules.models import Backfill, Fire, Schedule, TriggerFire
from apps.schedules.services.backfills import advance_backfill
from apps.schedules.services.firing import claim_due, start_pending
from apps.schedules.services.triggers import start_trigger_fire

logger = logging.getLogger(__name__)
PER_TENANT, PER_LOOK = 50, 500
"""Things of one tenant, and of all, that one look takes on: no tenant keeps another waiting."""
_SCHEMAS_A_QUERY = 50

_DUE = """(select 'due', {name}, id from {schedule}
  where deleted_at is null and next_fire_at <= statement_timestamp() order by next_fire_at limit {limit})"""
_PENDING = """(select 'pending', {name}, schedule_id from (
  select f.schedule_id, min(f.scheduled_at) as at from {fire} f join {schedule} s on s.id = f.schedule_id
  where f.status = 'pending' and f.backfill_id is null and (s.overlap = 'allow' or s.overlap = 'skip' and not f.late
    or not exists (select from {job_run} r join {fire} e on e.job_run_id = r.id
      where r.status in ('queued', 'running') and e.schedule_id = f.schedule_id and e.backfill_id is null))
  group by 1 order by 2 limit {limit}) as waiting)"""
_BACKFILL = """(select 'backfill', {name}, id from {backfill}
  where status = 'running' order by created_at limit {limit})"""
_TRIGGER = """(select 'trigger', {name}, id from {trigger_fire}
  where status = 'pending' order by created_at limit {limit})"""
_TABLES = {
    "schedule": Schedule, "fire": Fire, "backfill": Backfill, "trigger_fire": TriggerFire, "job_run": JobRun,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    what: str
    schema: str
    id: UUID

    def act(self) -> None:
        match self.what:
            case "due":
                if claim_due(schedule_id=self.id):
                    start_pending(schedule_id=self.id)
            case "pending":
                start_pending(schedule_id=self.id)
            case "backfill":
                advance_backfill(backfill_id=self.id)
            case "trigger":
                start_trigger_fire(fire_id=self.id)


def look() -> int:
    """Take on all that is due; answers how many things. What fails is logged, and taken on again."""
    found = _find(active_schemas())
    for each in found:
        _carefully(each.schema, each.act)
    return len(found)


def _carefully(schema: str, act: Callable[[], None]) -> None:
    with schema_context(schema):
        try:
            act()
        except (UzoError, DatabaseError) as error:
            logger.warning("%s: a scheduler's work is left for the next look: %s", schema, error)


def _find(schemas: list[str]) -> list[Found]:
    rows: list[tuple[str, str, UUID]] = []
    for start in range(0, len(schemas), _SCHEMAS_A_QUERY):
        parts = [
            sql.SQL(part).format(**_names(schema))
            for schema in schemas[start : start + _SCHEMAS_A_QUERY]
            for part in (_DUE, _PENDING, _BACKFILL, _TRIGGER)
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(" union all ").join(parts))
            rows += cursor.fetchall()
    return _fairly([Found(*row) for row in rows])


def _names(schema: str) -> Mapping[str, sql.Composable]:
    tables = {name: sql.Identifier(schema, model._meta.db_table) for name, model in _TABLES.items()}
    return {**tables, "name": sql.Literal(schema), "limit": sql.Literal(PER_TENANT)}


def _fairly(found: list[Found]) -> list[Found]:
    """The first of each tenant and kind, then the second of each, up to the limit of one look."""
    turns: dict[tuple[str, str], int] = {}
    order = partial(_next_turn, turns)
    return sorted(found, key=order)[:PER_LOOK]


def _next_turn(turns: dict[tuple[str, str], int], each: Found) -> int:
    key = each.schema, each.what
    turns[key] = turns.get(key, 0) + 1
    return turns[key]
