"""A tenant's schema is a copy of one that was migrated: here the two are compared, as the server describes them."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import schema_context

from apps.tenants.services import schemas

DESCRIBED = """
select 'column', c.relname::text, a.attname::text,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attidentity::text,
                 a.attgenerated::text, a.attcollation::regcollation::text, pg_get_expr(d.adbin, d.adrelid))
from pg_class c join pg_attribute a on a.attrelid = c.oid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = %(schema)s::regnamespace and c.relkind <> 'i' and a.attnum > 0 and not a.attisdropped
union all
select 'constraint', conrelid::regclass::text, conname::text,
       concat(pg_get_constraintdef(oid), condeferrable, convalidated)
from pg_constraint where connamespace = %(schema)s::regnamespace
union all
select 'index', tablename::text, indexname::text, indexdef from pg_indexes where schemaname = %(schema)s
union all
select 'sequence', d.refobjid::regclass::text, c.relname::text, concat(d.refobjsubid, d.deptype)
from pg_depend d join pg_class c on c.oid = d.objid
where c.relkind = 'S' and c.relnamespace = %(schema)s::regnamespace and d.refclassid = 'pg_class'::regclass
union all
select 'trigger', tgrelid::regclass::text, tgname::text, pg_get_triggerdef(t.oid)
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = %(schema)s::regnamespace and not tgisinternal
"""


def described(schema: str) -> set[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(DESCRIBED, {"schema": schema})
        return {tuple(_plain(text.replace(f"{schema}.", "")) for text in row) for row in cursor.fetchall()}


def _plain(definition: str) -> str:
    """Without the casts of a condition, which the server writes in other places after it has read its own words."""
    return re.sub(r"[()]|::(text|character varying)(\[\])?", "", definition)


def test_a_copied_schema_is_as_a_migrated_one(tenant: Any) -> None:
    migrated = described(schemas.TEMPLATE)
    assert {kind for kind, *_ in migrated} == {"column", "constraint", "index", "sequence"}
    assert described(tenant.schema_name) == migrated


def test_a_number_that_a_tenant_gives_is_behind_those_that_were_copied(tenant: Any) -> None:
    from django.contrib.contenttypes.models import ContentType

    copied = max(ContentType.objects.values_list("pk", flat=True))
    assert ContentType.objects.create(app_label="harbour", model="buoy").pk > copied


def test_a_template_that_an_upgrade_left_behind_is_migrated_before_it_is_copied(tenant: Any) -> None:
    current = described(schemas.TEMPLATE)
    with schema_context(schemas.TEMPLATE), connection.cursor() as cursor:
        for table in ("workflows_workflow", "workflows_historicalworkflow"):
            cursor.execute(f"alter table {table} drop column timeout, drop column max_concurrent_executions")
        MigrationRecorder(connection).record_unapplied("workflows", "0006_limits")
    connection.set_schema_to_public()
    schemas.build_schema("t_after_the_upgrade")
    assert described("t_after_the_upgrade") == current
