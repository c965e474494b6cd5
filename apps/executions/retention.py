"""What is kept for a time only: rows of runs, previews, logs of what is gone. Call it in a tenant's schema."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from apps.executions.core.states import OVER
from apps.executions.core.store import RunStore
from apps.executions.models import NodePreview, SourceSample, WorkflowExecution
from apps.kernel import clock
from apps.kernel.connections import connection

_BATCH = 500
_PREVIEWS_KEPT = timedelta(days=1)


def remove_old_rows() -> int:
    """Remove the datasets of runs that ended before the retention; answers how many runs lost theirs.
    Their history stays: reading rows answers 410 from then on."""
    store = RunStore(settings.RUN_STORE)
    before = clock.now() - timedelta(days=settings.RUN_RETENTION_DAYS)
    old = WorkflowExecution.objects.filter(status__in=OVER, finished_at__lt=before, data_removed_at=None)
    # A run from a node on reads rows of the run that it repeats.
    repeated = WorkflowExecution.objects.filter(retry_of=OuterRef("pk"), data_removed_at=None)
    old = old.exclude(Exists(repeated))
    ids = list(old.order_by("finished_at").values_list("pk", flat=True)[:_BATCH])
    for id in ids:
        # The row first: who reads in between is told that the rows are gone, never finds half of them.
        WorkflowExecution.objects.filter(pk=id).update(data_removed_at=clock.now())
        store.delete_execution(connection.schema_name, str(id))
    return len(ids)


def remove_old_previews() -> int:
    """Remove previews that nobody has looked at for a day and that are no node's last one."""
    store = RunStore(settings.RUN_STORE)
    last = NodePreview.objects.values("execution_id")
    old = WorkflowExecution.objects.filter(
        kind=WorkflowExecution.Kind.PREVIEW, status__in=OVER, finished_at__lt=clock.now() - _PREVIEWS_KEPT
    ).exclude(pk__in=last)
    ids = list(old.values_list("pk", flat=True)[:_BATCH])
    for id in ids:
        SourceSample.objects.filter(dataset__path__contains=str(id)).delete()
        WorkflowExecution.objects.filter(pk=id).delete()
        store.delete_execution(connection.schema_name, str(id))
    return len(ids)
