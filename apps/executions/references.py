"""Who needs which shared file of the run store. Call it in a tenant's schema."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection
from psycopg import sql

from apps.executions.core.dataset import Dataset
from apps.executions.core.store import is_shared
from apps.executions.models import ObjectReference, SourceSample, StoredOutput, WorkflowExecution

_HOLD = (
    sql.SQL("insert into {} (execution_id, name) select %s, unnest(%s::text[]) on conflict do nothing")
    .format(sql.Identifier(ObjectReference._meta.db_table))
    .as_string(None)
)


def hold(execution_id: UUID, datasets: Iterable[Dataset]) -> None:
    """Keep the files of these datasets as long as the execution has its rows. Call it in the transaction that
    makes them true."""
    names = {dataset.path for dataset in datasets if is_shared(dataset.path)}
    if names:
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [execution_id, sorted(names)])


def needed(names: Collection[str]) -> set[str]:
    """Those of the files that somebody needs."""
    held = ObjectReference.objects.filter(name__in=names, execution__data_removed_at=None)
    found = set(held.values_list("name", flat=True))
    found.update(StoredOutput.objects.filter(name__in=names).values_list("name", flat=True))
    found.update(SourceSample.objects.filter(dataset__path__in=list(names)).values_list("dataset__path", flat=True))
    return found


def holders() -> int:
    """How many executions have rows in the run store."""
    return ObjectReference.objects.filter(execution__data_removed_at=None).values("execution").distinct().count()


def living(ids: Collection[str]) -> set[str]:
    """Those of the ids of executions that have a row whose data was not removed; what is no id has none."""
    known = {str(id): name for name in ids if (id := _identifier(name)) is not None}
    found = WorkflowExecution.objects.filter(pk__in=list(known), data_removed_at=None).values_list("pk", flat=True)
    return {known[str(pk)] for pk in found}


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
