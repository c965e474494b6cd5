"""What is kept for a time only: rows of runs, previews, what nobody needs. Call it in a tenant's schema."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from apps.executions import references
from apps.executions.core.collecting import Collected, collect, collect_leftovers
from apps.executions.core.states import OVER
from apps.executions.models import NodePreview, SourceSample, StoredOutput, WorkflowExecution
from apps.executions.object_store import objects
from apps.executions.store import whole_store
from apps.kernel import clock
from apps.kernel.connections import connection

_BATCH = 500
_PREVIEWS_KEPT = timedelta(days=1)


def remove_old_rows() -> int:
    """Give up the datasets of runs that ended before the retention; answers how many runs lost theirs. Their
    history stays: reading rows answers 410 from then on. Those of a run whose parent is not over stay, since the
    parent has yet to take them over."""
    before = clock.now() - timedelta(days=settings.RUN_RETENTION_DAYS)
    old = WorkflowExecution.objects.filter(status__in=OVER, finished_at__lt=before, data_removed_at=None)
    old = old.filter(Q(parent=None) | Q(parent__status__in=OVER))
    ids = list(old.order_by("finished_at").values_list("pk", flat=True)[:_BATCH])
    for id in ids:
        # The row first: who reads in between is told that the rows are gone, never finds half of them.
        WorkflowExecution.objects.filter(pk=id).update(data_removed_at=clock.now())
        whole_store().delete_execution(connection.schema_name, str(id))
    return len(ids)


def remove_old_previews() -> int:
    """Remove previews that nobody has looked at for a day and that are no node's last one, and samples and
    outputs that were kept to make the next one quick."""
    before = clock.now() - _PREVIEWS_KEPT
    SourceSample.objects.filter(at__lt=before).delete()
    StoredOutput.objects.filter(at__lt=before).delete()
    last = NodePreview.objects.values("execution_id")
    old = WorkflowExecution.objects.filter(
        kind=WorkflowExecution.Kind.PREVIEW, status__in=OVER, finished_at__lt=before
    ).exclude(pk__in=last)
    ids = list(old.values_list("pk", flat=True)[:_BATCH])
    for id in ids:
        WorkflowExecution.objects.filter(pk=id).delete()
        whole_store().delete_execution(connection.schema_name, str(id))
    return len(ids)


def collect_garbage() -> Collected:
    """Remove files that nobody refers to and nobody can be about to refer to; answers what was removed."""
    now = clock.now()
    grace = timedelta(seconds=settings.EXECUTION_TIME_LIMIT_SECONDS) + timedelta(hours=1)
    files, tenant = objects(), connection.schema_name
    collect_leftovers(files, tenant, before=now - grace, needed=references.living)
    return collect(files, tenant, now=now, grace=grace, needed=references.needed)
